// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTLuaTooling
import VTRuntime

/// Reads an entry at a prompt: multi-line editing with colours, completion and a history.
///
/// A separate implementation, because editline has no multi-line editing, colours or bracketed
/// paste, and GNU readline's licence is not compatible.
final class LineEditor {
    let console: Console
    let session: Session
    let history: History
    var screen: Screen
    var draft = Draft()
    /// The lines shown below the draft until the next key.
    var below: [String] = []
    var prompts = Prompts()

    /// Earlier drafts for Ctrl-_, newest last.
    private var undo: [Draft] = []
    /// The text that was cut last.
    private var cut = ""
    /// The index of the draft's history entry; nil for a new entry.
    private var place: Int?
    /// The text before the cursor, and the draft, when the history was first used.
    private var searched = ""
    private var own = Draft()

    struct Prompts {
        var first = "> "
        var next = ".. "
    }

    /// The result of reading an entry.
    enum Outcome: Equatable {
        case entry(String)
        /// Ctrl-C; `wasEmpty` if nothing was typed.
        case interrupt(wasEmpty: Bool)
        case end
    }

    init(console: Console, session: Session, history: History) {
        self.console = console
        self.session = session
        self.history = history
        screen = Screen(console)
    }

    /// Shows the prompts and reads an entry. Restores the terminal afterwards.
    func read(_ prompts: Prompts, _ lua: borrowing Lua) -> Outcome {
        self.prompts = prompts
        draft = Draft()
        undo = []
        place = nil
        below = []
        screen.forget()
        console.beginLine()
        console.enterRawMode()
        defer { console.leaveRawMode() }
        while true {
            draw()
            let key = console.key()
            below = []
            if key == .control("r") {
                if let outcome = searchBackwards(lua) { return outcome }
                continue
            }
            if let outcome = handle(key, lua) { return outcome }
        }
    }

    func draw() { screen.draw(contents) }

    private var contents: Screen.Contents {
        Screen.Contents(
            prompt: prompts.first, continuation: prompts.next, draft: draft, below: below)
    }

    // MARK: Keys

    /// Handles a key; returns an outcome when the entry is finished.
    private func handle(_ key: Key, _ lua: borrowing Lua) -> Outcome? {
        let before = draft
        switch key {
        case .up, .control("p"):
            older()
            return nil
        case .down, .control("n"):
            newer()
            return nil
        case .enter: if let outcome = enter(lua) { return outcome }
        case .endOfInput: return finish(.end)
        case .control("c"): return finish(.interrupt(wasEmpty: draft.isEmpty))
        case .control("d") where draft.isEmpty: return finish(.end)
        case .control("l"):
            console.write("\u{1B}[H\u{1B}[2J")
            screen.forget()
        case .control("z"):
            screen.finish(contents)
            console.suspend()
        case .resized: screen.resize()
        case .tab: complete(lua)
        case .control("_"):
            if let last = undo.popLast() { draft = last }
            return nil
        default:
            if !move(key) { change(key) }
        }
        if draft.letters != before.letters {
            undo.append(before)
            // Keep fewer drafts when they are long.
            let most = max(1, min(200, 4_000_000 / max(1, before.letters.count)))
            if undo.count > most { undo.removeFirst(undo.count - most / 2) }
            place = nil
        }
        return nil
    }

    /// Moves the cursor; returns false if the key does not move it.
    private func move(_ key: Key) -> Bool {
        switch key {
        case .left, .control("b"): draft.move(to: draft.cursor - 1)
        case .right, .control("f"): draft.move(to: draft.cursor + 1)
        case .home, .control("a"): draft.move(to: draft.lineStart)
        case .end, .control("e"): draft.move(to: draft.lineEnd)
        case .wordLeft, .alt("b"): draft.move(to: draft.wordLeft)
        case .wordRight, .alt("f"): draft.move(to: draft.wordRight)
        case .alt("<"): draft.move(to: 0)
        case .alt(">"): draft.move(to: draft.letters.count)
        default: return false
        }
        return true
    }

