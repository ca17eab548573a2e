// SPDX-License-Identifier: BSD-3-Clause

internal import VTParallel
internal import VTStore
internal import VTSystem
internal import VTWorkflow

/// The page of a report, put together from its sections.
struct Page {
    let report: Report
    let timeline: TimelineData
    let pictures: Pictures
    /// The identifiers of the sections about nodes.
    let anchors: [String: String]
    /// The connections of each node's inputs.
    let connections: [String: [RunDescription.Connection]]

    init(_ report: Report) {
        self.report = report
        timeline = TimelineData(report)
        pictures = Pictures(report)
        connections = Dictionary(grouping: report.run.connections, by: \.node)
        anchors = Dictionary(report.nodes.map { ($0.record.node, $0.anchor) }) { first, _ in first }
    }

    var run: StoredRun { report.run }

    var html: HTML {
        // Only scripts with this number run. A value in the page cannot contain it.
        let nonce = String(UInt64.random(in: 0 ... .max), radix: 36)
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
            img-src data:; style-src 'unsafe-inline'; script-src 'nonce-\(nonce)'; \
            base-uri 'none'; form-action 'none'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="generator" content="vtlua \(run.version)">
            <title>\(run.workflow), run \(run.run)</title>
            <link rel="icon" href="data:,">
            <style>\(Self.style)</style>
            </head>
            <body>
            <a class="skip" href="#modules">Skip to the modules</a>
            \(header)
            <main>
            \(errors)\
            \(pictures.section)\
            \(graph)\
            \(timelineSection)\
            \(setting)\
            \(modules)\
            \(source)\
            </main>
            <footer>Run \(run.run) of \(run.workflow), recorded by vtlua \(run.version).</footer>
            <script type="application/json" id="timeline-data">\(HTML(markup: timeline.json))</script>
            <script nonce="\(nonce)">\(Self.scripts)</script>
            </body>
            </html>

            """
    }

    // MARK: The top

    private var header: HTML {
        let counts = State.allCases.compactMap { state -> String? in
            let count = report.nodes.count { State($0.record) == state }
            return count == 0 ? nil : "\(Format.count(count)) \(state.rawValue)"
        }
        let waiting = run.modules - report.nodes.count
        let tasks = report.nodes.lazy.flatMap(\.calls).reduce(0) { $0 + $1.count }
        let processor = report.nodes.reduce(0) { $0 + $1.record.processor }
        let peak = report.nodes.map(\.record.peak).max() ?? 0
        var facts: HTML = ""
        func fact(_ name: String, _ value: String, _ more: String = "") {
            facts += "<div><dt>\(name)</dt><dd>\(value)"
            if !more.isEmpty { facts += " <small>\(more)</small>" }
            facts += "</dd></div>\n"
        }
        fact("Started", Timestamp.local(run.started))
        fact("Duration", run.seconds.map(Format.duration) ?? "unknown")
        fact(
            "Modules", Format.count(run.modules),
            (counts + (waiting > 0 ? ["\(waiting) not started"] : [])).joined(separator: ", "))
        if tasks > 0 { fact("Parallel tasks", Format.count(tasks)) }
        let elements = report.nodes.reduce(0) { $0 + $1.elements.count }
        if elements > 0 { fact("Elements", Format.count(elements)) }
        if processor > 0 { fact("Processor time", Format.duration(processor)) }
        if peak > 0 { fact("Peak memory", Format.size(peak)) }
        return """
            <header>
            <h1>\(run.workflow) <span class="run">run \(run.run)</span> \
            <span class="badge \(style(of: run.status))">\(run.status.rawValue)</span></h1>
            <p class="path">\(run.flow)</p>
            <dl class="facts">
            \(facts)</dl>
            <nav aria-label="Sections">\(links)</nav>
            </header>
            """
    }

    /// The class of a run's badge: that of the state of a node that looks the same.
    private func style(of status: StoredRun.Status) -> String {
        let state: State =
            switch status {
            case .done: .computed
            case .failed, .killed: .failed
            case .cancelled: .stopped
            case .suspended: .suspended
            case .running, .unknown: .waiting
            }
        return state.style
    }

    private var links: HTML {
        var links: HTML = ""
        if !failed.isEmpty { links += "<a href=\"#errors\">Errors</a> " }
        if !pictures.all.isEmpty { links += "<a href=\"#pictures\">Pictures</a> " }
        links += """
            <a href="#graph">Graph</a> <a href="#timeline">Timeline</a> \
            <a href="#setting">Parameters</a> <a href="#modules">Modules</a> \
            <a href="#source">Script</a>
            """
        return links
    }

    private var failed: [Report.Node] { report.nodes.filter { $0.record.error != nil } }

    private var errors: HTML {
        if failed.isEmpty { return "" }
        var list: HTML = ""
        for node in failed {
            let lines = (node.record.error ?? "").split(
                separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            list += """
                <li><a href="#\(node.anchor)">\(node.record.node)</a>
                <pre class="error">\(String(lines.first ?? ""))</pre></li>

                """
        }
        return """
            <section id="errors"><h2>Errors</h2>
            <ul class="plain">
            \(list)</ul></section>

            """
    }

    // MARK: Parameters and the machine

    private var setting: HTML {
        var parameters: HTML = ""
        for parameter in run.parameters {
            parameters += """
                <tr><th scope="row">\(parameter.name)</th><td><code>\(parameter.text)</code></td></tr>

                """
        }
        var about: HTML = ""
        let rows =
            [
                ("host", run.host), ("system", run.system), ("process", "\(run.pid)"),
                ("vtlua", run.version),
            ] + run.machine.map { ($0.name, $0.value) }
        for (name, value) in rows {
            about += "<tr><th scope=\"row\">\(name)</th><td>\(value)</td></tr>\n"
        }
        let given: HTML =
            run.parameters.isEmpty
            ? "<p class=\"quiet\">The workflow has no parameters.</p>"
            : "<table class=\"pairs\"><tbody>\n\(parameters)</tbody></table>"
        return """
            <section id="setting" class="columns">
            <div><h2>Parameters</h2>
            \(given)</div>
            <div><h2>Machine</h2>
            <table class="pairs"><tbody>
            \(about)</tbody></table></div>
            </section>

            """
    }

    private var source: HTML {
        let script: HTML =
            run.source.isEmpty
            ? "<p class=\"quiet\">The script is not on record.</p>"
            : "<details><summary>\(run.flow)</summary><pre class=\"script\">\(run.source)</pre></details>"
        return """
            <section id="source"><h2>Script</h2>
            \(script)</section>

            """
    }
}

extension Report.Node {
    /// The identifier of the node's section in the page.
    var anchor: String { "node-\(record.position + 1)" }
}
