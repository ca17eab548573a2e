// SPDX-License-Identifier: BSD-3-Clause

import VTRuntime
import VTSystem

/// Builds the flat graph of an RO-Crate.
struct CrateEntities {
    private var entities: [(id: String, about: [(key: String, value: JSON)])] = []
    private var positions: [String: Int] = [:]

    /// Adds an entity unless its identifier exists.
    ///
    /// - Returns: a reference to it.
    @discardableResult
    mutating func add(
        _ id: String, _ types: String..., about: [(key: String, value: JSON)] = []
    ) -> JSON {
        if positions[id] == nil {
            positions[id] = entities.count
            let type = types.map(JSON.string)
            entities.append((id, [("@type", type.count == 1 ? type[0] : .array(type))] + about))
        }
        return Self.reference(id)
    }

    /// Adds a field to an existing entity; does nothing without values.
    mutating func set(_ key: String, of id: String, _ values: [JSON]) {
        guard let position = positions[id], !values.isEmpty else { return }
        entities[position].about.append((key, values.count == 1 ? values[0] : .array(values)))
    }

    static func reference(_ id: String) -> JSON { .object([("@id", .string(id))]) }

    var json: JSON {
        .array(entities.map { .object([("@id", .string($0.id))] + $0.about) })
    }
}
