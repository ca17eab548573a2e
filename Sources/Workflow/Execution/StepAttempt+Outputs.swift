// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping
internal import VTSystem

extension StepAttempt {
    /// Throws if the table has more fields than the `declared` ones.
    func refuseUndeclared(
        _ table: Int, declared: Int, _ lua: borrowing Lua, _ wrong: (String) -> ModuleFailure
    ) throws {
        var fields = 0
        try lua.pushNil()
        while try lua.next(of: table) {
            fields += 1
            lua.pop()
        }
        if fields == declared { return }
        var undeclared: String?
        var nameless: String?
        try lua.forEachPair(of: table) {
            guard let name = lua.string(at: -2) else {
                nameless = try lua.display(at: -2)
                return
            }
            if step.definition.outputIndex[name] == nil { undeclared = undeclared ?? name }
        }
        if let nameless, undeclared == nil {
            throw wrong(
                "compute returned the entry [\(nameless)]; every output must have a name, "
                    + "such as { \(step.definition.outputs.first?.name ?? "name") = value }")
        }
        guard let undeclared else { return }
        throw wrong(
            "compute returned `\(undeclared)`, which is not among the outputs"
                + hint(
                    for: undeclared, among: step.definition.outputs.map(\.name)))
    }
}

// MARK: - Outputs that the module may change later

extension StepAttempt {
    /// Replaces the table of outputs on top by one with copies of the tables and arrays in it, which the module
    /// may keep and change when it computes for another node.
    func takeOutputs(inputs: Int?, _ lua: borrowing Lua) throws {
        let table = lua.top
        try lua.pushTable(fields: step.definition.outputs.count)
        for port in step.definition.outputs {
            try lua.pushRawField(port.name, of: table)
            switch lua.type(at: -1) {
            case .table: try takeTable(port, inputs, lua)
            case .userdata: try lua.replaceArrayByCopy()
            default: break
            }
            try lua.setRawField(port.name, of: table + 1)
        }
        lua.replace(at: table)
    }

    /// Replaces the table on top by a copy. A large one is copied while that takes at most a twentieth of the
    /// run.
    private func takeTable(_ port: Port, _ inputs: Int?, _ lua: borrowing Lua) throws {
        let began = Clock.now
        defer { run.checkingTime += Clock.now - began }
        do {
            try run.interpreter.copyTable(lua, limit: run.mayCheck ? nil : InputTables.small)
        } catch is ShippingLimit {
            try noteLarge(port, inputs, lua)
        }
    }

    /// Notes the table on top, which is too large to copy, and warns if it is an output of another node, too.
    private func noteLarge(_ port: Port, _ inputs: Int?, _ lua: borrowing Lua) throws {
        guard let address = lua.pointer(at: -1), try !isInput(address, inputs, lua) else { return }
        if let other = run.largeOutputs.updateValue(name, forKey: address), other != name {
            let message =
                "output `\(port.name)` is the same table as an output of `\(other)`, which has its "
                + "content now, too. Create the table in compute"
            if element?.list.hasReported(message) ?? false { return }
            run.report(.logged(node: name, level: .warn, message: message))
        }
    }

    /// True if an input is that table: a module may pass it on.
    private func isInput(
        _ address: UnsafeRawPointer, _ inputs: Int?, _ lua: borrowing Lua
    ) throws -> Bool {
        guard let inputs else { return false }
        for port in step.definition.inputs {
            try lua.pushRawField(port.name, of: inputs)
            defer { lua.pop() }
            if lua.pointer(at: -1) == address { return true }
        }
        return false
    }
}
