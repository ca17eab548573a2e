// SPDX-License-Identifier: BSD-3-Clause

import VTParallel
import VTStore
import VTRuntime
import VTSystem

/// Exports a run as W3C PROV-JSON.
///
/// The run, each node and each parallel call is an activity; parameters, inputs, outputs, files and
/// the workflow's script are entities; vtlua is the agent, and the script its plan.
struct ProvDocument {
    private typealias Record = [(key: String, value: JSON)]

    private var sections: [(name: String, records: Record)] = []
    private var relations = 0
    private var files: Set<String> = []
    private let export: RunExport

    static func make(_ export: RunExport) -> JSON {
        var document = ProvDocument(export: export)
        document.addRun()
        for node in export.nodes { document.add(node) }
        document.addConnections()
        return document.json
    }

    private init(export: RunExport) { self.export = export }

    private var json: JSON {
        let prefixes: Record = [
            ("run", .string("urn:x-vtlua:run:\(export.run.run):")),
            ("note", .string("urn:x-vtlua:note:")),
            ("vtlua", .string("urn:x-vtlua:")),
        ]
        let order = [
            "entity", "activity", "agent", "wasGeneratedBy", "used", "wasInformedBy",
            "wasStartedBy", "wasAssociatedWith", "wasDerivedFrom",
        ]
        return .object(
            [("prefix", .object(prefixes))]
                + order.compactMap { name in
                    sections.first { $0.name == name }.map { (name, .object($0.records)) }
                })
    }
}

// MARK: - Entities and activities

extension ProvDocument {
    private static let agent = "vtlua:program"

    private mutating func addRun() {
        let run = export.run
        add(
            "agent", Self.agent,
            [
                ("prov:type", Self.name("prov:SoftwareAgent")), ("prov:label", .string("vtlua")),
                ("vtlua:version", .string(run.version)),
            ])
        add(
            "entity", "run:flow",
            [
                ("prov:type", Self.name("prov:Plan")), ("prov:label", .string(run.workflow)),
                ("prov:location", .string(run.flow)), ("prov:value", .string(run.source)),
                ("vtlua:blake2b", .string(run.digest)),
            ])
        var about: Record = [
            ("prov:type", Self.name("vtlua:Run")), ("prov:label", .string(run.workflow)),
            ("prov:startTime", .string(Timestamp.text(run.started))),
        ]
        if let ended = export.ended {
            about.append(("prov:endTime", .string(Timestamp.text(ended))))
        }
        about += [
            ("vtlua:status", .string(run.status.rawValue)), ("vtlua:host", .string(run.host)),
            ("vtlua:system", .string(run.system)), ("vtlua:process", .integer(run.pid)),
            ("vtlua:modules", .integer(run.modules)),
        ]
        if !run.directory.isEmpty { about.append(("prov:location", .string(run.directory))) }
        for (name, value) in run.machine { about.append(("vtlua:\(name)", .string(value))) }
        add("activity", "run:run", about)
        relate(
            "wasAssociatedWith", ("prov:activity", "run:run"), ("prov:agent", Self.agent),
            ("prov:plan", "run:flow"))
        use("run:flow", by: "run:run")
        for parameter in run.parameters {
            let name = parameter.name
            addValue(
                parameter.text, named: name, "run:parameter/" + name.escapedForURI,
                "vtlua:Parameter")
            use("run:parameter/" + name.escapedForURI, by: "run:run")
        }
    }

