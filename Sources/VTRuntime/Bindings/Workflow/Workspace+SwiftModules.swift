// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem
internal import VTWorkflow

// The modules of the program, which `require` finds before those in files.

extension Workspace {
    /// Adds a module of the program.
    ///
    /// - Throws: `WorkflowError` if there is another version of it.
    func add(_ module: SwiftModule) throws {
        if let other = swiftModules[module.name], other.version != module.version {
            throw WorkflowError(
                "there are two versions of the module `\(module.name)`: \(other.version) and "
                    + module.version)
        }
        swiftModules[module.name] = module
    }

    /// Pushes the loader and the source of a module of the program, for `require`.
    func pushLoader(of module: SwiftModule, _ lua: borrowing Lua) throws {
        try lua.pushConfined { [unowned self] lua in
            try push(module, lua)
            return 1
        }
        try lua.push(module.source)
    }

    /// Pushes a new table for a module of the program, as `vt.module` makes one.
    func push(_ module: SwiftModule, _ lua: borrowing Lua) throws {
        let ports = try module.ports.get()
        try lua.pushTable(fields: 8)
        let declaration = lua.top
        func set(_ field: String, _ value: (some LuaPushable)?) throws {
            guard let value else { return }
            try value.push(onto: lua)
            try lua.setRawField(field, of: declaration)
        }
        try set("name", module.name)
        try set("version", module.version)
        try set("doc", module.doc)
        try set("timeout", module.timeout?.inSeconds)
        try set("retries", module.retries)
        if !module.usesCache { try set("cache", false) }
        try lua.push(ports.inputs)
        try lua.setRawField("inputs", of: declaration)
        try lua.push(ports.outputs)
        try lua.setRawField("outputs", of: declaration)
        try pushModule(declaredAt: declaration, location: nil, lua)
        lua.remove(at: declaration)
        try module.pushCompute({ [unowned self] in interpreter.current }, lua)
        try lua.setRawField("compute", of: -2)
    }
}
