// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import Glibc
import VTStore
import VTRuntime

/// `vtlua export`
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write a run's record in a standard form.",
        discussion: """
            prov is W3C PROV-JSON; ro-crate is the metadata file of an RO-Crate 1.1, whose files \
            are those beside it.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case prov
        case crate = "ro-crate"
    }

    @Argument(help: ArgumentHelp("A run; `last` is the newest.", valueName: "run"))
    var name: String

    @Option(name: .shortAndLong, help: "What to write.")
    var format: Format

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write it there, not to standard output.", valueName: "file"))
    var output: String?

    @Option(
        help: ArgumentHelp(
            "For ro-crate: the licence of what is in it, a URL or a text.", valueName: "licence"))
    var license: String?

    @OptionGroup var store: StoreOption

    @Flag(help: "Print JSON, as it does in any case.")
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
        for node in nodes where node.status == "cached" {
            guard let key = node.key.key, let origin = try store.origin(of: key) else { continue }
            origins[node.node] = origin
        }
        let export = RunExport(
            run: run, nodes: nodes, calls: try store.calls(of: run.run), origins: origins)
        switch format {
        case .prov: return ProvDocument.make(export)
        case .crate:
            return Crate.make(
                export, root: (output ?? "ro-crate-metadata.json").folder, license: license)
        }
    }
}

extension String {
    /// The directory in which a file of this path is, whether it is there or not.
    fileprivate var folder: String {
        var here = "/"
        if let path = getcwd(nil, 0) {
            here = String(cString: path)
            free(path)
        }
        return path(from: here).directoryPart
    }
}
