// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
internal import VTJupyter
internal import VTLuaBridge
internal import VTLuaTooling
internal import VTRuntime

// What a cell writes goes to the notebook's streams.

extension NotebookKernel {
    /// Behind what C code and child processes have written so far.
    func write(_ bytes: UnsafeRawBufferPointer, to name: String) {
        output.drain(to: post)
        post.write(bytes, to: name)
        waitForRoom()
    }

    func write(_ text: String, to name: String) {
        var text = text
        text.withUTF8 { write(UnsafeRawBufferPointer($0), to: name) }
    }

    /// Who writes more than can go waits, until it has gone or the cell is interrupted.
    func waitForRoom() {
        while post.isFull, !running.isInterrupted, !post.isEnding { usleep(1000) }
    }

    /// Takes what C code and child processes have written.
    func flush() {
        flushOutput()
        output.drain(to: post)
    }

    /// Puts functions in the place of `print` and `io.write`, and of the method `write` of files.
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
        try lua.pushGlobal("io")
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

    /// "stdout" or "stderr", if the value is one of these files.
    func nameOfOutput(at index: Int, _ lua: borrowing Lua) throws -> String? {
        if try `is`(output, at: index, lua) { return "stdout" }
        return try `is`(error, at: index, lua) ? "stderr" : nil
    }

    /// Puts a function in the place of a method of files; it is given the original.
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
