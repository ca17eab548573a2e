// SPDX-License-Identifier: BSD-3-Clause

internal import VTParallel
internal import VTStore
internal import VTSystem
internal import VTWorkflow

// The list of modules, and a section about each.

extension Page {
    var modules: HTML {
        var rows: HTML = ""
        var sections: HTML = ""
        var call = 0
        let longest = max(1e-6, report.nodes.map { timeline.seconds(of: $0) }.max() ?? 0)
        for node in report.nodes {
            rows += row(of: node, longest)
            call += node.calls.count
            sections += section(of: node, elements: node.hasTimedElements ? call : nil)
            if node.hasTimedElements { call += 1 }
        }
        return """
            <section id="modules"><h2>Modules</h2>
            <div class="bar"><label>Filter <input type="search" id="filter" \
            placeholder="name or state" autocomplete="off"></label> \
            <span class="quiet" id="filter-count" role="status"></span></div>
            <div class="wide tall"><table class="data" id="module-table"><thead><tr>\
            <th class="n">#</th><th>Name</th><th>Module</th><th>State</th><th class="n">Started</th>\
            <th class="n">Duration</th><th class="unseen-narrow"><span class="unseen">Share</span></th>\
            </tr></thead><tbody>
            \(rows)</tbody></table></div>
            \(sections)</section>

            """
    }

    private func row(of node: Report.Node, _ longest: Double) -> HTML {
        let (record, state) = (node.record, State(node.record))
        let seconds = timeline.seconds(of: node)
        let took = state == .skipped ? "" : Format.duration(seconds)
        let share = state == .skipped ? 0 : seconds / longest * 100
        return """
            <tr data-for="\(node.anchor)"><td class="n">\(record.position + 1)</td>\
            <td><a href="#\(node.anchor)">\(record.node)</a></td>\
            <td>\(record.module) <small>\(record.version)</small></td><td>\(state.badge)</td>\
            <td class="n">\(Format.duration(max(0, record.started - run.started)))</td>\
            <td class="n">\(took)</td>\
            <td class="unseen-narrow"><span class="share \(state.style)" \
            style="width:\(share)%"></span></td></tr>

            """
    }

    /// - Parameter number: the index of the node's elements among the calls of the timeline.
    private func section(of node: Report.Node, elements number: Int?) -> HTML {
        let (record, state) = (node.record, State(node.record))
        var section: HTML = """
            <article id="\(node.anchor)" class="module \(state.style)" tabindex="-1">
            <h3>\(record.node) \(state.badge)</h3>
            <p class="quiet">\(facts(of: node).joined(separator: " \u{b7} "))</p>

            """
        if state == .stopped {
            section += "<p>The run was stopped while this node was computing.</p>\n"
        } else if let because = record.because {
            let cause: HTML =
                anchors[because].map { "<a href=\"#\($0)\">\(because)</a>" } ?? "\(because)"
            section += "<p>Skipped because of \(cause).</p>\n"
        }
        if let error = record.error { section += "<pre class=\"error\">\(error)</pre>\n" }
        section += inputs(of: node)
        section += outputs(of: node)
        section += elements(of: node, number)
        section += calls(of: node)
        if !record.annotations.isEmpty {
            var rows: HTML = ""
            for note in record.annotations {
                rows += """
                    <tr><th scope="row">\(note.name)</th><td><code>\(note.text())</code></td></tr>

                    """
            }
            section += "<h4>Notes</h4>\n<table class=\"pairs\"><tbody>\n\(rows)</tbody></table>\n"
        }
        if !record.libraries.isEmpty {
            var rows: HTML = ""
            for library in record.libraries {
                let version = library.version ?? ""
                rows += """
                    <tr><th scope="row">\(library.name)</th><td>\(version) <code>\(library.file)</code></td></tr>

                    """
            }
            section +=
                "<h4>Libraries</h4>\n<table class=\"pairs\"><tbody>\n\(rows)</tbody></table>\n"
        }
        if !record.printed.isEmpty {
            let (text, rest) = Self.bounded(record.printed, 20_000)
            section += "<h4>Printed</h4>\n<pre>\(text)</pre>\n"
            if let rest { section += "<p class=\"quiet\">\(rest)</p>\n" }
        }
        section += "</article>\n"
        return section
    }

    private func facts(of node: Report.Node) -> [String] {
        let (record, state) = (node.record, State(node.record))
        var facts = ["\(record.module) \(record.version)"]
        if state == .skipped { return facts }
        facts.append(
            "started \(Format.duration(max(0, record.started - run.started))) into the run")
        facts.append("took \(Format.duration(timeline.seconds(of: node)))")
        if record.processor > 0 {
            facts.append("\(Format.duration(record.processor)) of processor time")
        }
        if record.peak > 0 { facts.append("peak \(Format.size(record.peak))") }
        if record.attempts > 1 { facts.append("\(record.attempts) attempts") }
        if let obstacle = record.key.obstacle { facts.append("not kept: \(obstacle)") }
        if let key = record.key.key { facts.append("key \(key.hexadecimal.prefix(12))") }
        return facts
    }

    /// The largest number of sources of an input that are listed.
    private static let mostSources = 20

    private func inputs(of node: Report.Node) -> HTML {
        var rows: HTML = ""
        var seen: Set<String> = []
        var counts: [String: Int] = [:]
        let connections = connections[node.record.node] ?? []
        for connection in connections { counts[connection.port, default: 0] += 1 }
        var sources: [(input: String, links: [HTML], count: Int)] = []
        for connection in connections {
            // Of a few ports in a table, each has a row.
            let isList = counts[connection.port, default: 0] > Self.mostSources
            let input = isList ? connection.port : connection.input
            seen.insert(connection.port)
            if sources.last?.input != input { sources.append((input, [], 0)) }
            sources[sources.count - 1].count += 1
            guard sources[sources.count - 1].links.count < Self.mostSources else { continue }
            let name = "\(connection.source).\(connection.output)"
            sources[sources.count - 1].links.append(
                anchors[connection.source].map { "<a href=\"#\($0)\">\(name)</a>" } ?? "\(name)")
        }
        for (input, links, count) in sources {
            var from: HTML = ""
            for (index, link) in links.enumerated() { from += index == 0 ? link : ", \(link)" }
            let rest = count - links.count
            if rest > 0 { from += " and \(Format.count(rest)) more" }
            rows += "<tr><th scope=\"row\">\(input)</th><td>from \(from)</td></tr>\n"
        }
        for input in node.record.inputs where seen.insert(input.name).inserted {
            rows += """
                <tr><th scope="row">\(input.name)</th><td><code>\(input.text())</code></td></tr>

                """
        }
        if rows.text.isEmpty { return "" }
        return "<h4>Inputs</h4>\n<table class=\"pairs\"><tbody>\n\(rows)</tbody></table>\n"
    }

    private func calls(of node: Report.Node) -> HTML {
        if node.calls.isEmpty { return "" }
        var rows: HTML = ""
        for (index, call) in node.calls.enumerated() {
            rows += row(of: call, "\(call.title(index + 1))", nil)
        }
        return "<h4>Parallel calls</h4>\n" + Self.callTable(rows, first: "Call", hasButtons: false)
    }

    /// Returns the start of a text, and a sentence about the rest.
    static func bounded(_ text: String, _ most: Int) -> (text: String, rest: String?) {
        let count = text.count
        guard count > most else { return (text, nil) }
        return (
            String(text.prefix(most)),
            "The first \(Format.count(most)) of \(Format.count(count)) characters."
        )
    }
}
