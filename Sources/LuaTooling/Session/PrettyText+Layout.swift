// SPDX-License-Identifier: BSD-3-Clause

internal import VTRuntime

// The layout of values: on one line if they fit, else one entry a line.

extension PrettyText {
    indirect enum Node {
        case text(String)
        case table(title: String, entries: [(key: String, value: Node)], more: String?)

        /// Returns the number of columns on one line, counted up to `limit`.
        func width(_ limit: Int) -> Int {
            switch self {
            case .text(let text): return text.count
            case .table(let title, let entries, let more):
                if entries.isEmpty, more == nil { return title.count + 2 }
                var width = title.count + 4 + (more.map { $0.count + 2 } ?? 0)
                for (key, value) in entries {
                    width += key.count + value.width(limit) + 2
                    if width > limit { return width }
                }
                return width - 2
            }
        }
    }

    func write(_ node: Node, indent: Int, used: Int, to text: inout String) {
        switch node {
        case .text(let leaf): text += leaf
        case .table(let title, let entries, let more):
            text += title
            if entries.isEmpty, more == nil {
                text += "{}"
                return
            }
            let room = width - used
            if node.width(room) <= room { return writeLine(entries, more, to: &text) }
            writeLines(entries, more, indent: indent, to: &text)
        }
    }

    private func writeLine(
        _ entries: [(key: String, value: Node)], _ more: String?, to text: inout String
    ) {
        text += "{ "
        for (position, entry) in entries.enumerated() {
            if position > 0 { text += ", " }
            text += entry.key
            write(entry.value, indent: 0, used: 0, to: &text)
        }
        if let more { text += entries.isEmpty ? more : ", " + more }
        text += " }"
    }

    private func writeLines(
        _ entries: [(key: String, value: Node)], _ more: String?, indent: Int,
        to text: inout String
    ) {
        let inner = indent + Session.indentWidth
        let pad = String(repeating: " ", count: inner)
        text += "{\n"
        var column = 0
        for entry in entries {
            let size = entry.key.count + entry.value.width(width)
            // Short elements of a list share lines.
            let isShort = entry.key.isEmpty && size <= 20
            if column > 0, !isShort || column + size + 2 > width {
                text += "\n"
                column = 0
            }
            if column == 0 {
                text += pad
                column = inner
            } else {
                text += " "
                column += 1
            }
            text += entry.key
            write(entry.value, indent: inner, used: inner + entry.key.count + 1, to: &text)
            text += ","
            column += size + 1
            if !isShort {
                text += "\n"
                column = 0
            }
        }
        if column > 0 { text += "\n" }
        if let more { text += pad + more + "\n" }
        text += String(repeating: " ", count: indent) + "}"
    }
}
