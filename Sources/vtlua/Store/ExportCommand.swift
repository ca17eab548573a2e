// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTStore
import VTRuntime
import VTSystem

/// `vtlua export`
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Export a run's record in a standard format.",
        discussion: """
            The format prov is W3C PROV-JSON. The format ro-crate is the metadata file of an \
            RO-Crate 1.1; write it to the directory of the crate's files.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case prov
        case crate = "ro-crate"
    }

    @Argument(help: ArgumentHelp("The run to export; `last` is the newest.", valueName: "run"))
    var name: String

    @Option(name: .shortAndLong, help: "Select the format.")
    var format: Format

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write to this file instead of standard output.", valueName: "file"))
    var output: String?

    @Option(
        help: ArgumentHelp(
            "Set the licence of an RO-Crate's contents, a URL or a text.", valueName: "licence"))
    var license: String?

    @OptionGroup var store: StoreOption

    @Flag(help: "Accepted for consistency; the output is always JSON.")
    var json = false

    func run() throws {
        try store.existing { opened in
            let text = try document(store.run(name, in: opened), opened).lines() + "\n"
            guard let output else {
                try ResultStream.standardOutput.write(text)
                return 0
            }
            guard let reason = writeFile(text, to: output) else { return 0 }
            report("error: cannot write '\(output)': \(reason)\n")
            return 1
        }
    }

    private func document(_ run: StoredRun, _ store: Store) throws -> JSON {
        let nodes = try store.nodes(of: run.run)
        var origins: [String: String] = [:]
        for node in nodes where node.status == .cached {
            origins[node.node] =
                try node.origin ?? node.key.key.flatMap { try store.origin(of: $0) }
        }
        let export = RunExport(
            run: run, nodes: nodes, calls: try store.calls(of: run.run), origins: origins,
            elements: try store.allElementCounts(of: run.run))
        switch format {
        case .prov: return ProvDocument.make(export)
        case .crate:
            return Crate.make(
                export, root: (output ?? "ro-crate-metadata.json").folder, license: license)
        }
    }
}

extension String {
    /// The absolute path of the directory that contains this path.
    fileprivate var folder: String {
        var here = "/"
        if let path = getcwd(nil, 0) {
            here = String(cString: path)
            free(path)
        }
        return path(from: here).directoryPart
    }
}
