// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping
internal import VTSystem
internal import VTWorkflow

extension Workspace {
    /// Defines the global `vt`, which is also the result of `require "vt"`.
    func install(in lua: borrowing Lua) throws {
        try installSearcher(in: lua)
        try lua.pushTable(fields: 8)
        try setFunction("module", lua) { [unowned self] in try declareModule($0) }
        try setFunction("workflow", lua) { [unowned self] in try declareWorkflow($0) }
        try setFunction("compute", lua) { [unowned self] in try compute($0) }
        try setFunction("type", lua) { try Self.declareType($0) }
        try setFunction("sweep", lua) { [unowned self] in try sweep($0) }
        try addEach(lua)
        try addSystemFunctions(lua)
        try setFunction("breakpoint", lua) { [unowned self] lua in
            guard let breakpoint else {
                throw lua.error(
                    "vt.breakpoint() opens a prompt, which this program does not have; run the "
                        + "script with vtlua in a terminal, or remove the call")
            }
            try breakpoint(lua)
            return 0
        }
        try lua.addEverywhere()
        try lua.addModuleFunctions { [unowned self] in
            guard let context = interpreter.current, context !== stoppedModule else { return nil }
            return context
        } log: { [unowned self] text, _ in
            guard let context = interpreter.current, context !== stoppedModule else { return false }
            context.write(text)
            return true
        }
        // Workers have a function of this name, which the interpreter sends by name.
        try lua.push { lua in throw lua.error("vt._compute is the runtime's own") }
        try lua.setRawField("_compute", of: -2)
        try lua.setLoaded("vt")
        try parallel.install(in: lua) { lua in
            try cluster.add(to: lua)
            try lua.refuseParallel()
        }
        try lua.openShipping()
        try interpreter.regardLoadedAsFixed(lua)
        // The library belongs to the program, whose version is part of each key. Its environment holds
        // the modules that happen to be loaded.
        try StandardLibrary.pushOwnEnvironment(lua)
        try interpreter.regardAsFixed(-1, name: StandardLibrary.environmentName, lua)
        lua.pop()
        try lua.copyEnvironment()
        interpreter.accessLog.attach(to: lua)
        interpreter.makeView = { [unowned self] place, count, lua in
            try parallel.makeView(at: place, count, lua)
        }
        interpreter.findDefinition = { [unowned self] lua in
            if let name = lua.string(at: -1) {
                try pushRequired(name, lua)
                defer { lua.pop(2) }
                return try definition(at: -2, lua)
            }
            return try definition(at: -1, lua)
        }
        interpreter.findModule = { [unowned self] in try source(of: $0, $1) }
    }

    /// Adds the functions of files and programs to the table `vt` on top.
    func addSystemFunctions(_ lua: borrowing Lua) throws {
        if lua.libraries.contains(.io) {
            try setFunction("mkdir", lua) { [unowned self] in try makeDirectory($0) }
        } else {
            try lua.refuse("vt.mkdir", as: "mkdir", because: LuaLibraries.noFiles)
        }
        if lua.libraries.contains([.io, .os]) {
            try setFunction("command", lua) { lua in try lua.callLibrary("vt.command", "define") }
        } else {
            try lua.refuse("vt.command", as: "command", because: LuaLibraries.noPrograms)
        }
    }

    /// Sets a function of the table on top. Errors in a description get the line of the script that
    /// called it.
    func setFunction(
        _ name: String, _ lua: borrowing Lua,
        _ body: @escaping (borrowing Lua) throws -> LuaReturn
    ) throws {
        try lua.pushConfined { lua in try lua.blaming(level: 1) { lua in try body(lua) } }
        try lua.setRawField(name, of: -2)
    }

    /// `vt.type { name =, check =, convert = }`
    static func declareType(_ lua: borrowing Lua) throws -> LuaReturn {
        let keys = ["name", "check", "convert"]
        guard lua.type(at: 1) == .table else {
            throw WorkflowError("vt.type: a table expected, got \(lua.typeName(at: 1))")
        }
        try lua.forEachPair(of: 1) {
            let key = try lua.display(at: -2)
            if !keys.contains(key) {
                throw WorkflowError(
                    "vt.type: unknown field `\(key)`" + suggestion(for: key, among: keys))
            }
        }
        try lua.pushRawField("name", of: 1)
        guard let name = lua.string(at: -1), !name.isEmpty else {
            throw WorkflowError("vt.type: `name` is missing; write name = \"what it is\"")
        }
        let check = try function("check", lua)
        let convert = try function("convert", lua)
        guard check != nil || convert != nil else {
            throw WorkflowError("vt.type: `\(name)` needs `check`, `convert` or both")
        }
        try lua.push(
            CustomType(name: name, check: check, convert: convert), as: CustomType.luaClass)
        return 1
    }

    private static func function(_ key: String, _ lua: borrowing Lua) throws -> LuaReference? {
        try lua.pushRawField(key, of: 1)
        defer { lua.pop() }
        if lua.isNil(at: -1) { return nil }
        guard lua.type(at: -1) == .function else {
            throw WorkflowError(
                "vt.type: `\(key)` must be a function, got a \(lua.typeName(at: -1))")
        }
        return try lua.reference(at: -1)
    }

    /// `vt.mkdir(path)`: makes a directory and its parents; returns the path.
    func makeDirectory(_ lua: borrowing Lua) throws -> LuaReturn {
        let path = try lua.argument(1, as: String.self)
        if path.isEmpty { throw WorkflowError("cannot make '': the path is empty") }
        let existed = Directory.isDirectory(path)
        do {
            try Directory.make(path)
        } catch {
            let reason = error.number == EEXIST ? "there is a file of that name" : error.reason
            throw WorkflowError("cannot make '\(error.path ?? path)': \(reason)")
        }
        interpreter.accessLog.noteDirectory(path, existed: existed)
        try lua.push(path)
        return 1
    }
}
