// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

// Values of outputs.

extension Page {
    func outputs(of node: Report.Node) -> HTML {
        if node.outputs.isEmpty { return "" }
        var rows: HTML = ""
        for output in node.outputs {
            rows += "<tr><th scope=\"row\">\(output.name)</th><td>\(shown(output))</td></tr>\n"
        }
        return "<h4>Outputs</h4>\n<table class=\"pairs outputs\"><tbody>\n\(rows)</tbody></table>\n"
    }

    private func shown(_ output: Report.Output) -> HTML {
        switch output.value {
        case nil: return "<code>\(output.brief)</code>"
        case .text(let text, let count): return shown(text, count)
        case .list(let values, let count):
            let rest: HTML =
                values.count < count
                ? "<p class=\"quiet\">The first \(values.count) of \(Format.count(count)) values.</p>"
                : ""
            return "<code>\(values.joined(separator: ", "))</code>\(rest)"
        case .table(let table): return shown(table)
        case .svg(let text):
            return "\(link(to: output)), \(Format.size(text.utf8.count)) of SVG"
        case .file(let file):
            var about = file.size.map(Format.size) ?? "no longer exists"
            if file.isNewer { about += ", modified since" }
            let name: HTML = "<code>\(file.path)</code> <small>\(about)</small>"
            return file.picture == nil ? name : "\(name), \(link(to: output))"
        }
    }

    private func link(to output: Report.Output) -> HTML {
        guard let picture = output.picture, let number = pictures.number(of: picture) else {
            return "picture"
        }
        return "<a href=\"#picture-\(number + 1)\">picture \(number + 1)</a>"
    }

    private func shown(_ text: String, _ count: Int) -> HTML {
        let length = text.count
        let rest: HTML =
            length < count
            ? "<p class=\"quiet\">The first \(Format.count(length)) of \(Format.count(count)) characters.</p>"
            : ""
        let isLine = length <= 120 && !text.contains("\n")
        return isLine ? "<code>\(text)</code>\(rest)" : "<pre>\(text)</pre>\(rest)"
    }

    private func shown(_ table: Report.Table) -> HTML {
        var page: HTML = "<div class=\"wide tall\"><table class=\"data\"><thead><tr>"
        for (index, column) in table.columns.enumerated() {
            page +=
                table.numeric.contains(index)
                ? "<th class=\"n\">\(column)</th>" : "<th>\(column)</th>"
        }
        page += "</tr></thead><tbody>\n"
        for row in table.rows {
            page += "<tr>"
            for (index, cell) in row.enumerated() {
                page +=
                    table.numeric.contains(index)
                    ? "<td class=\"n\">\(cell)</td>" : "<td>\(cell)</td>"
            }
            page += "</tr>\n"
        }
        page += "</tbody></table></div>"
        if table.rows.count < table.count {
            page += """
                <p class="quiet">The first \(Format.count(table.rows.count)) of \
                \(Format.count(table.count)) rows.</p>
                """
        }
        return page
    }
}
