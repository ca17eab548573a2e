// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTLuaBridge
internal import VTLuaTooling
internal import VTRuntime
internal import VTSystem

// Standard input is a field below the cell, which the user fills in: `io.read`, `io.lines`, and the
// methods of `io.stdin` ask for one line at a time. It never ends.

extension NotebookKernel {
    func redirectInput(_ lua: borrowing Lua) throws {
        let files = try StandardFiles(lua)
        try files.replaceMethod("read", lua) { [unowned self] original, lua in
            guard try files.is(files.input, at: 1, lua) else { return try lua.pass(to: original) }
            return try read(formatsFrom: 2, lua)
        }
        try files.replaceMethod("lines", lua) { [unowned self] original, lua in
            guard try files.is(files.input, at: 1, lua) else { return try lua.pass(to: original) }
            return try pushLines(formatsFrom: 2, lua)
        }
        try lua.pushLoaded("io")
        defer { lua.pop() }
        try lua.pushRawField("input", of: -1)
        let current = try lua.takeReference()
        try replace("read", lua) { [unowned self] original, lua in
            try lua.push(current)
            try lua.call(results: 1)
            let isStandard = try files.is(files.input, at: -1, lua)
            lua.pop()
            return isStandard ? try read(formatsFrom: 1, lua) : try lua.pass(to: original)
        }
        try replace("lines", lua) { [unowned self] original, lua in
            guard lua.isNil(at: 1) else { return try lua.pass(to: original) }
            try lua.push(current)
            try lua.call(results: 1)
            let isStandard = try files.is(files.input, at: -1, lua)
            lua.pop()
            return isStandard ? try pushLines(formatsFrom: 2, lua) : try lua.pass(to: original)
        }
    }

    private func replace(
        _ name: String, _ lua: borrowing Lua,
        by body: @escaping (LuaReference, borrowing Lua) throws -> LuaReturn
    ) throws {
        try lua.pushRawField(name, of: -1)
        let original = try lua.takeReference()
        try lua.pushConfined { lua in try body(original, lua) }
        try lua.setRawField(name, of: -2)
    }

    private enum Format {
        case line, lineWithEnd, number, all
        case bytes(Int)
    }

    private func formats(from first: Int, _ lua: borrowing Lua) throws -> [Format] {
        if lua.top < first { return [.line] }
        return try (first...lua.top).map { index in
            if let count = lua.integer(at: index) { return .bytes(max(0, count)) }
            switch lua.string(at: index)?.drop(while: { $0 == "*" }).first {
            case "l": return .line
            case "L": return .lineWithEnd
            case "n": return .number
            case "a": return .all
            default: throw lua.argumentError(index, "invalid format")
            }
        }
    }

    private func read(formatsFrom first: Int, _ lua: borrowing Lua) throws -> LuaReturn {
        let formats = try formats(from: first, lua)
        for format in formats { try push(format, lua) }
        return .values(formats.count)
    }

    /// Pushes a function that returns a line at each call.
    private func pushLines(formatsFrom first: Int, _ lua: borrowing Lua) throws -> LuaReturn {
        let formats = try formats(from: first, lua)
        try lua.pushConfined { [unowned self] lua in
            for format in formats { try push(format, lua) }
            return .values(formats.count)
        }
        return 1
    }

    private func push(_ format: Format, _ lua: borrowing Lua) throws {
        switch format {
        case .line, .lineWithEnd, .number:
            if typed.isEmpty { try ask(lua) }
            let end = typed.firstIndex(of: UInt8(ascii: "\n")) ?? typed.endIndex - 1
            var line = Array(typed[...end])
            typed.removeFirst(line.count)
            if case .lineWithEnd = format { return try push(line, lua) }
            line.removeLast()
            try push(line, lua)
            guard case .number = format else { return }
            if let number = lua.toInteger(at: -1) {
                lua.pop()
                try lua.push(number)
            } else if let number = lua.toNumber(at: -1) {
                lua.pop()
                try lua.push(number)
            } else {
                lua.pop()
                try lua.pushNil()
            }
        case .all:
            if typed.isEmpty { try ask(lua) }
            try push(typed, lua)
            typed = []
        case .bytes(let count):
            if typed.isEmpty { try ask(lua) }
            let part = Array(typed.prefix(count))
            typed.removeFirst(part.count)
            try push(part, lua)
        }
    }

    private func push(_ bytes: [UInt8], _ lua: borrowing Lua) throws {
        try bytes.withUnsafeBytes { try lua.push(bytes: $0) }
    }

    /// Asks for a line and waits for it.
    private func ask(_ lua: borrowing Lua) throws {
        guard let request else { throw lua.error("no input available: no cell is running") }
        guard request.message.content["allow_stdin"].bool ?? true else {
            throw lua.error(
                "no input available: the notebook is running non-interactively")
        }
        flush()
        mailbox.ask(request, prompt: "")
        while true {
            try lua.checkCancellation()
            if let line = mailbox.answer() {
                typed += Array(line.utf8) + [UInt8(ascii: "\n")]
                return
            }
        }
    }
}