    private mutating func add(_ node: StoredNode) {
        let id = Self.id(node)
        var about: Record = [
            ("prov:type", Self.name("vtlua:Node")), ("prov:label", .string(node.node)),
        ]
        if node.wasExecuted {
            about += [
                ("prov:startTime", .string(Timestamp.text(node.started))),
                ("prov:endTime", .string(Timestamp.text(node.ended))),
            ]
        }
        about += [
            ("vtlua:module", .string(node.module)), ("vtlua:version", .string(node.version)),
            ("vtlua:status", .string(node.status.rawValue)),
        ]
        if let key = node.key.key { about.append(("vtlua:key", .string(key.hexadecimal))) }
        if let origin = export.origins[node.node] {
            about.append(("vtlua:computedIn", .string(origin)))
        }
        if node.wasExecuted {
            about += [
                ("vtlua:attempts", .integer(node.attempts)),
                ("vtlua:processorSeconds", Self.seconds(node.processor)),
                ("vtlua:peakBytes", .integer(node.peak)),
            ]
        }
        if let counts = export.elements[node.position] {
            about += [
                ("vtlua:elements", .integer(counts.total)),
                ("vtlua:elementsComputed", .integer(counts.computed)),
                ("vtlua:elementsCached", .integer(counts.cached)),
                ("vtlua:elementsFailed", .integer(counts.failed)),
            ]
        }
        if let error = node.error { about.append(("vtlua:error", .string(error))) }
        if let because = node.because { about.append(("vtlua:because", .string(because))) }
        for note in node.annotations {
            about.append(("note:" + note.name.escapedForURI, .string(note.text)))
        }
        add("activity", id, about)
        relate(
            "wasStartedBy", ("prov:activity", id), ("prov:starter", "run:run"),
            time: node.wasExecuted ? node.started : nil)
        relate("wasAssociatedWith", ("prov:activity", id), ("prov:agent", Self.agent))
        for constant in export.constants(of: node) {
            let input = Self.id(node.node, "input", constant.name)
            addValue(constant.text, named: constant.name, input, "vtlua:Input")
            if node.wasExecuted { use(input, by: id) }
        }
        for value in node.outputs where !value.isNil {
            let output = Self.id(node.node, "output", value.name)
            addValue(value.text, named: value.name, output, "vtlua:Output")
            generate(output, by: id, at: node.ended)
        }
        for library in node.libraries { add(library, of: id) }
        for file in node.files { add(file, of: id, node) }
        for (index, call) in (export.calls[node.position] ?? []).enumerated() {
            add(call, "run:call/\(node.node.escapedForURI)/\(index + 1)", of: id)
        }
    }

    private mutating func addValue(
        _ value: String, named name: String, _ id: String, _ type: String
    ) {
        add(
            "entity", id,
            [
                ("prov:type", Self.name(type)), ("prov:label", .string(name)),
                ("prov:value", .string(value)),
            ])
    }

    /// A library is one entity, even if several nodes had it loaded.
    private mutating func add(_ library: LibraryRecord, of activity: String) {
        let id = "run:library/\(library.digest?.prefix(16) ?? "-")/\(library.name.escapedForURI)"
        if files.insert(id).inserted {
            add(
                "entity", id,
                [
                    ("prov:type", Self.name("vtlua:Library")),
                    ("prov:label", .string(library.name)),
                    ("prov:location", .string(library.file)),
                ] + (library.version.map { [("vtlua:version", .string($0))] } ?? [])
                    + (library.digest.map { [("vtlua:blake2b", .string($0))] } ?? []))
        }
        use(id, by: activity)
    }

    /// Files with the same name and content are one entity, even if several nodes used them.
    private mutating func add(_ file: FileRecord, of activity: String, _ node: StoredNode) {
        let id = "run:file/\(file.digest?.prefix(16) ?? "-")/\(file.path.escapedForURI)"
        if files.insert(id).inserted {
            add(
                "entity", id,
                [
                    ("prov:type", Self.name("vtlua:File")), ("prov:label", .string(file.path)),
                    ("prov:location", .string(file.path)), ("vtlua:bytes", .integer(file.size)),
                ] + (file.digest.map { [("vtlua:blake2b", .string($0))] } ?? []))
        }
        guard node.wasExecuted else { return }
        if file.isOutput {
            generate(id, by: activity, at: node.ended)
        } else {
            use(id, by: activity)
        }
    }

