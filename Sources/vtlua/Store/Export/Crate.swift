// SPDX-License-Identifier: BSD-3-Clause

import VTParallel
import VTRuntime
import VTStore
import VTSystem

/// The metadata file of an RO-Crate 1.1 for a run, according to the Process, Workflow and
/// Provenance Run Crate profiles.
struct Crate {
    typealias Fields = [(key: String, value: JSON)]

    var entities = CrateEntities()
    var dataFiles: [JSON] = []
    var actions: [JSON] = []
    let export: RunExport
    /// The directory of the metadata file; paths of files are relative to it.
    let root: String
    let flow: String

    /// - Parameter license: the licence of the crate's contents, a URI or a text.
    static func make(_ export: RunExport, root: String, license: String?) -> JSON {
        var crate = Crate(export: export, root: root)
        crate.addDescriptor(license)
        crate.addProgram()
        crate.addWorkflow()
        crate.addRun()
        crate.entities.set("hasPart", of: "./", crate.dataFiles)
        crate.entities.set("mentions", of: "./", crate.actions)
        return .object([
            (
                "@context",
                .array([
                    .string("https://w3id.org/ro/crate/1.1/context"),
                    .string("https://w3id.org/ro/terms/workflow-run/context"),
                ])
            ), ("@graph", crate.entities.json),
        ])
    }

    private init(export: RunExport, root: String) {
        self.export = export
        self.root = root
        flow = Self.id(ofFile: export.run.flow, from: export.run.directory, root)
    }

    /// The identifier of a file: a path relative to the crate, or a `file://` URI for files
    /// outside.
    static func id(ofFile path: String, from directory: String, _ root: String) -> String {
        let path = path.path(from: directory)
        let start = root.hasSuffix("/") ? root : root + "/"
        return path.hasPrefix(start)
            ? String(path.dropFirst(start.count)).escapedForURI : "file://" + path.escapedForURI
    }
}

// MARK: - The crate and the workflow

extension Crate {
    static let program = "#vtlua"
    private static let language = "#lua"

    private mutating func addDescriptor(_ license: String?) {
        let run = export.run
        let workflowCrate = "https://w3id.org/workflowhub/workflow-ro-crate/1.0"
        entities.add(
            "ro-crate-metadata.json", "CreativeWork",
            about: [
                (
                    "conformsTo",
                    .array([
                        CrateEntities.reference("https://w3id.org/ro/crate/1.1"),
                        CrateEntities.reference(workflowCrate),
                    ])
                ), ("about", CrateEntities.reference("./")),
            ])
        let profiles = [
            ("https://w3id.org/ro/wfrun/process/0.5", "Process Run Crate", "0.5"),
            ("https://w3id.org/ro/wfrun/workflow/0.5", "Workflow Run Crate", "0.5"),
            ("https://w3id.org/ro/wfrun/provenance/0.5", "Provenance Run Crate", "0.5"),
            (workflowCrate, "Workflow RO-Crate", "1.0"),
        ]
        var about: Fields = [
            ("name", .string("Run \(run.run) of \(run.workflow)")),
            ("description", .string(Self.about(run))),
            ("datePublished", .string(Self.time(export.ended ?? run.started))),
            ("license", .string(license ?? "Not stated.")),
            ("conformsTo", .array(profiles.map { CrateEntities.reference($0.0) })),
            ("mainEntity", CrateEntities.reference(flow)),
        ]
        let isURI = license.map { $0.hasPrefix("https://") || $0.hasPrefix("http://") } ?? false
        if isURI, let license {
            about[3].value = CrateEntities.reference(license)
        }
        entities.add("./", "Dataset", about: about)
        for (id, name, version) in profiles {
            entities.add(
                id, "CreativeWork",
                about: [("name", .string(name)), ("version", .string(version))])
        }
        if isURI, let license {
            entities.add(license, "CreativeWork", about: [("name", .string(license))])
        }
    }

    private mutating func addProgram() {
        entities.add(
            Self.program, "SoftwareApplication",
            about: [
                ("name", .string("vtlua")), ("softwareVersion", .string(export.run.version)),
                ("description", .string("Runs workflows whose modules are Lua scripts.")),
            ])
        entities.add(
            Self.language, "ComputerLanguage",
            about: [
                ("name", .string("Lua")), ("version", .string("5.4")),
                ("url", CrateEntities.reference("https://www.lua.org/")),
            ])
    }

    private mutating func addWorkflow() {
        let run = export.run
        let inputs = run.parameters.map { addParameter($0.name, of: "flow", isInput: true) }
        dataFiles.append(
            entities.add(
                flow, "File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo",
                about: [
                    ("name", .string(run.workflow)),
                    ("conformsTo", Self.profile("ComputationalWorkflow")),
                    ("programmingLanguage", CrateEntities.reference(Self.language)),
                    ("encodingFormat", .string("text/x-lua")),
                    ("contentSize", .string("\(run.source.utf8.count)")),
                    ("identifier", addHash(run.digest)),
                ]))
        entities.set("input", of: flow, inputs)
        var tools: [JSON] = []
        var known: Set<String> = []
        for node in export.nodes where known.insert(Self.tool(node)).inserted {
            tools.append(addTool(of: node))
        }
        let steps = export.nodes.map { node in
            entities.add(
                Self.id(node, "step"), "HowToStep",
                about: [
                    ("name", .string(node.node)), ("position", .string("\(node.position + 1)")),
                    ("workExample", CrateEntities.reference(Self.tool(node))),
                ])
        }
        entities.set("hasPart", of: flow, tools)
        entities.set("step", of: flow, steps)
        addConnections()
    }

