// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
package import VTSystem
package import VTWorkflow

extension JSON {
    /// A duration in seconds, rounded to microseconds.
    package static func seconds(_ seconds: Double) -> JSON {
        .number((seconds * 1e6).rounded() / 1e6)
    }

    /// Returns an object that a command prints, which contains the version of its schema.
    package static func document(_ fields: [(key: String, value: JSON)]) -> JSON {
        .object([("schema", .integer(1))] + fields)
    }
}

extension JSON {
    /// Converts a Lua value: a list or an empty table to an array, another table to an object, and
    /// a value that JSON does not have to a string that describes it.
    package init(_ value: LuaValue) {
        switch value {
        case .nil: self = .null
        case .boolean(let value): self = .boolean(value)
        case .integer(let value): self = .integer(value)
        case .number(let value): self = .number(value)
        case .string(let bytes): self = .string(bytes.text)
        case .object(let object):
            if let fields = object.value.luaFields {
                self = .object(fields.sorted { $0.key < $1.key }.map { ($0.key, JSON($0.value)) })
            } else if let elements = object.value.luaElements {
                self = .array(elements.map { JSON($0) })
            } else {
                self = .string(object.value.luaSummary)
            }
        case .opaque(_, let description): self = .string(description)
        case .table(let pairs):
            let isList = pairs.enumerated().allSatisfy { offset, pair in
                pair.key == .integer(offset + 1)
            }
            if isList {
                self = .array(pairs.map { JSON($0.value) })
            } else {
                self = .object(pairs.map { (Self.key($0.key), JSON($0.value)) })
            }
        }
    }

    private static func key(_ value: LuaValue) -> String {
        if case .string(let bytes) = value { bytes.text } else { value.brief }
    }
}

// MARK: - A run

extension RunResult {
    /// The object of `run --json`.
    ///
    /// - Throws: `JSON.Refusal` for an output that JSON cannot represent.
    package func json(of plan: Plan, _ lua: borrowing Lua) throws -> JSON {
        var values: [(key: String, value: JSON)] = []
        for ((name, value), (_, source)) in zip(outputs, plan.outputs) {
            guard let value else {
                values.append((name, .null))
                continue
            }
            try lua.push(value)
            defer { lua.pop() }
            values.append(
                (name, try JSON(lua, at: -1, place: name, isList: plan.isList(source))))
        }
        return .document([
            ("run", .string(run)), ("status", .string(status.rawValue)),
            ("seconds", .seconds(seconds)), ("outputs", .object(values)),
            ("nodes", .array(modules.map(\.json))),
        ])
    }
}

extension Plan {
    /// True if an output is a list, so that an empty table is one too.
    package func isList(_ source: StepOutput) -> Bool {
        if case .list = steps[source.step].definition.outputs[source.output].type {
            true
        } else {
            false
        }
    }
}

extension ModuleRecord {
    package var json: JSON {
        var fields: [(key: String, value: JSON)] = [
            ("name", .string(node)), ("module", .string("\(module) \(version)")),
            ("status", .string(status.rawValue)), ("seconds", .seconds(seconds)),
        ]
        if !printed.isEmpty { fields.append(("printed", .string(printed))) }
        if !annotations.isEmpty {
            fields.append(
                ("annotations", .object(annotations.map { ($0.key, JSON($0.value)) })))
        }
        if let items { fields.append(("items", .integer(items))) }
        if let elements { fields.append(("elements", elements.json)) }
        fields.append(("error", failure?.json ?? .null))
        if let skippedBecauseOf { fields.append(("because", .string(skippedBecauseOf))) }
        return .object(fields)
    }
}

extension ElementCounts {
    /// The numbers, with their names; that of suspended ones if there are any.
    package var json: JSON {
        .object(
            [
                ("total", .integer(total)), ("computed", .integer(computed)),
                ("cached", .integer(cached)), ("failed", .integer(failed)),
            ] + (suspended == 0 ? [] : [("suspended", .integer(suspended))]))
    }
}

extension ModuleFailure {
    var json: JSON {
        var fields: [(key: String, value: JSON)] = [
            ("node", .string(node)),
            ("stage", .string(stage.description)), ("message", .string(message)),
            ("file", location.map { .string($0.file) } ?? .null),
            ("line", location.map { .integer($0.line) } ?? .null),
            ("placed", placed.map { .string($0.description) } ?? .null),
        ]
        if let task { fields.append(("task", task.json)) }
        return .object(fields)
    }
}

extension TaskError {
    fileprivate var json: JSON {
        .object([
            ("index", index.map { .integer($0) } ?? .null),
            ("total", total.map { .integer($0) } ?? .null),
            ("kind", .string(kind.rawValue)), ("worker", worker.map { .integer($0) } ?? .null),
            ("cause", .string(cause.rawValue)),
        ])
    }
}