    private mutating func add(_ call: CallRecord, _ id: String, of node: String) {
        var about: Record = [
            ("prov:type", Self.name("vtlua:ParallelCall")),
            ("prov:label", .string(call.label ?? call.place ?? "parallel call")),
            ("prov:startTime", .string(Timestamp.text(call.began))),
        ]
        if let ended = call.ended { about.append(("prov:endTime", .string(Timestamp.text(ended)))) }
        if let place = call.place { about.append(("prov:location", .string(place))) }
        about += [
            ("vtlua:backend", .string(call.backend.rawValue)),
            ("vtlua:workers", .integer(call.workers.count)), ("vtlua:done", .integer(call.done)),
            ("vtlua:failed", .integer(call.failed)), ("vtlua:cancelled", .integer(call.cancelled)),
            ("vtlua:unfinished", .integer(call.unfinished)),
        ]
        add("activity", id, about)
        relate(
            "wasStartedBy", ("prov:activity", id), ("prov:starter", node), time: call.began)
    }
}

// MARK: - Between nodes

extension ProvDocument {
    private mutating func addConnections() {
        let nodes = Dictionary(export.nodes.map { ($0.node, $0) }) { first, _ in first }
        var informed: Set<[String]> = []
        for node in export.nodes where node.wasExecuted {
            for connection in export.taken(by: node) {
                guard let source = nodes[connection.source] else { continue }
                add(connection, from: source, to: node, &informed)
            }
        }
    }

    private mutating func add(
        _ connection: RunDescription.Connection, from source: StoredNode, to node: StoredNode,
        _ informed: inout Set<[String]>
    ) {
        let output = Self.id(source.node, "output", connection.output)
        use(output, by: Self.id(node), as: connection.input)
        if informed.insert([node.node, source.node]).inserted {
            relate(
                "wasInformedBy", ("prov:informed", Self.id(node)),
                ("prov:informant", Self.id(source)))
        }
        guard node.isDone else { return }
        for value in node.outputs where !value.isNil {
            relate(
                "wasDerivedFrom",
                ("prov:generatedEntity", Self.id(node.node, "output", value.name)),
                ("prov:usedEntity", output), ("prov:activity", Self.id(node)))
        }
    }
}

// MARK: - Format

extension ProvDocument {
    private mutating func add(_ section: String, _ id: String, _ about: Record) {
        let record = (key: id, value: JSON.object(about))
        if let index = sections.firstIndex(where: { $0.name == section }) {
            sections[index].records.append(record)
        } else {
            sections.append((section, [record]))
        }
    }

    private mutating func relate(
        _ relation: String, _ ends: (String, String)..., time: Double? = nil, role: String? = nil
    ) {
        relations += 1
        var about: Record = ends.map { ($0.0, .string($0.1)) }
        if let time { about.append(("prov:time", .string(Timestamp.text(time)))) }
        if let role { about.append(("prov:role", .string(role))) }
        add(relation, "_:r\(relations)", about)
    }

    private mutating func use(_ entity: String, by activity: String, as role: String? = nil) {
        relate("used", ("prov:activity", activity), ("prov:entity", entity), role: role)
    }

    private mutating func generate(_ entity: String, by activity: String, at time: Double) {
        relate(
            "wasGeneratedBy", ("prov:entity", entity), ("prov:activity", activity), time: time)
    }

    private static func id(_ node: StoredNode) -> String {
        "run:node/" + node.node.escapedForURI
    }

    private static func id(_ node: String, _ kind: String, _ port: String) -> String {
        "run:\(kind)/\(node.escapedForURI)/\(port.escapedForURI)"
    }

    private static func name(_ name: String) -> JSON { typed(name, "prov:QUALIFIED_NAME") }

    private static func seconds(_ seconds: Double) -> JSON {
        typed(JSON.seconds(seconds).text, "xsd:double")
    }

    private static func typed(_ value: String, _ type: String) -> JSON {
        .object([("$", .string(value)), ("type", .string(type))])
    }
}
