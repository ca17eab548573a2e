// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTLuaBridge
import VTRuntime
import VTWorkflow

/// The prompt: it reads an entry, runs it, shows what it gives, and goes on until the person has
/// had enough.
final class Repl {
    let session: Session
    let workspace: Workspace
    /// Nil: there is no terminal, or none on which a line can be drawn again.
    let console: Console?
    /// How entries are called in messages: `[1]`, `[2]`. A prompt inside another one, as at a
    /// breakpoint, has a word in front.
    let label: String
    /// What it is a prompt for.
    var purpose = Purpose.session
    /// The number of the present entry.
    private(set) var count = 0
    /// The error that was told last.
    var lastError: (any Error)?
    /// What `:load` has loaded last.
    var lastFile: String?
    private var hasFailed = false

    enum Purpose {
        case session
        /// A stop in the middle of something that goes on when the prompt ends.
        case breakpoint
        /// A look at what has failed.
        case failure
    }

    /// How a prompt has ended.
    enum End: Equatable {
        case exit(Int32)
        /// `:stop` at a breakpoint: what it is in the middle of has to end.
        case stop
    }

    init(
        session: Session, workspace: Workspace, console: Console?, label: String = ""
    ) {
        self.session = session
        self.workspace = workspace
        self.console = console
        self.label = label
    }

    /// Runs until the person ends it.
    ///
    /// - Parameter afterEach: called behind each entry, whatever became of it.
    func run(
        _ lua: borrowing Lua, afterEach: (borrowing Lua) throws -> Void = { _ in }
    ) throws -> End {
        try Interrupts.shared.listening { try runUntilEnd(lua, afterEach) }
    }

    private func runUntilEnd(
        _ lua: borrowing Lua, _ afterEach: (borrowing Lua) throws -> Void
    ) throws -> End {
        guard let console else { return .exit(try runPlain(lua)) }
        let editor = LineEditor(console: console, session: session, history: History())
        while true {
            let prompts = try prompts(lua)
            Interrupts.shared.begin()
            switch editor.read(prompts, lua) {
            case .end: return .exit(0)
            case .interrupt(let wasEmpty):
                guard Interrupts.shared.isSecond(), wasEmpty else { continue }
                return .exit(130)
            case .entry(let text):
                if text.allSatisfy(\.isWhitespace) { continue }
                editor.history.append(text)
                if let end = try perform(text, lua) { return end }
                try afterEach(lua)
            }
        }
    }

    private func prompts(_ lua: borrowing Lua) throws -> LineEditor.Prompts {
        var prompts = LineEditor.Prompts()
        prompts.first = try global("_PROMPT", lua) ?? "\(label)\(count + 1)> "
        let last = prompts.first.split(separator: "\n").last ?? ""
        let blank = String(repeating: " ", count: max(0, Colours.without(last).columns - 3))
        prompts.next = try global("_PROMPT2", lua) ?? blank + ".. "
        return prompts
    }

    /// What a script has set as a prompt; nil where it cannot be shown.
    private func global(_ name: String, _ lua: borrowing Lua) throws -> String? {
        try lua.pushGlobals()
        try lua.pushRawField(name, of: -1)
        defer { lua.pop(2) }
        return lua.isNil(at: -1) ? nil : try? lua.display(at: -1)
    }

    /// Does an entry: code, a command, or a question about a name.
    func perform(_ text: String, _ lua: borrowing Lua) throws -> End? {
        if let command = ReplCommandLine(text) {
            let top = lua.top
            do { return try perform(command, lua) } catch {
                try lua.setTop(top)
                tell(error)
                return nil
            }
        }
        if let (name, detail) = Self.question(text) {
            ask(name, detail, lua)
            return nil
        }
        if let hint = try hint(for: text, lua) {
            show(hint)
            return nil
        }
        count += 1
        // `= x`, as older prompts of Lua want it.
        let code = text.hasPrefix("=") ? "return " + text.dropFirst() : text
        evaluate(code, name: "=\(label)[\(count)]", lua)
        return nil
    }

    /// What somebody means who types a word that is none of Lua's.
    private func hint(for text: String, _ lua: borrowing Lua) throws -> String? {
        let word = text.trimmed
        let name = word.hasSuffix("()") ? String(word.dropLast(2)) : word
        guard ["exit", "quit", "help"].contains(name), !session.variableNames.contains(name) else {
            return nil
        }
        try lua.pushGlobals()
        try lua.pushRawField(name, of: -1)
        defer { lua.pop(2) }
        guard lua.isNil(at: -1) else { return nil }
        return name == "help"
            ? ":help says what can be typed here; name? shows what is known of a name"
            : ":quit, or Ctrl-D, ends the prompt"
    }

    /// `name?` and `name??`.
    private static func question(_ text: String) -> (name: String, detail: Int)? {
        let trimmed = text.trimmed
        guard trimmed.hasSuffix("?") else { return nil }
        let detail = trimmed.hasSuffix("??") ? 1 : 0
        return (String(trimmed.dropLast(detail + 1)).trimmed, detail)
    }

