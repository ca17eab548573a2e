// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTSystem
package import VTWorkflow

// `vt.module` returns a table to which the script adds `compute`. Its metatable provides the
// methods of `self`; the definition is found by the table itself.

extension ModuleDefinition {
    static let luaClass = LuaClass<ModuleDefinition>("vt.definition") { _ in }
}

extension Workspace {
    /// `vt.module { ... }`
    func declareModule(_ lua: borrowing Lua) throws -> LuaReturn {
        // `vt.command` of the library calls this function for a script.
        var level = 1
        while level < 10,
            lua.location(level: level)?.source.hasPrefix("@stdlib/vt/command") ?? true
        {
            level += 1
        }
        let place = lua.location(level: level).map {
            SourceLocation(chunk: $0.source, line: $0.line)
        }
        try lua.setTop(1)
        try pushModule(declaredAt: 1, location: place, lua)
        return 1
    }

    /// Pushes the table of a new module, whose declaration is at `index`.
    func pushModule(
        declaredAt index: Int, location: SourceLocation?, _ lua: borrowing Lua
    ) throws {
        try lua.pushTable(fields: 4)
        let table = lua.top
        let definition = try ModuleDefinition(
            declaredAt: index, table: try lua.reference(at: table), location: location, lua)
        declaredNames.insert(definition.name)
        for (field, text) in [("name", definition.name), ("version", definition.version)] {
            try lua.push(text)
            try lua.setRawField(field, of: table)
        }
        try lua.push(try metatableOfModules(lua))
        lua.setMetatable(of: table)
        try lua.push(try tableOfDefinitions(lua))
        try lua.pushValue(at: table)
        try lua.push(definition, as: ModuleDefinition.luaClass)
        try lua.setRawIndexed(of: -3)
        try lua.setTop(table)
    }

    /// Returns the definition whose table is at `index`; nil if there is none.
    package func definition(at index: Int, _ lua: borrowing Lua) throws -> ModuleDefinition? {
        if let module = lua.object(ModuleValue.luaClass, at: index) { return module.definition }
        guard lua.type(at: index) == .table, let definitions else { return nil }
        let table = lua.absolute(index)
        try lua.push(definitions)
        try lua.pushValue(at: table)
        lua.pushRawIndexed(of: -2)
        defer { lua.pop(2) }
        return lua.object(ModuleDefinition.luaClass, at: -1)
    }

    private func tableOfDefinitions(_ lua: borrowing Lua) throws -> LuaReference {
        if let definitions { return definitions }
        try lua.pushWeakTable()
        let made = try lua.takeReference()
        definitions = made
        return made
    }

    func metatableOfModules(_ lua: borrowing Lua) throws -> LuaReference {
        if let moduleMetatable { return moduleMetatable }
        try lua.pushTable(fields: 2)
        try lua.push("vt.module")
        try lua.setRawField("__name", of: -2)
        try pushMethods(lua)
        try lua.setRawField("__index", of: -2)
        try interpreter.regardAsFixed(-1, name: "vt.module", lua)
        let made = try lua.takeReference()
        moduleMetatable = made
        return made
    }
}

// MARK: - The methods of `self`

extension Workspace {
    /// Returns the running module. A `self` that was kept after its run cannot be used.
    private func context(_ name: String) throws -> ModuleContext {
        guard let context = interpreter.current else {
            throw WorkflowError("`\(name)` works only while a module computes in a run")
        }
        return context
    }

    private func pushMethods(_ lua: borrowing Lua) throws {
        try lua.pushTable(fields: 8)
        try setMethod("get_input", lua) { [unowned self] lua in
            let name = try lua.argument(2, as: String.self)
            try context("self:get_input").pushInput(name, lua)
            return 1
        }
        try setMethod("has_input", lua) { [unowned self] lua in
            let name = try lua.argument(2, as: String.self)
            try context("self:has_input").pushInput(name, lua)
            try lua.push(!lua.isNil(at: -1))
            return 1
        }
        try setMethod("set_output", lua) { [unowned self] lua in
            let name = try lua.argument(2, as: String.self)
            try lua.setTop(3)
            try context("self:set_output").takeOutput(name, lua)
            return 0
        }
        try setMethod("progress", lua) { [unowned self] lua in
            let fraction = try lua.argument(2, as: Double.self)
            let note = try lua.argument(3, as: String?.self)
            try context("self:progress").progress(fraction, note)
            return 0
        }
        try setMethod("annotate", lua) { [unowned self] lua in
            guard lua.type(at: 2) == .table else {
                throw lua.argumentError(2, "table expected, got \(lua.typeName(at: 2))")
            }
            let context = try context("self:annotate")
            try lua.forEachPair(of: 2) {
                let (key, value) = (try lua.display(at: -2), LuaValue(lua: lua, at: -1))
                if lua.libraries == .all {
                    try context.annotate(key, value)
                } else {
                    try context.annotateWithinLimit(key, value)
                }
            }
            return 0
        }
        try setMethod("fail", lua) { lua in
            throw DeliberateFailure(try lua.formatted(from: 2))
        }
        try setMethod("suspend", lua) { [unowned self] lua in
            _ = try context("self:suspend")
            try lua.setTop(2)
            let value = LuaValue(lua: lua, at: 2, bounds: .init(depth: 3, pairs: 20))
            let text = lua.text(at: 2) ?? JSON(value).text
            throw try interpreter.suspension(
                shown: text.count <= 80 ? text : text.prefix(79) + "…", lua)
        }
        try pushLog(lua)
        try lua.setRawField("log", of: -2)
        try pushLazyFields(lua)
        lua.setMetatable(of: -2)
    }

    /// Adds a method that is called on `self`.
    private func setMethod(
        _ name: String, _ lua: borrowing Lua,
        _ body: @escaping (borrowing Lua) throws -> LuaReturn
    ) throws {
        try setFunction(name, lua) { lua in
            guard lua.type(at: 1) == .table else {
                throw WorkflowError("self.\(name) is called with ':'; write self:\(name)(...)")
            }
            return try body(lua)
        }
    }

    private func pushLog(_ lua: borrowing Lua) throws {
        try lua.pushTable(fields: 4)
        for level in RunEvent.LogLevel.allCases {
            try setFunction(level.rawValue, lua) { [unowned self] lua in
                let message = try lua.formatted(from: 1)
                try context("self.log").log(level, message)
                return 0
            }
        }
    }

    /// Pushes the metatable of the methods, which creates `self.scratch` at its first use.
    private func pushLazyFields(_ lua: borrowing Lua) throws {
        try lua.pushTable(fields: 1)
        try lua.pushConfined { [unowned self] lua in
            guard lua.string(at: 2) == "scratch", let context = interpreter.current else {
                return 0
            }
            guard lua.libraries.contains(.io) else {
                throw lua.error(
                    LuaLibraries.refusal(of: "self.scratch", because: LuaLibraries.noFiles))
            }
            try lua.push(try context.scratch())
            return 1
        }
        try lua.setRawField("__index", of: -2)
    }
}
