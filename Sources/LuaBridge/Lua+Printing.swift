// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

extension Lua {
    /// Receives the bytes that a script writes to standard output.
    package typealias PrintSink = (UnsafeRawBufferPointer) -> Void

    /// Replaces `print` and `io.write` by functions that pass standard output to the sink that
    /// `sink` returns. If it returns nil, they behave as before.
    ///
    /// Output to `io.stdout` itself, or by C functions, is not redirected.
    package func redirectPrint(_ sink: @escaping () -> PrintSink?) throws {
        try redirectPrintItself(sink)
        try redirectWrite(sink)
    }

    private func redirectPrintItself(_ sink: @escaping () -> PrintSink?) throws {
        try pushGlobal("print")
        if isNil(at: -1) { return pop() }
        let print = try takeReference()
        try pushConfined { lua in
            guard let sink = sink() else { return try lua.pass(to: print) }
            for index in 1..<(lua.top + 1) {
                if index > 1 { write("\t", to: sink) }
                try lua.withText(at: index, sink)
            }
            write("\n", to: sink)
            return 0
        }
        try setGlobal("print")
    }

    private func redirectWrite(_ sink: @escaping () -> PrintSink?) throws {
        try pushLoaded("io")
        defer { pop() }
        guard type(at: -1) == .table else { return }
        try pushRawField("write", of: -1)
        let write = try takeReference()
        try push("_IO_output")  // the key of the default output in the registry
        let output = try takeReference()
        try pushRawField("stdout", of: -1)
        let standard = try takeReference()
        try pushConfined { lua in
            guard let sink = sink() else { return try lua.pass(to: write) }
            let arguments = lua.top
            try lua.push(output)
            lua_rawget(lua.L, vtl_registry())
            try lua.push(standard)
            guard lua.rawEqual(-1, -2) else {  // to a file
                try lua.setTop(arguments)
                return try lua.pass(to: write)
            }
            for index in 1..<(arguments + 1) {
                guard lua.type(at: index) == .string || lua.type(at: index) == .number else {
                    throw lua.argumentError(
                        index, "string expected, got \(lua.typeName(at: index))")
                }
                try lua.withText(at: index, sink)
            }
            return 1  // the file
        }
        try setRawField("write", of: -2)
    }

    /// Calls `body` with the bytes of the value's `tostring`, a long text in pieces. The call can be
    /// stopped between two pieces.
    private func withText(at index: Int, _ body: PrintSink) throws {
        if type(at: index) == .string { return try withPieces(at: index, body) }
        try pushValue(at: index)
        try convertToString()
        defer { pop() }
        try withPieces(at: -1, body)
    }

    private static let pieceSize = 256 << 10

    private func withPieces(at index: Int, _ body: PrintSink) throws {
        _ = try withBytes(at: index) { bytes in
            if bytes.count <= Self.pieceSize { return body(bytes) }
            var rest = bytes
            while !rest.isEmpty {
                try checkCancellation()
                body(UnsafeRawBufferPointer(rebasing: rest.prefix(Self.pieceSize)))
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(Self.pieceSize))
            }
        }
    }

    /// Calls a function with all arguments of the current one, and returns its results.
    package func pass(to function: LuaReference) throws -> LuaReturn {
        let arguments = top
        try push(function)
        insert(at: 1)
        try call(arguments: arguments, results: nil)
        return .values(top)
    }
}

/// Writes a constant text.
private func write(_ text: StaticString, to sink: Lua.PrintSink) {
    sink(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
}
