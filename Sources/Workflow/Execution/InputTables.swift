// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping
internal import VTSystem

/// Copies of the tables among a module's inputs, with which the tables are compared after `compute`:
/// other modules get the values as they were.
struct InputTables {
    private struct Table {
        var port: String
        var source: Plan.StepOutput
        var bytes: [UInt8]
    }

    private var tables: [Table] = []
    /// A table with more elements is copied only while checks take at most a twentieth of the run.
    private static let small = 1000

    /// Copies the tables that come from other steps.
    ///
    /// - Parameter all: true to copy each, however large.
    init(of step: Plan.Step, inputs: Int, all: Bool, in run: Run, _ lua: borrowing Lua) throws {
        let began = Clock.now
        for (port, input) in zip(step.definition.inputs, step.inputs) {
            guard case .output(let source) = input else { continue }
            try lua.pushRawField(port.name, of: inputs)
            defer { lua.pop() }
            guard lua.type(at: -1) == .table,
                all || lua.rawLength(at: -1) <= Self.small || run.mayCheck
            else { continue }
            if let bytes = try run.interpreter.encoded(lua) {
                tables.append(Table(port: port.name, source: source, bytes: bytes))
            }
        }
        run.checkingTime += Clock.now - began
    }

    /// Returns the inputs that the module has changed, and replaces the outputs of other steps that
    /// they come from by copies of what these were.
    func restore(inputs: Int, in run: Run, _ lua: borrowing Lua) throws -> [String] {
        let began = Clock.now
        var changed: [String] = []
        for table in tables {
            try run.pushOutput(table.source, lua)
            let now = try run.interpreter.encoded(lua)
            lua.pop()
            if now == table.bytes { continue }
            changed.append(table.port)
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
        try run.interpreter.pushDecoded(table.bytes, lua)
        try lua.setRawField(port.name, of: -2)
    }
}

extension Run {
    /// True while checks of inputs take at most a twentieth of the run.
    var mayCheck: Bool { checkingTime * 20 <= Clock.now - began }
}

extension Interpreter {
    /// Returns the value on top as bytes; nil if it cannot be encoded.
    func encoded(_ lua: borrowing Lua) throws -> [UInt8]? {
        encoder.truncate(to: 0)
        defer { encoder.truncate(to: 0) }
        do {
            try encoder.encode(lua, at: -1)
        } catch is ShippingRefusal {
            return nil
        }
        return encoder.withBytes { Array($0) }
    }

    /// Pushes a value that was encoded in this state.
    func pushDecoded(_ bytes: [UInt8], _ lua: borrowing Lua) throws {
        var position = 0
        try bytes.withUnsafeBytes { try decoder.decode($0, at: &position, lua) }
    }

    /// Replaces the table on top by a copy. A table that cannot be copied stays.
    func copyTable(_ lua: borrowing Lua) throws {
        guard let bytes = try encoded(lua) else { return }
        try pushDecoded(bytes, lua)
        lua.remove(at: -2)
    }
}
