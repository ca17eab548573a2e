// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge

extension LineEditor {
    /// Handles Ctrl-R: searches the history for the typed text, newest entry first. Another Ctrl-R
    /// continues with older entries, Enter runs the match, Ctrl-G and Ctrl-C cancel, other keys
    /// edit the match.
    func searchBackwards(_ lua: borrowing Lua) -> Outcome? {
        let before = draft
        var wanted = ""
        var index = history.entries.count - 1
        var isFound = true

        func find(from start: Int, present: String? = nil) {
            guard let found = history.last(containing: wanted, upTo: start, present: present)
            else {
                isFound = wanted.isEmpty
                return
            }
            isFound = true
            index = found
            draft = Draft(history.entries[found])
        }
        while true {
            below = ["\(isFound ? "search" : "not found"): \(wanted)"]
            draw()
            let key = console.key()
            switch key {
            case .text(let text):
                wanted += text
                find(from: index)
            case .backspace:
                wanted = String(wanted.dropLast())
                find(from: history.entries.count - 1)
            case .control("r"): find(from: index - 1, present: draft.text)
            case .resized: screen.resize()
            case .control("g"), .control("c"):
                draft = before
                below = []
                return nil
            case .enter:
                below = []
                return draft.isEmpty ? nil : submit()
            case .endOfInput:
                below = []
                return finish(.end)
            default:
                below = []
                return nil
            }
        }
    }
}
