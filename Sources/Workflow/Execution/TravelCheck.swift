// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping

/// Finds the reasons why modules must compute on the interpreter.
final class TravelCheck {
    /// The changes of scripts to globals and libraries, which workers do not have.
    private let changes: [(table: String, name: String)]
    private let changedModules: [[UInt8]]
    private var known: [ObjectIdentifier: String?] = [:]

    init(_ log: AccessLog, _ lua: borrowing Lua) throws {
        var changes: [(table: String, name: String)] = []
        try lua.forEachEnvironmentTable { table, index, copy in
            if ["loaded", "preload", "package"].contains(table) { return }
            for change in try lua.changes(of: index, from: copy) {
                changes.append((table, change.name))
            }
        }
        self.changes = changes
        let names = PersistentNames(hasher: PlainHasher(), directory: "", log: log)
        try names.findChangedModules(lua)
        changedModules = Array(names.changedModules)
    }

    /// Returns the reason why a step must compute on the interpreter, as the end of a sentence that
    /// begins with the step's name; nil if it can compute on a worker.
    func reason(for step: Plan.Step, _ lua: borrowing Lua) throws -> String? {
        if let port = step.definition.streamPort { return "its \(port) is a stream" }
        if let reason = try reasonOfCode(step, lua) { return reason }
        for (port, input) in zip(step.definition.inputs, step.inputs) {
            switch input {
            case .value(let value): try lua.push(value)
            case .table(let table): try lua.push(table.constants)
            case .absent, .output, .element: continue
            }
            defer { lua.pop() }
            switch lua.type(at: -1) {
            case .table, .function, .userdata, .thread, .lightUserdata: break
            default: continue
            }
            let encoder = ShippingEncoder(.functions)
            do {
                try encoder.encode(lua, at: -1)
            } catch let refusal as ShippingRefusal {
                return "its input `\(port.name)` cannot be sent: \(refusal.summary)"
            }
        }
        return nil
    }

    private func reasonOfCode(_ step: Plan.Step, _ lua: borrowing Lua) throws -> String? {
        let definition = step.computing
        if let known = known[ObjectIdentifier(definition)] { return known }
        let reason = try findReason(step, definition, lua)
        known[ObjectIdentifier(definition)] = .some(reason)
        return reason
    }

    private func findReason(
        _ step: Plan.Step, _ definition: ModuleDefinition, _ lua: borrowing Lua
    ) throws -> String? {
        guard case .script(let module) = definition.body else { return nil }
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        var names = UsedNames()
        try lua.push(module)
        try names.add(lua)
        if try definition.hasMethod("resume", lua) {
            return "it has a method `resume`: its work can go on after the run"
        }
        for function in ["compute", "breakpoint"] where names.functionsOfVT.contains(function) {
            return "it calls vt.\(function), which works on the interpreter only"
        }
        if names.functionsOfVT.contains("workflow"), names.fields.contains("run") {
            return "it calls flow:run, which works on the interpreter only"
        }
        for (table, name) in changes {
            if table == "_G", names.globals.contains(name) {
                return "it uses the global `\(name)`, which a script has set"
            }
            if table != "_G", names.fields.contains(name) {
                return "it may use `\(table).\(name)`, which a script has set"
            }
        }
        try lua.pushLoadedModules()
        for name in changedModules {
            try lua.pushRawField(name.text, of: -1)
            defer { lua.pop() }
            if let address = lua.pointer(at: -1), names.seen.contains(address) {
                return "it uses the module `\(name.text)`, which was changed after it was loaded"
            }
        }
        lua.pop()
        try lua.pushTable()
        do {
            try ModuleBytes.push(of: step, lua.top, [], [], filesDirectory: "", lua)
        } catch let refusal as ModuleBytes.Refusal {
            return refusal.reason
        }
        return nil
    }
}

/// The names that the code of a module uses: its functions, those in its table and upvalues, and so
/// on.
private struct UsedNames {
    private(set) var globals: Set<String> = []
    /// The fields that are read by name.
    private(set) var fields: Set<String> = []
    /// The functions of `vt` that are read by name.
    private(set) var functionsOfVT: Set<String> = []
    private(set) var seen: Set<UnsafeRawPointer> = []
    /// The values that are looked at, at most.
    private var left = 20_000

