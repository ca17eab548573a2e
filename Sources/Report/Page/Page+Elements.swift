// SPDX-License-Identifier: BSD-3-Clause

internal import VTStore
internal import VTSystem
internal import VTWorkflow

// The elements of a node.

extension Page {
    /// The largest numbers of failed and of other elements in a table.
    private static let mostFailed = 50
    private static let mostOthers = 50

    /// - Parameter number: the index of the elements among the calls of the timeline.
    func elements(of node: Report.Node, _ number: Int?) -> HTML {
        if node.elements.isEmpty { return "" }
        let summary = ElementSummary(node.elements)
        let noun = node.record.noun
        var badges: HTML = ""
        for (state, count) in summary.counts {
            badges += "\(state.badge) \(Format.count(count)) "
        }
        var search: HTML = ""
        if let number {
            search = """
                <div class="bar"><label>Find \(noun) <input type="search" size="8" \
                data-elements="\(number)" placeholder="index" autocomplete="off"></label>\
                <span class="quiet" role="status"></span></div>

                """
        }
        return """
            <h4>\(noun.prefix(1).uppercased() + noun.dropFirst())s</h4>
            <p>\(Format.count(summary.total, noun)): \(badges)</p>
            \(histogram(summary))\(search)\(table(node.elements))
            """
    }

    private func histogram(_ summary: ElementSummary) -> HTML {
        let bins = summary.histogram
        guard bins.count > 1 || summary.timed.count > 1 else { return "" }
        let most = max(1, bins.map(\.count).max() ?? 1)
        var rows: HTML = ""
        for bin in bins {
            rows += """
                <tr><th scope="row">\(bin.label)</th><td class="n">\(Format.count(bin.count))</td>\
                <td><span class="share\(bin.count == 0 ? " skipped" : "")" \
                style="width:\(Double(bin.count) / Double(most) * 100)%"></span></td></tr>

                """
        }
        return """
            <table class="histogram" aria-label="Durations of elements"><tbody>
            \(rows)</tbody></table>

            """
    }

    private func table(_ elements: [ElementRecord]) -> HTML {
        let failed = elements.filter { [.failed, .stopped, .suspended].contains($0.status) }
        let others = elements.filter { $0.attempts > 0 && $0.status == .computed }
            .sorted { $0.seconds > $1.seconds }
        if failed.isEmpty, others.isEmpty { return "" }
        var rows: HTML = ""
        for element in failed.prefix(Self.mostFailed) + others.prefix(Self.mostOthers) {
            let place = element.worker == 0 ? "interpreter" : "worker \(element.worker)"
            let message = element.error?.split(separator: "\n").first.map(String.init) ?? ""
            rows += """
                <tr><td class="n">\(element.label)</td><td>\(State(element.status).badge)</td>\
                <td class="n">\(Format.duration(element.seconds))</td><td>\(place)</td>\
                <td class="n">\(element.attempts)</td><td class="message">\(message)</td></tr>

                """
        }
        var notes: [String] = []
        if failed.count > Self.mostFailed {
            notes.append(
                "the first \(Self.mostFailed) of \(Format.count(failed.count)) failed elements")
        }
        if others.count > Self.mostOthers {
            notes.append(
                "the \(Self.mostOthers) slowest of \(Format.count(others.count))"
                    + (failed.isEmpty ? "" : " others"))
        }
        let note: HTML =
            notes.isEmpty
            ? "" : "<p class=\"quiet\">Listed are \(notes.joined(separator: " and ")).</p>\n"
        return """
            <div class="wide tall elements"><table class="data"><thead><tr><th class="n">Index</th>\
            <th>State</th><th class="n">Duration</th><th>Where</th><th class="n">Attempts</th>\
            <th>Error</th></tr></thead><tbody>
            \(rows)</tbody></table></div>
            \(note)
            """
    }

    /// A row of the table of calls.
    func row(ofElements node: Report.Node, _ name: HTML, _ number: Int) -> HTML {
        let summary = ElementSummary(node.elements)
        let places = Set(summary.timed.lazy.map { $0.worker == 0 ? "interpreter" : "workers" })
        return """
            <tr><td>\(name)</td><td>\(places.sorted().joined(separator: ", "))</td>\
            <td class="n">\(summary.workers)</td><td class="n">\(Format.count(summary.timed.count))</td>\
            <td class="n\(summary.failed > 0 ? " bad" : "")">\(Format.count(summary.failed))</td>\
            <td class="n">0</td><td class="n">\(Format.duration(summary.seconds))</td>\
            <td class="n">\(Format.duration(summary.mean))</td>\
            <td class="n">\(Format.duration(summary.longest))</td>\
            <td class="n">\(Int((summary.busy * 100).rounded())) %</td>\
            <td><button type="button" data-call="\(number)">Show</button></td></tr>

            """
    }
}

extension Report.Node {
    /// True if the timeline has elements of the node.
    var hasTimedElements: Bool { elements.contains { $0.attempts > 0 } }
}
