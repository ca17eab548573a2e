// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTStore
import VTRuntime
import VTSystem

/// `vtlua why`
struct WhyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Explain why a node was recomputed.")

    @Argument(
        help: ArgumentHelp("The node of a run, such as last/smooth.", valueName: "run/node"))
    var what: String

    @OptionGroup var store: StoreOption

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let results = ResultStream.standardOutput
        let (name, node) = what.runAndNode
        guard let node else {
            throw ValidationError("expected RUN/NODE, got '\(what)'; for the newest run: last/NODE")
        }
        try store.existing { opened in
            let run = try store.run(name, in: opened)
            let found = try store.node(node, of: run, in: opened)
            let reason = try reason(found, run, opened)
            if json {
                let object = JSON.document([
                    ("run", .string(run.run)), ("node", .string(node)),
                    ("status", .string(found.status.rawValue)), ("reason", .string(reason)),
                ])
                try results.write(object)
            } else {
                try results.write("`\(node)` \(found.status.rawValue): \(reason)\n")
            }
            return 0
        }
    }

    private func reason(
        _ node: StoredNode, _ run: StoredRun, _ store: Store
    ) throws -> String {
        if node.status == .cached { return "its key equals that of an earlier result" }
        if let because = node.because { return "because of \(because)" }
        if let obstacle = node.key.obstacle { return "cannot be cached: \(obstacle)" }
        if node.key.key == nil { return "it is never cached, or the run used --no-cache" }
        guard
            let before = try store.lastKey(of: node.node, workflow: run.workflow, before: run.run)
        else { return "it had no earlier result" }
        guard let difference = node.key.difference(from: before) else {
            return "its key had not changed; its result was missing, its files had changed, or it "
                + "was forced"
        }
        return try origin(of: difference, run, store)
    }

    /// The reason; if only the key of another node differs, the reason of that node.
    private func origin(
        of difference: KeyRecord.Difference, _ run: StoredRun, _ store: Store
    ) throws -> String {
        let part = difference.part
        guard part.kind == .input, difference.sentence.hasSuffix("was changed"),
            part.shown.contains("` of `"),
            let name = part.shown.split(separator: "`").last.map(String.init),
            let upstream = try store.nodes(of: run.run).first(where: { $0.node == name })
        else { return difference.sentence }
        return "its input `\(part.name)` comes from `\(name)`: "
            + (try reason(upstream, run, store))
    }
}
