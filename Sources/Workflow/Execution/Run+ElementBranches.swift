// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

// The choices of elements, in workflows that are computed for each element and have branches.

extension Run {
    /// Returns the elements of a step that are needed; nil if all are.
    func neededElements(of index: Int, _ lua: borrowing Lua) throws -> ElementDemand.Needs? {
        try elementDemand?.needs(
            of: index, isNotNeeded: { demand?.isNotNeeded($0) ?? false },
            choices: { try choices(of: $0, lua) })
    }

    private func choices(
        of index: Int, _ lua: borrowing Lua
    ) throws -> [(place: [Int], choice: ElementDemand.Choice)]? {
        let step = plan.steps[index]
        guard let each = step.each else { return nil }
        let isDefault = step.computing.control == .default
        let deciding = isDefault || !step.isGiven("condition") ? "value" : "condition"
        guard let position = step.computing.inputIndex[deciding] else { return nil }
        var isKnown = true
        step.inputs[position].forEachOutput { if !hasResult($0.step) { isKnown = false } }
        for level in each.levels {
            for list in level.lists {
                list.input.forEachOutput { if !hasResult($0.step) { isKnown = false } }
            }
        }
        if !isKnown { return nil }
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        let list = try ElementList(of: step, each: each, in: self, lua)
        var found: [(place: [Int], choice: ElementDemand.Choice)] = []
        found.reserveCapacity(list.count)
        for element in 0..<list.count {
            if list.varies(position) {
                try list.push(position, of: element, lua) { _ in }
            } else {
                try push(step.inputs[position], lua)
            }
            defer { lua.pop(lua.top - base) }
            found.append(
                (
                    list.place(of: element),
                    isDefault
                        ? lua.isNil(at: -1) ? .input("default") : .nothing
                        : deciding == "condition"
                            ? condition(lua) : try chosenCase(of: step, lua)
                ))
        }
        return found
    }

    private func condition(_ lua: borrowing Lua) -> ElementDemand.Choice {
        guard let condition = lua.boolean(at: -1) else { return .nothing }
        return .input(condition ? "yes" : "no")
    }

    /// Returns the case for the value on top.
    private func chosenCase(of step: Plan.Step, _ lua: borrowing Lua) throws -> ElementDemand.Choice
    {
        var key: TablePath.Key?
        if lua.type(at: -1) == .string {
            key = .name(lua.withBytes(at: -1) { Array($0) } ?? [])
        } else if lua.isInteger(at: -1) {
            key = lua.integer(at: -1).map { .position($0) }
        }
        guard let key else { return .nothing }
        switch step.input(named: "cases") {
        case .table(let table)?:
            if table.elements.contains(where: { $0.path.keys.first == key }) { return .key(key) }
            return try lua.hasField(key, of: table.constants) ? .key(key) : .input("otherwise")
        case .value(let table)?:
            return try lua.hasField(key, of: table) ? .key(key) : .input("otherwise")
        default: return .key(key)
        }
    }
}

extension Lua {
    /// True if a table has a value under a key.
    func hasField(_ key: TablePath.Key, of table: LuaReference) throws -> Bool {
        try push(table)
        defer { pop() }
        guard type(at: -1) == .table else { return false }
        switch key {
        case .position(let number): try pushRawElement(number, of: -1)
        case .name(let name):
            try name.withUnsafeBytes { try push(bytes: $0) }
            pushRawIndexed(of: -2)
        }
        defer { pop() }
        return !isNil(at: -1)
    }
}
