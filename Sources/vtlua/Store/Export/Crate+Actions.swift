// SPDX-License-Identifier: BSD-3-Clause

import VTParallel
import VTStore
import VTRuntime
import VTSystem

// MARK: - Actions

extension Crate {
    mutating func addRun() {
        let run = export.run
        let parameters = run.parameters.map { parameter in
            let name = parameter.name
            return entities.add(
                "#parameter/\(name.escapedForURI)", "PropertyValue",
                about: [
                    ("name", .string(name)), ("value", .string(parameter.text)),
                    (
                        "exampleOfWork",
                        CrateEntities.reference(Self.parameter(name, of: "flow", isInput: true))
                    ),
                ])
        }
        let values = addValues()
        let files = addFiles()
        let action = entities.add(
            "#run/\(run.run)", "CreateAction",
            about: [
                ("name", .string("Run \(run.run) of \(run.workflow)")),
                ("description", .string(Self.about(run))),
                ("instrument", CrateEntities.reference(flow)),
                ("startTime", .string(Self.time(run.started))),
            ]
                + (export.ended.map { [("endTime", .string(Self.time($0)))] } ?? [])
                + ActionStatus(run.status).fields(
                    error: export.nodes.lazy.compactMap(\.error).first ?? run.status.rawValue))
        let id = "#run/\(run.run)"
        entities.set("object", of: id, parameters + files.given)
        entities.set("result", of: id, values + files.made)
        actions.append(action)
        var controls: [JSON] = []
        for node in export.nodes where node.wasExecuted { controls.append(add(node)) }
        entities.add(
            "#engine", "OrganizeAction",
            about: [
                ("name", .string("vtlua \(run.version) runs \(run.workflow)")),
                ("instrument", CrateEntities.reference(Self.program)), ("result", action),
                ("startTime", .string(Self.time(run.started))),
            ] + (export.ended.map { [("endTime", .string(Self.time($0)))] } ?? []))
        entities.set("object", of: "#engine", controls)
        actions.append(CrateEntities.reference("#engine"))
    }

    /// - Returns: the outputs that no other node used.
    private mutating func addValues() -> [JSON] {
        let nodes = Dictionary(export.nodes.map { ($0.node, $0) }) { first, _ in first }
        var takers: [[String]: [JSON]] = [:]
        for connection in export.connections {
            guard let node = nodes[connection.node] else { continue }
            takers[[connection.source, connection.output], default: []].append(
                addParameter(connection.input, of: Self.tool(node), isInput: true))
        }
        var last: [JSON] = []
        for node in export.nodes {
            for input in export.constants(of: node) {
                addValue(input.text, input.name, of: node, isInput: true, [])
            }
            for value in node.outputs where !value.isNil {
                let taken = takers[[node.node, value.name]] ?? []
                let output = addValue(value.text, value.name, of: node, isInput: false, taken)
                if taken.isEmpty { last.append(output) }
            }
        }
        return last
    }

    @discardableResult
    private mutating func addValue(
        _ value: String, _ name: String, of node: StoredNode, isInput: Bool, _ takers: [JSON]
    ) -> JSON {
        let parameter = addParameter(name, of: Self.tool(node), isInput: isInput)
        return entities.add(
            Self.value(name, of: node.node, isInput: isInput), "PropertyValue",
            about: [
                ("name", .string("\(node.node).\(name)")), ("value", .string(value)),
                ("exampleOfWork", takers.isEmpty ? parameter : .array([parameter] + takers)),
            ])
    }

    /// Adds the files. Input files of the run are those that none of its nodes had written before.
    private mutating func addFiles() -> (given: [JSON], made: [JSON]) {
        var made: Set<String> = []
        var seen: Set<String> = []
        var result: (given: [JSON], made: [JSON]) = ([], [])
        for node in export.nodes {
            for file in node.files {
                let id = Self.id(ofFile: file.path, from: export.run.directory, root)
                let reference = entities.add(
                    id, "File",
                    about: [
                        ("name", .string(file.path)), ("contentSize", .string("\(file.size)")),
                    ] + (file.digest.map { [("identifier", addHash($0))] } ?? [])
                        + Self.format(of: file.path))
                if seen.insert(id).inserted, id != flow { dataFiles.append(reference) }
                if file.isOutput {
                    if made.insert(id).inserted { result.made.append(reference) }
                } else if !made.contains(id),
                    !result.given.contains(where: { $0.text == reference.text })
                {
                    result.given.append(reference)
                }
            }
        }
        return result
    }

