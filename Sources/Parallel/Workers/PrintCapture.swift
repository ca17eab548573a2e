// SPDX-License-Identifier: BSD-3-Clause

internal import CParallel
internal import LuaBridge

/// Keeps what a worker's `print` and `io.write` write, so that it comes back with the task.
///
/// `io.write` to another file than standard output goes there.
final class PrintCapture {
    private var bytes: [UInt8] = []
    /// Set while there is something: the run of tasks pauses, so that it is told whose it is.
    let attention = UnsafeMutablePointer<Bool>.allocate(capacity: 1)

    /// Beyond this many bytes what a task prints is not kept.
    private static let limit = 1 << 20

    init(_ lua: borrowing Lua) throws {
        attention.initialize(to: false)
        try lua.pushConfined { [unowned self] lua in
            for index in 1..<(lua.top + 1) {
                if index > 1 { add("\t".utf8) }
                try lua.withText(at: index) { add($0) }
            }
            add("\n".utf8)
            return 0
        }
        try lua.setGlobal("print")
        try replaceWrite(lua)
    }

    deinit { attention.deallocate() }

    var isHolding: Bool { attention.pointee }

    func take() -> [UInt8] {
        attention.pointee = false
        defer { bytes = [] }
        return bytes
    }

    private func add(_ more: some Collection<UInt8>) {
        attention.pointee = true
        bytes.append(contentsOf: more.prefix(max(0, Self.limit - bytes.count)))
    }

    private func replaceWrite(_ lua: borrowing Lua) throws {
        try lua.pushGlobal("io")
        guard lua.type(at: -1) == .table else { return lua.pop() }
        defer { lua.pop() }
        try lua.pushRawField("write", of: -1)
        let write = try lua.takeReference()
        try lua.pushRawField("output", of: -1)
        let output = try lua.takeReference()
        try lua.pushRawField("stdout", of: -1)
        let standard = try lua.takeReference()
        try lua.pushConfined { [unowned self] lua in
            let arguments = lua.top
            try lua.push(output)
            try lua.call(results: 1)
            try lua.push(standard)
            guard lua.rawEqual(-1, -2) else {
                try lua.setTop(arguments)
                try lua.push(write)
                lua.insert(at: 1)
                try lua.call(arguments: arguments, results: nil)
                return .values(lua.top)
            }
            for index in 1..<(arguments + 1) {
                guard lua.type(at: index) == .string || lua.type(at: index) == .number else {
                    throw lua.argumentError(
                        index, "string expected, got \(lua.typeName(at: index))")
                }
                try lua.withText(at: index) { add($0) }
            }
            return 1
        }
        try lua.setRawField("write", of: -2)
    }
}

extension Lua {
    /// Lends the bytes of what `tostring` makes of a value.
    func withText(at index: Int, _ body: (UnsafeRawBufferPointer) -> Void) throws {
        try pushValue(at: index)
        try convertToString()
        defer { pop() }
        withBytes(at: -1, body)
    }
}
