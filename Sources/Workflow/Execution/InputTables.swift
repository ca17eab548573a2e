// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTShipping
internal import VTSystem

/// Copies of the tables among a module's inputs, with which the tables are compared after `compute`:
/// other modules get the values as they were.
struct InputTables {
    private struct Table {
        var port: String
        var source: Plan.StepOutput
        var content: Shipment
    }

    private var tables: [Table] = []
    /// A table that takes more bytes, without large arrays and strings, is copied only while checks take at
    /// most a twentieth of the run.
    static let small = 64 << 10

    /// Copies the tables that come from other steps.
    ///
    /// - Parameter all: true to copy each, however large.
    init(of step: Plan.Step, inputs: Int, all: Bool, in run: Run, _ lua: borrowing Lua) throws {
        let began = Clock.now
        for (port, input) in zip(step.definition.inputs, step.inputs) {
            try input.forEachOutput(of: port) { source, place in
                if case .output = input {
                    try lua.pushRawField(port.name, of: inputs)
                } else {
                    try run.pushOutput(source, lua)
                }
                defer { lua.pop() }
                guard lua.type(at: -1) == .table else { return }
                let limit = all || run.mayCheck ? nil : Self.small
                if let content = try run.interpreter.snapshots.snapshotIfSmall(
                    lua, limit: limit)
                {
                    tables.append(Table(port: place.name, source: source, content: content))
                }
            }
        }
        run.checkingTime += Clock.now - began
    }

    /// Returns the inputs that the module has changed, with the steps that they come from, and replaces the outputs of other steps that
    /// they come from by copies of what these were.
    func restore(
        inputs: Int, in run: Run, _ lua: borrowing Lua
    ) throws -> [(port: String, origin: Int)] {
        let began = Clock.now
        var changed: [(port: String, origin: Int)] = []
        for table in tables {
            try run.pushOutput(table.source, lua)
            let now = try run.interpreter.snapshots.snapshot(lua)
            lua.pop()
            if now?.isEqual(to: table.content) ?? false { continue }
            changed.append((table.port, table.source.step))
            try replace(table, in: run, lua)
        }
        run.checkingTime += Clock.now - began
        return changed
    }

    private func replace(_ table: Table, in run: Run, _ lua: borrowing Lua) throws {
        guard let outputs = try run.table(of: table.source.step, lua) else { return }
        let port = run.plan.steps[table.source.step].definition.outputs[table.source.output]
        try lua.push(outputs)
        defer { lua.pop() }
        try run.interpreter.push(table.content, lua)
        try lua.setRawField(port.name, of: -2)
    }
}

extension Run {
    /// True while checks of inputs take at most a twentieth of the run.
    var mayCheck: Bool { checkingTime * 20 <= Clock.now - began }
}

extension Interpreter {
    /// Pushes a copy of a value of this state.
    func push(_ snapshot: Shipment, _ lua: borrowing Lua) throws {
        var position = 0
        try decoder.decode(snapshot, at: &position, lua)
    }

    /// Replaces the table on top by a copy. A table that cannot be copied stays.
    ///
    /// - Parameter limit: the most bytes that it may take, without large arrays and strings; nil: any.
    /// - Returns: true if the table was copied.
    /// - Throws: `ShippingLimit` if it takes more.
    @discardableResult
    package func copyTable(_ lua: borrowing Lua, limit: Int? = nil) throws -> Bool {
        guard let content = try snapshots.snapshot(lua, limit: limit) else { return false }
        try push(content, lua)
        lua.remove(at: -2)
        return true
    }
}

extension Run {
    /// Pushes a new table for an input, with values of other sources in it.
    ///
    /// - Parameter push: pushes the value of an element.
    func pushTable(
        _ table: Plan.Table, _ lua: borrowing Lua, push: (Plan.Element) throws -> Void
    ) throws {
        try lua.push(table.constants)
        if try !interpreter.copyTable(lua) {
            // Something in it cannot be copied: only the tables that get values are new.
            var copied: Set<TablePath> = []
            for element in table.elements {
                for count in 0..<element.path.keys.count {
                    let path = TablePath(Array(element.path.keys[..<count]))
                    if copied.insert(path).inserted { try lua.copyTable(at: path) }
                }
            }
        }
        for element in table.elements {
            try push(element)
            try lua.setElement(at: element.path)
        }
    }

    /// Pushes the value of an input as it comes from its source.
    func push(_ input: Plan.Input, _ lua: borrowing Lua) throws {
        switch input {
        case .absent, .element: try lua.pushNil()
        case .value(let value): try lua.push(value)
        case .output(let source): try pushOutput(source, lua)
        case .table(let table):
            try pushTable(table, lua) { element in try push(element.input, lua) }
        }
    }
}

extension Lua {
    /// Replaces the table at a path in the table on top, or that one, by a copy of its fields.
    fileprivate func copyTable(at path: TablePath) throws {
        let whole = top
        try pushValue(at: whole)
        for key in path.keys {
            try push(key)
            pushRawIndexed(of: -2)
            remove(at: -2)
        }
        try pushTable()
        try forEachPair(of: -2) {
            try pushValue(at: -2)
            try pushValue(at: -2)
            try setRawIndexed(of: -5)
        }
        remove(at: -2)
        if path.keys.isEmpty { replace(at: whole) } else { try setElement(at: path) }
    }
}