    /// Shows what is known of a name; a `__tostring` may run for that, without end.
    private func ask(_ name: String, _ detail: Int, _ lua: borrowing Lua) {
        do {
            let answer = try stoppable(lua) { lua in
                let answer = session.inspect(name, at: name.utf8.count, detail: detail, lua)
                try lua.checkCancellation()
                return answer
            }
            show(answer.map { painted($0) } ?? "nothing is known of `\(name)`")
        } catch {
            tell(error)
        }
    }

    // MARK: Evaluating

    /// Does something that Ctrl-C stops.
    private func stoppable<R>(
        _ lua: borrowing Lua, _ body: (borrowing Lua) throws -> R
    ) throws -> R {
        let cancellation = LuaCancellation()
        return try Interrupts.shared.during(cancellation) {
            try lua.limited(cancellation: cancellation, body)
        }
    }

    /// Runs code and shows its results; false when it failed.
    @discardableResult
    func evaluate(_ code: String, name: String, _ lua: borrowing Lua) -> Bool {
        let top = lua.top
        defer { try? lua.setTop(top) }
        do {
            try stoppable(lua) { lua in
                try workspace.prompting {
                    let results = try session.evaluate(code, name: name, lua)
                    try showResults(results, lua)
                }
            }
            return true
        } catch {
            tell(error)
            return false
        }
    }

    /// Shows the topmost values, and keeps the first one as `_`.
    private func showResults(_ results: Int, _ lua: borrowing Lua) throws {
        if results == 0 { return }
        let first = lua.top - results + 1
        var pretty = PrettyText()
        if let console { pretty.width = console.size.columns - 1 }
        var texts: [String] = []
        for index in first..<(first + results) {
            texts.append(painted(pretty.text(at: index, lua)))
            // What runs in a __tostring may have been stopped.
            try lua.checkCancellation()
        }
        let isShort = !texts.contains { $0.contains("\n") }
        show(texts.joined(separator: isShort ? "\t" : "\n"))
        if lua.isNil(at: first) { return }
        // Raw, for a script may watch over its globals.
        try lua.pushGlobals()
        defer { lua.pop() }
        for name in ["_", "_\(count)"] {
            try lua.pushValue(at: first)
            try lua.setRawField(name, of: -2)
        }
        if count > Self.mostResults {
            try lua.pushNil()
            try lua.setRawField("_\(count - Self.mostResults)", of: -2)
        }
    }

    /// So many results are kept as `_1`, `_2`, ...
    private static let mostResults = 100

    // MARK: Showing

    func show(_ text: String) {
        if let console { console.write(text + "\n") } else { StandardStreams.write(text + "\n") }
    }

    private func painted(_ code: String) -> String {
        console?.hasColour ?? false ? Colours.paint(code: code) : code
    }

    func tell(_ error: any Error) {
        lastError = error
        hasFailed = true
        guard let console else {
            StandardStreams.report(Session.text(of: error), as: nil)
            return
        }
        let colour = console.hasColour
        if let error = error as? LuaError, error.code == .cancelled {
            return console.write(Colours.paint("interrupted", .error, colour) + "\n")
        }
        var text = Colours.paint(Session.message(of: error), .error, colour) + "\n"
        if let error = error as? LuaError, error.code != .syntax, error.traceback.count > 2 {
            text += Colours.paint("  :trace shows the calls that led there", .faint, colour) + "\n"
        }
        console.write(text)
    }
}

// MARK: - Without a terminal

extension Repl {
    /// Reads entries from standard input: no editing, no colours, and no prompts unless somebody
    /// is there to see them. Gives 1 when one of them has failed.
    private func runPlain(_ lua: borrowing Lua) throws -> Int32 {
        let isSeen = isatty(STDIN_FILENO) == 1
        var entry = ""
        while true {
            if isSeen {
                let prompts = try prompts(lua)
                StandardStreams.write(entry.isEmpty ? prompts.first : prompts.next)
            }
            let line: String? = StandardStreams.withLine { String(decoding: $0, as: UTF8.self) }
            guard let line else {
                if !entry.isEmpty { _ = try perform(entry, lua) }
                if isSeen { StandardStreams.write("\n") }
                if Interrupts.shared.hasCome { return 130 }
                return hasFailed && !isSeen ? 1 : 0
            }
            if entry.isEmpty, line.allSatisfy(\.isWhitespace) { continue }
            entry += entry.isEmpty ? line : "\n" + line
            let isCode = ReplCommandLine(entry) == nil && Self.question(entry) == nil
            if isCode, case .incomplete = session.completeness(of: entry, lua) { continue }
            let whole = entry
            entry = ""
            if case .exit(let code)? = try perform(whole, lua) { return code }
        }
    }
}

extension String {
    var trimmed: String {
        let start = drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}
