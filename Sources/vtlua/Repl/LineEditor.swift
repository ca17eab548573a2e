// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTRuntime

/// Reads what a person types at a prompt: several lines where the code takes them, in colours,
/// with completion and a history.
///
/// It is written for this: editline has neither lines below each other, nor colours, nor marks
/// around what is pasted; GNU readline's licence does not fit.
final class LineEditor {
    let console: Console
    let session: Session
    let history: History
    var screen: Screen
    var draft = Draft()
    /// Below the draft until the next key.
    var below: [String] = []
    var prompts = Prompts()

    /// The newest first, for Ctrl-_.
    private var undo: [Draft] = []
    /// What was cut last.
    private var cut = ""
    /// Where in the history the draft comes from; nil: it is the person's own.
    private var place: Int?
    /// What was before the cursor when the arrows were first used, and the whole draft then.
    private var searched = ""
    private var own = Draft()

    struct Prompts {
        var first = "> "
        var next = ".. "
    }

    /// What a person has done.
    enum Outcome: Equatable {
        case entry(String)
        /// Ctrl-C, with something typed or not.
        case interrupt(wasEmpty: Bool)
        case end
    }

    init(console: Console, session: Session, history: History) {
        self.console = console
        self.session = session
        self.history = history
        screen = Screen(console)
    }

    /// Shows the prompts and reads an entry. The terminal is as it was afterwards.
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

    func draw() { screen.draw(picture) }

    private var picture: Screen.Picture {
        Screen.Picture(
            prompt: prompts.first, continuation: prompts.next, draft: draft, below: below)
    }

    // MARK: Keys

    /// Does what the key is for; gives an outcome when the person is done.
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
            screen.finish(picture)
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
            // A long paste is not kept hundreds of times.
            let most = max(1, min(200, 4_000_000 / max(1, before.letters.count)))
            if undo.count > most { undo.removeFirst(undo.count - most / 2) }
            place = nil
        }
        return nil
    }

    /// Moves the cursor; false if the key is not for that.
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
            // The line's end that was marked with it is no wish to have it run.
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

    /// In the indentation of a line, a whole step.
    private func eraseBackwards() {
        let line = draft.lineBefore
        let isIndent = !line.isEmpty && line.allSatisfy { $0 == " " }
        let width = Session.indentWidth
        let count = isIndent && line.count % width == 0 ? width : 1
        guard draft.cursor > 0 else { return }
        draft.remove((draft.cursor - count)..<draft.cursor)
    }

    // MARK: The end of a line

    /// Gives the entry when it is whole, else begins a line as deep as it has to be.
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

    /// A line that begins with `end` or the like stands where its block began.
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
        // In a moment it would be a signal.
        if console.takeInterrupt() { Interrupts.shared.interruptNext() }
        return outcome
    }

    func finish(_ outcome: Outcome) -> Outcome {
        var shown = picture
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
