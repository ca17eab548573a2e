// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTStore
import VTRuntime
import VTSystem
import VTWorkflow

/// `vtlua why`
struct WhyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "why", abstract: "Explain why a node or an element was recomputed.")

    @Argument(
        help: ArgumentHelp(
            "The node or element of a run, such as last/smooth or last/blur[17].",
            valueName: "run/node"))
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
            let found = try store.find(node, of: run, in: opened)
            if let port = found.port {
                throw ValidationError(
                    "`\(port)` is an output of `\(found.node.node)`; ask for the node: vtlua why "
                        + String(what.dropLast(port.count + 1)))
            }
            let status =
                found.element?.status.rawValue
                ?? (json ? found.node.status.rawValue : found.node.status.shown)
            let reason =
                try found.element.map {
                    try self.reason($0, of: found.node, run, opened)
                } ?? reason(found.node, run, opened)
            if json {
                let object = JSON.document([
                    ("run", .string(run.run)), ("node", .string(node)),
                    ("status", .string(status)), ("reason", .string(reason)),
                ])
                try results.write(object)
            } else {
                try results.write("`\(node)` \(status): \(reason)\n")
            }
            return 0
        }
    }

    private func reason(
        _ node: StoredNode, _ run: StoredRun, _ store: Store
    ) throws -> String {
        if node.status == .cached { return "its key equals that of an earlier result" }
        if node.status == .notNeeded {
            return node.because.map { "`\($0)` did not read its stream" }
                ?? "no branch that was chosen needs it"
        }
        if node.status == .suspended {
            return "its work goes on" + (node.because.map { ": \($0)" } ?? "")
        }
        if let because = node.because { return "because of \(because)" }
        if let reason = try reasonOfElements(node, run, store) { return reason }
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
        guard [.input, .elements, .lists].contains(part.kind),
            difference.sentence.hasSuffix("was changed"),
            part.shown.contains("` of `"),
            let name = part.shown.split(separator: "`").last.map(String.init),
            let upstream = try store.nodes(of: run.run).first(where: { $0.node == name })
        else { return difference.sentence }
        let input = part.kind == .input ? "its input" : "the list for its input"
        return "\(input) `\(part.name)` comes from `\(name)`: "
            + (try reason(upstream, run, store))
    }

    // MARK: Elements

    /// The number of elements that were computed, and the reason of the first; nil for a node without
    /// elements.
    private func reasonOfElements(
        _ node: StoredNode, _ run: StoredRun, _ store: Store
    ) throws -> String? {
        var first: ElementRecord?
        var (total, missed) = (0, 0)
        try store.forEachElement(of: node.position, in: run.run) { element in
            total += 1
            if element.status == .cached { return true }
            missed += 1
            if first.map({ element.place.lexicographicallyPrecedes($0.place) }) ?? true {
                first = element
            }
            return true
        }
        if total == 0 { return nil }
        guard let first else { return "all of its \(Format.count(total, node.noun)) were cached" }
        return "\(Format.count(missed)) of \(Format.count(total, node.noun)) had no result; "
            + "the first, `\(node.node)\(first.label)`: \(try reason(first, of: node, run, store))"
    }

    private func reason(
        _ element: ElementRecord, of node: StoredNode, _ run: StoredRun, _ store: Store
    ) throws -> String {
        if element.status == .cached { return "its key equals that of an earlier result" }
        if element.status == .stopped { return "the run was stopped" }
        if element.status == .suspended { return "its work goes on" }
        if let obstacle = node.key.obstacle { return "cannot be cached: \(obstacle)" }
        if node.key.key == nil { return "it is never cached, or the run used --no-cache" }
        guard
            let earlier = try store.lastElements(
                of: node.node, workflow: run.workflow, before: run.run),
            let owner = try store.nodes(of: earlier.run).first(where: {
                $0.position == earlier.position
            })
        else { return "it had no earlier result" }
        guard
            let before = try store.element(
                at: element.place, of: earlier.position, in: earlier.run)
        else {
            let counts = try store.elementCounts(of: earlier.position, in: earlier.run)
            return "it is new: run \(earlier.run) had "
                + "\(Format.count(counts?.total ?? 0, node.noun))"
        }
        if let difference = node.key.shared.difference(from: owner.key.shared) {
            return try origin(of: difference, run, store)
        }
        let varying = node.key.varying
        for (number, part) in varying.enumerated() where number < element.inputs.count {
            guard number >= before.inputs.count || before.inputs[number] != element.inputs[number]
            else { continue }
            return "its element of input `\(part.name)`"
                + (part.shown.isEmpty ? "" : " (from \(part.shown))") + " was changed"
        }
        if before.status == .failed { return "it failed in run \(earlier.run)" }
        return "its key had not changed; its result was missing, its files had changed, or it was "
            + "forced"
    }
}