    private mutating func addTool(of node: StoredNode) -> JSON {
        let tool = Self.tool(node)
        let inputs = node.inputs.map { addParameter($0.name, of: tool, isInput: true) }
        let outputs = node.outputs.map { addParameter($0.name, of: tool, isInput: false) }
        let reference = entities.add(
            tool, "SoftwareApplication",
            about: [
                ("name", .string(node.module)), ("softwareVersion", .string(node.version)),
            ])
        entities.set("input", of: tool, inputs)
        entities.set("output", of: tool, outputs)
        return reference
    }

    mutating func addParameter(_ name: String, of owner: String, isInput: Bool) -> JSON {
        entities.add(
            Self.parameter(name, of: owner, isInput: isInput), "FormalParameter",
            about: [
                ("name", .string(name)), ("additionalType", .string("PropertyValue")),
                ("conformsTo", Self.profile("FormalParameter")),
            ])
    }

    private mutating func addConnections() {
        let nodes = Dictionary(export.nodes.map { ($0.node, $0) }) { first, _ in first }
        var byStep: [(step: String, connections: [JSON])] = []
        for (index, connection) in export.connections.enumerated() {
            guard let source = nodes[connection.source], let node = nodes[connection.node] else {
                continue
            }
            let (from, to) = (Self.tool(source), Self.tool(node))
            let reference = entities.add(
                "#connection/\(index + 1)", "ParameterConnection",
                about: [
                    ("sourceParameter", addParameter(connection.output, of: from, isInput: false)),
                    ("targetParameter", addParameter(connection.input, of: to, isInput: true)),
                ])
            let step = Self.id(node, "step")
            if byStep.last?.step == step {
                byStep[byStep.count - 1].connections.append(reference)
            } else {
                byStep.append((step, [reference]))
            }
        }
        for (step, connections) in byStep { entities.set("connection", of: step, connections) }
    }

    mutating func addHash(_ digest: String) -> JSON {
        entities.add(
            "#blake2b/\(digest)", "PropertyValue",
            about: [
                ("name", .string("BLAKE2b-256 of the content")),
                ("propertyID", .string("BLAKE2b-256")), ("value", .string(digest)),
            ])
    }
}

// MARK: - Names

extension Crate {
    static func id(_ node: StoredNode, _ kind: String) -> String {
        "#\(kind)/" + node.node.escapedForURI
    }

    static func tool(_ node: StoredNode) -> String {
        "#module/\(node.module.escapedForURI)@\(node.version.escapedForURI)"
    }

    static func parameter(_ name: String, of owner: String, isInput: Bool) -> String {
        let owner = owner.hasPrefix("#") ? owner : "#" + owner
        return "\(owner)/\(isInput ? "input" : "output")/\(name.escapedForURI)"
    }

    static func value(_ name: String, of node: String, isInput: Bool) -> String {
        "#\(isInput ? "input" : "output")/\(node.escapedForURI)/\(name.escapedForURI)"
    }

    /// The state of an action. RO-Crate has no state for an action that was cancelled or killed: it
    /// has failed.
    enum ActionStatus: String {
        case active = "Active"
        case completed = "Completed"
        case failed = "Failed"

        init(_ status: StoredRun.Status) {
            self =
                switch status {
                case .running: .active
                case .done: .completed
                case .failed, .suspended, .cancelled, .killed, .unknown: .failed
                }
        }

        init(_ status: StoredNode.Status) {
            self =
                switch status {
                case .computed, .cached: .completed
                case .suspended: .active
                case .failed, .skipped, .notNeeded, .stopped, .unknown: .failed
                }
        }

        /// - Parameter error: the error of an action that failed.
        func fields(error: String) -> Fields {
            let field = (
                "actionStatus", JSON.string("http://schema.org/\(rawValue)ActionStatus")
            )
            return [field] + (self == .failed ? [("error", .string(error))] : [])
        }
    }

    static func about(_ run: StoredRun) -> String {
        "A run of the workflow `\(run.workflow)` by vtlua \(run.version) on \(run.host), "
            + "\(run.system): \(run.status.rawValue)."
    }

    static func profile(_ name: String) -> JSON {
        CrateEntities.reference("https://bioschemas.org/profiles/\(name)/1.0-RELEASE")
    }

    /// ISO 8601 with milliseconds and a UTC offset, which some readers require.
    static func time(_ seconds: Double) -> String {
        Timestamp.text(seconds, digits: 3).dropLast() + "+00:00"
    }

    static func format(of path: String) -> Fields {
        let types = [
            "csv": "text/csv", "html": "text/html", "jpg": "image/jpeg", "json": "application/json",
            "lua": "text/x-lua", "md": "text/markdown", "pdf": "application/pdf",
            "png": "image/png",
            "svg": "image/svg+xml", "tsv": "text/tab-separated-values", "txt": "text/plain",
            "xml": "application/xml",
        ]
        let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
        return types[ending].map { [("encodingFormat", .string($0))] } ?? []
    }
}
