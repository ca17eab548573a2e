// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTLuaTooling
import VTRuntime

extension LineEditor {
    /// Handles Tab: indents at the start of a line, otherwise completes the text before the cursor.
    func complete(_ lua: borrowing Lua) {
        if draft.lineBefore.allSatisfy({ $0 == " " }), !(draft.isEmpty) {
            let width = Session.indentWidth
            let count = width - draft.lineBefore.count % width
            return draft.insert(String(repeating: " ", count: count))
        }
        let before = draft.before
        let completion =
            ReplCommandLine.completion(of: before)
            ?? session.complete(
                before, at: before.utf8.count, lua)
        guard let first = completion.matches.first else { return }
        let typed = String(decoding: Array(before.utf8)[completion.range], as: UTF8.self)
        let text = completion.matches.count == 1 ? first.text : completion.commonPrefix
        if text.count > typed.count {
            draft.replace((draft.cursor - typed.count)..<draft.cursor, with: text)
        }
        if completion.matches.count > 1, text == typed || text.isEmpty {
            below = table(of: completion.matches.map(\.text.shown))
        }
    }

    /// The words in columns, limited to the rows that fit on the terminal.
    private func table(of words: [String]) -> [String] {
        let (height, columns) = console.size
        let width = (words.map(\.columns).max() ?? 0) + 2
        let perRow = max(1, (columns - 1) / width)
        let most = max(1, min(12, height - 4)) * perRow
        let shown = words.prefix(most)
        var lines: [String] = []
        var line = ""
        for (index, word) in shown.enumerated() {
            line += word
            if (index + 1) % perRow == 0 || index == shown.count - 1 {
                lines.append(line)
                line = ""
            } else {
                line += String(repeating: " ", count: width - word.columns)
            }
        }
        if words.count > shown.count { lines.append("and \(words.count - shown.count) more") }
        return lines
    }
}
