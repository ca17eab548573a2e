// SPDX-License-Identifier: BSD-3-Clause

internal import VTStore
internal import VTSystem
internal import VTWorkflow

/// A sweep as a page shows it: its runs, with parameters and outputs of the workflow.
public struct SweepReport {
    /// The identifier of the sweep.
    public var sweep: String
    /// The reports of the runs, in the order in which they started.
    public var runs: [Report]

    /// Creates a report from its fields.
    public init(sweep: String, runs: [Report]) {
        self.sweep = sweep
        self.runs = runs
    }

    /// The report as a web page: one HTML file that refers to no other.
    public var html: String { page.text }
}

extension SweepReport {
    /// The parameters whose values differ; all if none does.
    private var parameters: [String] {
        var names: [String] = []
        var values: [String: Set<String>] = [:]
        for report in runs {
            for parameter in report.run.parameters {
                if values[parameter.name] == nil { names.append(parameter.name) }
                values[parameter.name, default: []].insert(parameter.text())
            }
        }
        let varied = names.filter { (values[$0]?.count ?? 0) > 1 }
        return varied.isEmpty ? names : varied
    }

    private var outputs: [String] {
        var names: [String] = []
        for report in runs {
            for output in report.run.outputs where !names.contains(output.name) {
                names.append(output.name)
            }
        }
        return names
    }

    private var page: HTML {
        let first = runs.first?.run
        let parameters = parameters
        let outputs = outputs
        var head: HTML = ""
        for name in parameters { head += "<th scope=\"col\">\(name)</th>" }
        for name in outputs { head += "<th scope=\"col\">\(name)</th>" }
        var rows: HTML = ""
        for report in runs { rows += row(of: report, parameters, outputs) }
        let counts = Dictionary(grouping: runs, by: { $0.run.status.rawValue }).map {
            "\(Format.count($0.value.count)) \($0.key)"
        }
        let seconds = runs.reduce(0) { $0 + ($1.run.seconds ?? 0) }
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
            img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="generator" content="vtlua \(first?.version ?? "")">
            <title>\(first?.workflow ?? ""), sweep \(sweep)</title>
            <link rel="icon" href="data:,">
            <style>\(Page.style)</style>
            </head>
            <body>
            <header>
            <h1>\(first?.workflow ?? "") <span class="run">sweep \(sweep)</span></h1>
            <p class="path">\(first?.flow ?? "")</p>
            <dl class="facts">
            <div><dt>Started</dt><dd>\(Timestamp.local(first?.started ?? 0))</dd></div>
            <div><dt>Runs</dt><dd>\(Format.count(runs.count)) \
            <small>\(counts.sorted().joined(separator: ", "))</small></dd></div>
            <div><dt>Duration of all runs</dt><dd>\(Format.duration(seconds))</dd></div>
            </dl>
            </header>
            <main>
            <section>
            <h2>Runs</h2>
            <div class="wide"><table class="data"><thead><tr>\(head)<th scope="col">run</th>\
            <th scope="col">status</th></tr></thead>
            <tbody>
            \(rows)</tbody></table></div>
            </section>
            </main>
            <footer>Sweep \(sweep) of \(first?.workflow ?? ""), recorded by vtlua \
            \(first?.version ?? "").</footer>
            </body>
            </html>

            """
    }

    private func row(
        of report: Report, _ parameters: [String], _ outputs: [String]
    ) -> HTML {
        var row: HTML = "<tr>"
        for name in parameters {
            let value = report.run.parameters.first { $0.name == name }
            row += "<td><code>\(value?.text() ?? "")</code></td>"
        }
        for name in outputs { row += "<td>\(shown(name, of: report))</td>" }
        let error = report.nodes.lazy.compactMap { $0.record.error }.first
        let line = error?.split(separator: "\n").first.map(String.init) ?? ""
        row += "<td>\(report.run.run)</td><td>\(report.run.status.rawValue)"
        if !line.isEmpty { row += "<br><small>\(line)</small>" }
        return row + "</td></tr>\n"
    }

    private func shown(_ name: String, of report: Report) -> HTML {
        guard let output = report.run.outputs.first(where: { $0.name == name }),
            let node = report.nodes.first(where: { $0.record.node == output.node }),
            let found = node.outputs.first(where: { $0.name == output.port })
        else { return "" }
        if let picture = found.picture {
            return """
                <img alt="\(name) of run \(report.run.run)" width="320" \
                src="\(picture.address)">
                """
        }
        return "<code>\(found.brief)</code>"
    }
}