    /// - Returns: the action of the engine that ran this one.
    private mutating func add(_ node: StoredNode) -> JSON {
        let id = Self.id(node, "node")
        let action = entities.add(
            id, "CreateAction",
            about: [
                ("name", .string("Run of \(node.node)")), ("description", .string(about(node))),
                ("instrument", CrateEntities.reference(Self.tool(node))),
                ("startTime", .string(Self.time(node.started))),
                ("endTime", .string(Self.time(node.ended))),
            ]
                + ActionStatus(node.status).fields(
                    error: node.error ?? node.because ?? node.status.rawValue))
        let constants = export.constants(of: node).map {
            CrateEntities.reference(Self.value($0.name, of: node.node, isInput: true))
        }
        let inputs = export.taken(by: node).map {
            CrateEntities.reference(Self.value($0.output, of: $0.source, isInput: false))
        }
        let outputs = node.outputs.filter { !$0.isNil }.map {
            CrateEntities.reference(Self.value($0.name, of: node.node, isInput: false))
        }
        func files(_ isOutput: Bool) -> [JSON] {
            node.files.filter { $0.isOutput == isOutput }.map {
                CrateEntities.reference(
                    Self.id(ofFile: $0.path, from: export.run.directory, root))
            }
        }
        entities.set("object", of: id, constants + inputs + files(false))
        entities.set("result", of: id, outputs + files(true))
        entities.set("resourceUsage", of: id, addUsage(of: node))
        actions.append(action)
        for (index, call) in (export.calls[node.position] ?? []).enumerated() {
            add(call, number: index + 1, of: node)
        }
        return entities.add(
            Self.id(node, "control"), "ControlAction",
            about: [
                ("name", .string("Control of \(node.node)")),
                ("instrument", CrateEntities.reference(Self.id(node, "step"))),
                ("object", action),
            ])
    }

    private func about(_ node: StoredNode) -> String {
        if let counts = export.elements[node.position] {
            return "\(node.status.shown.capitalizedFirst). \(counts.of(node).line)."
        }
        if node.status != .cached {
            let status = node.status.shown.capitalizedFirst
            return node.attempts > 1 ? "\(status) in \(node.attempts) attempts." : status + "."
        }
        let origin = export.origins[node.node].map { ", computed by run \($0)" } ?? ""
        return "A result with the same key was reused\(origin)."
    }

    private mutating func addUsage(of node: StoredNode) -> [JSON] {
        [
            ("processor", "processor time", JSON.seconds(node.processor).text, "SEC"),
            ("peak", "peak memory of the process", "\(node.peak)", "AD"),
        ].map { key, name, value, unit in
            entities.add(
                Self.id(node, key), "PropertyValue",
                about: [
                    ("name", .string(name)), ("propertyID", .string("urn:x-vtlua:\(key)")),
                    ("value", .string(value)), ("unitCode", .string(unit)),
                ])
        }
    }

    private mutating func add(_ call: CallRecord, number: Int, of node: StoredNode) {
        let end = call.ended
        let status: ActionStatus = call.count == call.done ? .completed : .failed
        actions.append(
            entities.add(
                Self.id(node, "call") + "/\(number)", "Action",
                about: [
                    (
                        "name",
                        .string(
                            "Parallel call \(number) of \(node.node)"
                                + (call.label.map { ", \($0)" } ?? "")
                                + (call.place.map { ", at \($0)" } ?? ""))
                    ), ("description", .string(call.summary)),
                    ("instrument", CrateEntities.reference(Self.program)),
                    ("object", CrateEntities.reference(Self.id(node, "node"))),
                    ("startTime", .string(Self.time(call.began))),
                ] + (end.map { [("endTime", .string(Self.time($0)))] } ?? [])
                    + status.fields(error: call.summary)))
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
