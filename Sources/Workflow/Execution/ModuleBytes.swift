// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping

// The bytes from which a worker makes a module: a string that its decoder reads after it has prepared
// the functions that modules need. ReceivedModule reads them. The mark of the notes precedes them.

/// Encodes a module for the workers that compute it.
enum ModuleBytes {
    /// The reason why a module cannot compute on a worker.
    struct Refusal: Error {
        var reason: String
    }

    /// Pushes a string: `[header, module, encoded, shared inputs...]`.
    static func push(
        of step: Plan.Step, _ shared: Int, _ varying: [String], _ mark: [UInt8],
        filesDirectory: String, _ lua: borrowing Lua
    ) throws {
        guard case .script(let module) = step.definition.body else {
            throw Refusal(reason: "it is a workflow")
        }
        let shared = lua.absolute(shared)
        let base = lua.top
        var names: [String] = []
        for port in step.definition.inputs {
            try lua.pushRawField(port.name, of: shared)
            if !lua.isNil(at: -1) { names.append(port.name) }
            lua.pop()
        }
        try pushHeader(of: step, names, varying, filesDirectory, lua)
        try lua.push(module)
        try lua.pushTable(fields: names.count)
        let encoder = ShippingEncoder(.functions)
        // The metatable has functions of this state: workers have their own.
        let metatable = try lua.pushMetatable(of: base + 2) ? try lua.takeReference() : nil
        func encode() throws {
            for name in names {
                try lua.pushRawField(name, of: shared)
                guard lua.type(at: -1) == .table else { continue }
                try refusing("input `\(name)`") { try encoder.encode(lua, at: -1) }
                lua.pop()
                try encoder.withBytes { try lua.push(bytes: $0) }
                encoder.truncate(to: 0)
                try lua.push(true)
                try lua.setRawField(name, of: base + 3)
            }
            try refusing(names) {
                try encoder.encode(lua, elementsFrom: base + 1, count: 3 + names.count)
            }
        }
        if let metatable {
            try lua.withClass("vt.module", metatable) { try encode() }
        } else {
            try encode()
        }
        lua.pop(lua.top - base)
        let bytes = encoder.withBytes { mark + $0 }
        try bytes.withUnsafeBytes { try lua.push(bytes: $0) }
    }

    private static func pushHeader(
        of step: Plan.Step, _ names: [String], _ varying: [String], _ filesDirectory: String,
        _ lua: borrowing Lua
    ) throws {
        let definition = step.definition
        var checked: [String] = []
        for (port, input) in zip(definition.inputs, step.inputs) {
            if case .output = input { checked.append(port.name) }
        }
        try lua.pushTable(fields: 9)
        let header = lua.top
        let texts = [
            ("node", step.name), ("name", definition.name), ("version", definition.version),
            ("files", filesDirectory),
        ]
        for (key, text) in texts {
            try lua.push(text)
            try lua.setRawField(key, of: header)
        }
        let lists = [
            ("inputs", definition.inputs.map(\.name)), ("outputs", definition.outputs.map(\.name)),
            ("varying", varying), ("shared", names), ("checked", checked),
        ]
        for (key, list) in lists {
            try lua.push(any: list)
            try lua.setRawField(key, of: header)
        }
    }

    private static func refusing(_ subject: String, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let refusal as ShippingRefusal {
            throw Refusal(reason: "\(subject) cannot be sent: \(refusal.summary)")
        }
    }

    private static func refusing(_ names: [String], _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let refusal as ShippingRefusal {
            let element = (refusal.offenders.first?.element ?? 2) - 4
            let subject =
                names.indices.contains(element) ? "input `\(names[element])`" : "its code"
            throw Refusal(reason: "\(subject) cannot be sent: \(refusal.summary)")
        }
    }
}
