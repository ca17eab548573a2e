// SPDX-License-Identifier: BSD-3-Clause

import VTParallel
import VTRuntime
import VTStore
import VTSystem
import VTWorkflow

extension ShowCommand {
    func text(
        _ run: StoredRun, _ nodes: [StoredNode], _ elements: [Int: ElementCounts]
    ) -> String {
        var text = "\(run.run)  \(run.workflow.escapedForTerminal)  \(run.status.rawValue)\n"
        text += "  flow     \(run.flow.escapedForTerminal)\n"
        text += "  started  \(Timestamp.local(run.started))"
        text += run.seconds.map { ", took \(Format.duration($0))" } ?? ""
        text += "\n  on       \(run.host), \(run.system), vtlua \(run.version)\n"
        if !run.machine.isEmpty {
            let machine = run.machine.map { "\($0.name) \($0.value)" }
            text += "  with     \(machine.joined(separator: ", "))\n"
        }
        for parameter in run.parameters {
            text += "  -p \(parameter.name.escapedForTerminal)=\(parameter.text)\n"
        }
        let byName = Dictionary(nodes.map { ($0.node, $0) }) { first, _ in first }
        for output in run.outputs {
            let value = byName[output.node]?.outputs.first { $0.name == output.port }
            text += "  output   \(output.name.escapedForTerminal) = \(value?.text() ?? "-")"
            text += "  (\("\(output.node).\(output.port)".escapedForTerminal))\n"
        }
        let width = nodes.map(\.node.count).max() ?? 0
        let states = max(8, nodes.map(\.status.shown.count).max() ?? 0)
        for node in nodes {
            text += "\(node.status.shown.padded(to: states))  "
            text += "\(node.node.escapedForTerminal.padded(to: width))  "
            text += "\(Format.duration(node.seconds))  "
            text += "\(node.module) \(node.version)".escapedForTerminal
            if let counts = elements[node.position] { text += "  \(counts.of(node).line)" }
            if node.status != .notNeeded, let because = node.because {
                text += "  (\(because.escapedForTerminal))"
            }
            text += "\n"
            if let error = node.error, let line = error.sourceLines.first {
                text += "          \(line.escapedForTerminal)\n"
            }
        }
        return text
    }

    func text(
        _ node: StoredNode, _ calls: [CallRecord], _ element: ElementRecord? = nil,
        elements: ElementList? = nil
    ) -> String {
        var text = "\(node.node)  \(node.module) \(node.version)".escapedForTerminal
        text += "  \(node.status.shown)\n"
        if node.status == .notNeeded {
            let reason =
                node.because.map { "`\($0.escapedForTerminal)` did not read its stream" }
                ?? "no branch that was chosen needs it"
            text += "  not computed: \(reason)\n"
        } else if let element {
            if element.attempts > 0 {
                text += "  started  \(Timestamp.local(node.started)), took "
                text += "\(Format.duration(node.seconds)) \(element.workerText)\n"
            }
        } else {
            text += "  started  \(Timestamp.local(node.started)), took "
            text += "\(Format.duration(node.seconds)), CPU time "
            text += "\(Format.duration(node.processor)), peak memory \(node.peak >> 20) MiB\n"
        }
        if node.attempts > 1 { text += "  attempts \(node.attempts)\n" }
        if let key = node.key.key { text += "  key      \(key.hexadecimal)\n" }
        if let obstacle = node.key.obstacle { text += "  not cached: \(obstacle)\n" }
        if let origin = node.origin { text += "  computed in run \(origin)\n" }
        for (what, values) in [
            ("input", node.inputs), ("output", node.outputs), ("note", node.annotations),
        ] {
            for value in values {
                text += "  \(what.padded(to: 7))  \(value.name.escapedForTerminal) = "
                text += "\(value.text())\n"
            }
        }
        for library in node.libraries {
            text += "  library  \(library.line)\n"
        }
        for call in calls { text += "  call     \(call.line)\n" }
        if let elements { text += elements.text }
        if node.status != .notNeeded, let because = node.because {
            let word = node.status == .suspended ? "handle  " : "because of"
            text += "  \(word) \(because.escapedForTerminal)\n"
        }
        if let error = node.error { text += error.lines(for: STDOUT_FILENO) + "\n" }
        if !node.printed.isEmpty {
            let printed = node.printed.lines(for: STDOUT_FILENO)
            text += printed.hasSuffix("\n") ? printed : printed + "\n"
        }
        return text
    }
}

extension LibraryRecord {
    /// The name, the version and the file.
    fileprivate var line: String {
        let parts = [name, version, "(\(file))"].compactMap { $0 }
        return parts.joined(separator: " ").escapedForTerminal
    }
}