    /// Adds the value on top, which stays.
    mutating func add(_ lua: borrowing Lua, depth: Int = 60) throws {
        guard left > 0, depth > 0, let address = lua.pointer(at: -1) else { return }
        switch lua.type(at: -1) {
        case .table:
            guard seen.insert(address).inserted else { return }
            left -= 1
            if try isEnvironment(lua) { return }
            let table = lua.top
            try lua.reserve(8)
            try lua.pushNil()
            while left > 0, try lua.next(of: table) {
                try add(lua, depth: depth - 1)
                lua.pop()
            }
            try lua.setTop(table)
        case .function:
            guard seen.insert(address).inserted, lua.isLuaFunction(at: -1),
                let (source, _, _) = try lua.definition(at: -1), !source.hasPrefix("@stdlib/")
            else { return }
            left -= 1
            try addFunction(lua, depth: depth)
        default: return
        }
    }

    /// True for the table of globals, and for libraries of Lua and of the program.
    private func isEnvironment(_ lua: borrowing Lua) throws -> Bool {
        let table = lua.top
        try lua.pushGlobals()
        defer { try? lua.setTop(table) }
        if lua.rawEqual(-1, table) { return true }
        for name in [
            "string", "table", "math", "io", "os", "coroutine", "utf8", "debug", "package", "vt",
            "parallel",
        ] {
            try lua.pushLoaded(name)
            if lua.rawEqual(-1, table) { return true }
            lua.pop()
        }
        return false
    }

    private mutating func addFunction(_ lua: borrowing Lua, depth: Int) throws {
        let function = lua.top
        var upvalues: [Upvalue] = []
        var position = 1
        while try lua.pushUpvalue(position, of: function) != nil {
            upvalues.append(try kind(lua))
            if upvalues.last == .other { try add(lua, depth: depth - 1) }
            try lua.setTop(function)
            position += 1
        }
        try lua.pushValue(at: function)
        try lua.dump()
        defer { lua.pop() }
        lua.withBytes(at: -1) { bytes in
            guard let code = try? Bytecode(bytes) else { return }
            look(in: code.main) { upvalues.indices.contains($0) ? upvalues[$0] : .other }
        }
    }

    private enum Upvalue {
        case globals, vt, other
    }

    private func kind(_ lua: borrowing Lua) throws -> Upvalue {
        let value = lua.top
        defer { try? lua.setTop(value) }
        try lua.pushGlobals()
        if lua.rawEqual(-1, value) { return .globals }
        try lua.pushLoaded("vt")
        return lua.rawEqual(-1, value) ? .vt : .other
    }

    private mutating func look(in function: Bytecode.Function, kind: (Int) -> Upvalue) {
        var readsVT = false
        var names: Set<String> = []
        for index in 0..<function.instructionCount {
            let instruction = function.instruction(index)
            func constant(_ number: Int) -> String? {
                function.constants.indices.contains(number) ? function.constants[number] : nil
            }
            switch instruction.operation {
            case .getFromUpvalue:
                guard let name = constant(instruction.c) else { continue }
                switch kind(instruction.b) {
                case .globals:
                    globals.insert(name)
                    if name == "vt" { readsVT = true }
                case .vt: functionsOfVT.insert(name)
                case .other: names.insert(name)
                }
            case .getUpvalue where kind(instruction.b) == .vt: readsVT = true
            case .getField, .getMethod:
                if let name = constant(instruction.c) { names.insert(name) }
            default: break
            }
        }
        fields.formUnion(names)
        if readsVT { functionsOfVT.formUnion(names) }
        for inner in function.functions {
            look(in: inner) { index in
                guard inner.upvalues.indices.contains(index) else { return .other }
                let upvalue = inner.upvalues[index]
                return upvalue.isLocal ? .other : kind(upvalue.index)
            }
        }
    }
}