    private func change(_ key: Key) {
        switch key {
        case .text(let text): draft.insert(text)
        case .paste(let text):
            // The final line end of pasted text does not run the entry.
            draft.insert(text.hasSuffix("\n") ? String(text.dropLast()) : text)
        case .newLine: draft.insert("\n")
        case .backspace: eraseBackwards()
        case .delete, .control("d"): draft.remove(draft.cursor..<(draft.cursor + 1))
        case .control("k"):
            let end = draft.lineEnd == draft.cursor ? draft.cursor + 1 : draft.lineEnd
            cut(draft.cursor..<end)
        case .control("u"): cut(draft.lineStart..<draft.cursor)
        case .control("w"), .alt("\u{7F}"): cut(draft.wordLeft..<draft.cursor)
        case .alt("d"): cut(draft.cursor..<draft.wordRight)
        case .control("y"): draft.insert(cut)
        default: break
        }
    }

    private func cut(_ range: Range<Int>) {
        let removed = draft.remove(range)
        if !removed.isEmpty { cut = removed }
    }

    /// Erases a character, or a whole step of the indentation.
    private func eraseBackwards() {
        let line = draft.lineBefore
        let isIndent = !line.isEmpty && line.allSatisfy { $0 == " " }
        let width = Session.indentWidth
        let count = isIndent && line.count % width == 0 ? width : 1
        guard draft.cursor > 0 else { return }
        draft.remove((draft.cursor - count)..<draft.cursor)
    }

    // MARK: The end of a line

    /// Returns a complete entry; otherwise starts an indented line.
    private func enter(_ lua: borrowing Lua) -> Outcome? {
        let text = draft.text
        if text.first == ":" && !text.hasPrefix("::") || text.last == "?" { return submit() }
        dedent()
        switch session.completeness(of: draft.text, lua) {
        case .complete, .invalid: return submit()
        case .incomplete:
            let indent = session.indent(after: draft.before)
            draft.insert("\n" + String(repeating: " ", count: indent))
            return nil
        }
    }

    /// Unindents a line that begins with `end` or another end of a block.
    private func dedent() {
        let line = draft.lineBefore
        guard draft.cursor == draft.lineEnd, let depth = session.indentOfLastLine(of: draft.before)
        else { return }
        let spaces = line.prefix { $0 == " " }.count
        guard spaces > depth else { return }
        let start = draft.lineStart
        let cursor = draft.cursor
        draft.remove(start..<(start + spaces - depth))
        draft.move(to: cursor - (spaces - depth))
    }

    func submit() -> Outcome {
        draft.move(to: draft.letters.count)
        let text = draft.text
        let outcome = finish(.entry(text))
        // A Ctrl-C in the input was typed for the entry that runs now.
        if console.takeInterrupt() { Interrupts.shared.interruptNext() }
        return outcome
    }

    func finish(_ outcome: Outcome) -> Outcome {
        var shown = contents
        if case .interrupt = outcome {
            shown.draft.move(to: shown.draft.letters.count)
            shown.draft.insert("^C")
        }
        shown.draft.move(to: shown.draft.letters.count)
        screen.finish(shown)
        return outcome
    }

    // MARK: History

    private func older() {
        if place == nil {
            guard draft.isOnFirstLine else { return draft.moveUp() }
            searched = draft.before
            own = draft
        }
        guard
            let found = history.older(
                than: place ?? history.entries.count, prefix: searched, present: draft.text)
        else { return }
        place = found
        draft = Draft(history.entries[found])
    }

    private func newer() {
        guard let here = place else {
            if !draft.isOnLastLine { draft.moveDown() }
            return
        }
        if let found = history.newer(than: here, prefix: searched, present: draft.text) {
            place = found
            draft = Draft(history.entries[found])
        } else {
            place = nil
            draft = own
        }
    }
}
