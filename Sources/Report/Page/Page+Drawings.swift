// SPDX-License-Identifier: BSD-3-Clause

internal import VTParallel
internal import VTStore
internal import VTSystem

// The graph and the timeline.

extension Page {
    private static let zoomButtons: HTML = """
        <button type="button" data-zoom="in" title="Zoom in" aria-label="Zoom in">+</button>\
        <button type="button" data-zoom="out" title="Zoom out" aria-label="Zoom out">\u{2212}</button>\
        <button type="button" data-zoom="fit">Fit</button>
        """

    var graph: HTML {
        let picture = GraphPicture(report)
        var legend: HTML = ""
        for state in State.allCases where picture.boxes.contains(where: { $0.state == state }) {
            legend += state.badge
            legend += " "
        }
        return """
            <section id="graph"><h2>Graph</h2>
            <div class="bar"><span class="buttons">\(Self.zoomButtons)</span>\
            <span class="legend">\(legend)</span>\
            <span class="quiet">Ctrl+wheel: zoom, drag: move, click: details</span></div>
            <div class="frame" id="graph-frame" tabindex="0" role="region" aria-label="Graph">
            \(picture.svg)
            </div></section>

            """
    }

    var timelineSection: HTML {
        let counts = timeline.taskCounts
        var notes: HTML = ""
        if counts.drawn < counts.all {
            notes = """
                <p class="quiet">\(Format.count(counts.drawn)) of \(Format.count(counts.all)) tasks \
                are drawn; the totals below cover all tasks on record.</p>
                """
        }
        return """
            <section id="timeline"><h2>Timeline</h2>
            <div class="bar"><span class="buttons">\(Self.zoomButtons)\
            <button type="button" data-zoom="next" hidden>Next failure</button></span>\
            <span class="legend" id="timeline-legend"></span>\
            <span class="quiet">Ctrl+wheel: zoom, drag: move, keys: + \u{2212} 0 and arrows</span></div>
            <div class="frame" id="timeline-frame" tabindex="0" role="region" \
            aria-label="Timeline of modules and tasks; the tables below have the figures">
            <div id="timeline-scroll"><canvas id="timeline-canvas"></canvas>\
            <div id="timeline-spacer"></div></div>
            <div id="timeline-tip" role="status" aria-live="polite" hidden></div></div>
            \(notes)\(callTable)</section>

            """
    }

    private var callTable: HTML {
        var rows: HTML = ""
        var number = 0
        for node in report.nodes {
            for (index, call) in node.calls.enumerated() {
                let name: HTML =
                    "<a href=\"#\(node.anchor)\">\(node.record.node)</a> <small>\(call.title(index + 1))</small>"
                rows += row(of: call, name, number)
                number += 1
            }
            if node.hasTimedElements {
                let name: HTML =
                    "<a href=\"#\(node.anchor)\">\(node.record.node)</a> <small>\(node.record.noun)s</small>"
                rows += row(ofElements: node, name, number)
                number += 1
            }
        }
        if number == 0 { return "" }
        return Self.callTable(rows, first: "Call", hasButtons: true)
    }

    static func callTable(_ rows: HTML, first: HTML, hasButtons: Bool) -> HTML {
        let last: HTML = hasButtons ? "<th><span class=\"unseen\">Show</span></th>" : ""
        return """
            <div class="wide"><table class="data"><thead><tr><th>\(first)</th><th>Where</th>\
            <th class="n">Workers</th><th class="n">Tasks</th><th class="n">Failed</th>\
            <th class="n">Cancelled</th><th class="n">Duration</th><th class="n">Mean task</th>\
            <th class="n">Longest</th><th class="n">Busy</th>\(last)</tr></thead><tbody>
            \(rows)</tbody></table></div>

            """
    }

    /// - Parameter number: the index of the call in the timeline, for a button that shows it.
    func row(of call: CallRecord, _ name: HTML, _ number: Int?) -> HTML {
        let summary = CallSummary(call)
        let lost = call.cancelled + call.unfinished
        let button: HTML =
            number.map {
                "<td><button type=\"button\" data-call=\"\($0)\">Show</button></td>"
            } ?? ""
        let hasRun = summary.ran > 0
        return """
            <tr><td>\(name)</td><td>\(call.backend.rawValue)</td>\
            <td class="n">\(summary.workers)</td><td class="n">\(Format.count(call.count))</td>\
            <td class="n\(call.failed > 0 ? " bad" : "")">\(Format.count(call.failed))</td>\
            <td class="n">\(Format.count(lost))</td>\
            <td class="n">\(hasRun ? Format.duration(summary.seconds) : "\u{2013}")</td>\
            <td class="n">\(hasRun ? Format.duration(summary.mean) : "\u{2013}")</td>\
            <td class="n">\(hasRun ? Format.duration(summary.longest) : "\u{2013}")</td>\
            <td class="n">\(hasRun ? "\(Int((summary.busy * 100).rounded())) %" : "\u{2013}")</td>\
            \(button)</tr>

            """
    }
}

extension CallRecord {
    /// The label or the number of the call, and its location in the code.
    func title(_ number: Int) -> String {
        let place = place.map { " \($0)" } ?? ""
        return label.map { "\($0)\(place)" } ?? "call \(number)\(place)"
    }
}
