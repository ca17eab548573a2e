// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTLuaBridge
internal import VTLuaTooling
internal import VTRuntime
internal import VTSystem

// The output of a cell goes to the notebook's streams.

extension NotebookKernel {
    /// Writes after the output of C code and child processes so far.
    func write(_ bytes: UnsafeRawBufferPointer, to name: String) {
        output.drain(to: mailbox)
        mailbox.write(bytes, to: name)
        waitForRoom()
    }

    func write(_ text: String, to name: String) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0), to: name) }
    }

    /// Waits while too much output is unsent, or until the cell is interrupted.
    func waitForRoom() {
        while mailbox.isFull, !running.isInterrupted, !mailbox.isEnding { usleep(1000) }
    }

    /// Forwards the output of C code and child processes.
    func flush() {
        flushOutput()
        output.drain(to: mailbox)
    }

    /// Replaces `print`, `io.write`, and the method `write` of files.
    func redirectStreams(_ lua: borrowing Lua) throws {
        try lua.execute("io.stdout:setvbuf 'line'", name: "=vtlua")
        try lua.redirectPrint { [unowned self] in { [unowned self] in write($0, to: "stdout") } }
        let files = try StandardFiles(lua)
        try files.replaceMethod("write", lua) { [unowned self] original, lua in
            guard let name = try files.nameOfOutput(at: 1, lua) else {
                return try lua.pass(to: original)
            }
            for index in 2..<(lua.top + 1) {
                guard lua.type(at: index) == .string || lua.type(at: index) == .number else {
                    throw lua.argumentError(
                        index - 1, "string expected, got \(lua.typeName(at: index))")
                }
                let text = try lua.display(at: index)
                if lua.type(at: index) == .string {
                    lua.withBytes(at: index) { write($0, to: name) }
                } else {
                    write(text, to: name)
                }
            }
            try lua.setTop(1)
            return 1
        }
    }
}

/// The three standard files of a Lua state.
struct StandardFiles {
    let input: LuaReference
    let output: LuaReference
    let error: LuaReference

    init(_ lua: borrowing Lua) throws {
        try lua.pushLoaded("io")
        defer { lua.pop() }
        func file(_ name: String) throws -> LuaReference {
            try lua.pushRawField(name, of: -1)
            return try lua.takeReference()
        }
        input = try file("stdin")
        output = try file("stdout")
        error = try file("stderr")
    }

    func `is`(_ file: LuaReference, at index: Int, _ lua: borrowing Lua) throws -> Bool {
        let index = lua.absolute(index)
        try lua.push(file)
        defer { lua.pop() }
        return lua.rawEqual(index, -1)
    }

    /// Returns "stdout" or "stderr" if the value is one of these files, else nil.
    func nameOfOutput(at index: Int, _ lua: borrowing Lua) throws -> String? {
        if try `is`(output, at: index, lua) { return "stdout" }
        return try `is`(error, at: index, lua) ? "stderr" : nil
    }

    /// Replaces a method of files. The new function receives the original one.
    func replaceMethod(
        _ name: String, _ lua: borrowing Lua,
        by body: @escaping (LuaReference, borrowing Lua) throws -> LuaReturn
    ) throws {
        let top = lua.top
        defer { try? lua.setTop(top) }
        try lua.push(output)
        guard try lua.pushMetatable(of: -1) else { return }
        try lua.pushRawField("__index", of: -1)
        guard lua.type(at: -1) == .table else { return }
        try lua.pushRawField(name, of: -1)
        let original = try lua.takeReference()
        try lua.pushConfined { lua in try body(original, lua) }
        try lua.setRawField(name, of: -2)
    }
}
