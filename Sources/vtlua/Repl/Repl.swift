// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTLuaTooling
import VTRuntime
import VTSystem
import VTWorkflow

/// The interactive prompt: reads entries, runs them and prints their values until the user quits.
final class Repl {
    let session: Session
    let workspace: Workspace
    /// The terminal; nil if there is none, or it cannot redraw lines.
    let console: Console?
    /// The prefix of entry names such as `[1]`; not empty for a nested prompt, as at a breakpoint.
    let label: String
    /// The purpose of the prompt.
    var purpose = Purpose.session
    /// The number of the current entry.
    private(set) var count = 0
    /// The error that was shown last.
    var lastError: (any Error)?
    /// The file of the last `:load`.
    var lastFile: String?
    private var hasFailed = false

    enum Purpose {
        case session
        /// A breakpoint; the stopped code continues when the prompt ends.
        case breakpoint
        /// An inspection of a failed module.
        case failure
    }

    /// The way in which a prompt ended.
    enum End: Equatable {
        case exit(Int32)
        /// `:stop` at a breakpoint: the stopped code must end.
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

    /// Runs until the user ends it.
    ///
    /// - Parameter afterEach: called after each entry, also after an error.
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

    /// The text of a global variable for the prompt; nil if it is not set or not printable.
    private func global(_ name: String, _ lua: borrowing Lua) throws -> String? {
        try lua.pushGlobals()
        try lua.pushRawField(name, of: -1)
        defer { lua.pop(2) }
        return lua.isNil(at: -1) ? nil : try? lua.display(at: -1)
    }

    /// Runs an entry: code, a command, or a question about a name.
    func perform(_ text: String, _ lua: borrowing Lua) throws -> End? {
        if let command = ReplCommandLine(text) {
            let top = lua.top
            do { return try perform(command, lua) } catch {
                try lua.setTop(top)
                showError(error)
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
        // `= x` is supported as in older prompts of Lua.
        let code = text.hasPrefix("=") ? "return " + text.dropFirst() : text
        evaluate(code, name: "=\(label)[\(count)]", lua)
        return nil
    }

    /// A hint for words such as `exit` and `help`, which are not defined in Lua.
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
            ? ":help lists the commands; name? describes a name"
            : ":quit or Ctrl-D ends the prompt"
    }

    /// The name and detail of a question, `name?` or `name??`; nil if the text is not a question.
    private static func question(_ text: String) -> (name: String, detail: Int)? {
        let trimmed = text.trimmed
        guard trimmed.hasSuffix("?") else { return nil }
        let detail = trimmed.hasSuffix("??") ? 1 : 0
        return (String(trimmed.dropLast(detail + 1)).trimmed, detail)
    }

    /// Describes a name. It can be interrupted, because it may call `__tostring`.
    private func ask(_ name: String, _ detail: Int, _ lua: borrowing Lua) {
        do {
            let answer = try stoppable(lua) { lua in
                let answer = session.inspect(name, at: name.utf8.count, detail: detail, lua)
                try lua.checkCancellation()
                return answer
            }
            show(answer.map { painted($0) } ?? "`\(name)` is not defined")
        } catch {
            showError(error)
        }
    }

    // MARK: Evaluating

    /// Runs a closure that Ctrl-C can stop.
    private func stoppable<R>(
        _ lua: borrowing Lua, _ body: (borrowing Lua) throws -> R
    ) throws -> R {
        let cancellation = LuaCancellation()
        return try Interrupts.shared.during(cancellation) {
            try lua.limited(cancellation: cancellation) { lua in
                let result = try body(lua)
                Interrupts.shared.settle()
                try lua.checkCancellation()
                return result
            }
        }
    }

    /// Runs code and shows its results; returns false after an error.
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
            showError(error, in: code)
            return false
        }
    }

    /// Shows the topmost values and stores the first one as `_`.
    private func showResults(_ results: Int, _ lua: borrowing Lua) throws {
        if results == 0 { return }
        let first = lua.top - results + 1
        var pretty = PrettyText()
        if let console { pretty.width = console.size.columns - 1 }
        var texts: [String] = []
        for index in first..<(first + results) {
            texts.append(painted(pretty.text(at: index, lua)))
            // A __tostring may have been stopped.
            try lua.checkCancellation()
        }
        let isShort = !texts.contains { $0.contains("\n") }
        show(texts.joined(separator: isShort ? "\t" : "\n"))
        if lua.isNil(at: first) { return }
        // Raw access, because a script can set a metatable for its globals.
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

    /// The maximum number of results kept as `_1`, `_2`, ...
    private static let mostResults = 100

    // MARK: Showing

    func show(_ text: String) {
        if let console { console.write(text + "\n") } else { StandardStreams.write(text + "\n") }
    }

    private func painted(_ code: String) -> String {
        console?.hasColour ?? false ? Colours.paint(code: code) : code
    }

    /// - Parameter code: the entry, for suggestions.
    func showError(_ error: any Error, in code: String? = nil) {
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
        var text = Colours.paint(Session.message(of: error, in: code), .error, colour) + "\n"
        if let error = error as? LuaError, error.code != .syntax, error.traceback.count > 2 {
            text += Colours.paint("  :trace shows the traceback", .faint, colour) + "\n"
        }
        console.write(text)
    }
}

// MARK: - Without a terminal

extension Repl {
    /// Reads entries from standard input without editing and colours, and without prompts unless it
    /// is a terminal. Returns 1 when an entry has failed.
    private func runPlain(_ lua: borrowing Lua) throws -> Int32 {
        let isSeen = isatty(STDIN_FILENO) == 1
        var entry = ""
        var isFirst = true
        while true {
            if isSeen {
                let prompts = try prompts(lua)
                StandardStreams.write(entry.isEmpty ? prompts.first : prompts.next)
            }
            var isInterrupted = isSeen && !Interrupts.shared.waitForInput()
            var line: String?
            if !isInterrupted {
                line = StandardStreams.withLine(&isInterrupted) { String(source: $0) }
                if isInterrupted { Interrupts.shared.discardNext() }
            }
            if isInterrupted {
                guard isSeen else { return 130 }
                // Ctrl-C ends the entry; a second one within a second ends the program.
                StandardStreams.write("\n")
                entry = ""
                continue
            }
            if isFirst, let text = line, text.unicodeScalars.first == "\u{FEFF}" {
                line = String(text.unicodeScalars.dropFirst())
            }
            isFirst = false
            guard let line else {
                if !entry.isEmpty { _ = try perform(entry, lua) }
                if isSeen { StandardStreams.write("\n") }
                return hasFailed && !isSeen ? 1 : 0
            }
            if entry.isEmpty, line.allSatisfy(\.isWhitespace) { continue }
            entry += entry.isEmpty ? line : "\n" + line
            let isCode = ReplCommandLine(entry) == nil && Self.question(entry) == nil
            if isCode, case .incomplete = session.completeness(of: entry, lua) { continue }
            let whole = entry
            entry = ""
            if case .exit(let code)? = try perform(whole, lua) {
                return code == 0 && hasFailed && !isSeen ? 1 : code
            }
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
