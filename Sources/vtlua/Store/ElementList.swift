// SPDX-License-Identifier: BSD-3-Clause

import VTRuntime
import VTStore
import VTSystem
import VTWorkflow

/// The elements of a recorded node, for `vtlua show RUN/NODE`.
struct ElementList {
    /// All elements, in the order of their places.
    private let elements: [ElementRecord]
    let counts: ElementCounts

    /// The largest number of elements in the text.
    private static let most = 20

    /// - Returns: nil for a node without elements on record.
    init?(of node: StoredNode, in run: StoredRun, _ store: Store) throws {
        guard let counts = try store.elementCounts(of: node.position, in: run.run) else {
            return nil
        }
        self.counts = counts.of(node)
        var elements: [ElementRecord] = []
        elements.reserveCapacity(counts.total)
        try store.forEachElement(of: node.position, in: run.run) { element in
            elements.append(element)
            return true
        }
        self.elements = elements.sorted { $0.place.lexicographicallyPrecedes($1.place) }
    }

    /// The counts and a bounded list: failed and suspended elements first, then the slowest.
    var text: String {
        var text = "  \(counts.line)\n"
        let failed = elements.filter { [.failed, .stopped, .suspended].contains($0.status) }
        let others = elements.filter { $0.status == .computed || $0.status == .cached }
            .sorted { $0.seconds > $1.seconds }
        let shown = (failed + others).prefix(Self.most)
        let width = shown.map(\.label.count).max() ?? 0
        for element in shown {
            text += "  \(element.label.padded(to: width))  "
            if element.attempts == 0, element.error == nil {
                text += element.status.rawValue + "\n"
                continue
            }
            text += element.status.rawValue.padded(to: 8)
            if element.attempts > 0 {
                text += "  \(Format.duration(element.seconds))  \(element.workerText)"
            }
            if let error = element.error, let line = error.sourceLines.first {
                text += "  \(line.escapedForTerminal)"
            }
            text += "\n"
        }
        let rest = elements.count - shown.count
        if rest > 0 { text += "  and \(Format.count(rest)) more; --json lists all\n" }
        return text
    }

    var json: JSON { .array(elements.map { .object($0.fields) }) }
}

extension ElementRecord {
    /// The worker that computed the element.
    var workerText: String { worker == 0 ? "on the interpreter" : "on worker \(worker)" }

    /// The fields of an element.
    var fields: [JSON.Member] {
        [
            (
                "index",
                place.count == 1 ? .integer(place[0]) : .array(place.map(JSON.integer))
            ),
            ("status", .string(status.rawValue)),
            ("key", key.map { .string($0.hexadecimal) } ?? .null),
            ("started", started == 0 ? .null : .number(started)), ("seconds", .seconds(seconds)),
            ("worker", .integer(worker)), ("attempts", .integer(attempts)),
            ("error", error.map(JSON.string) ?? .null),
        ]
    }
}
