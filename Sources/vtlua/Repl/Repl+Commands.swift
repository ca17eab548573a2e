// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTLuaBridge
import VTRuntime
import VTWorkflow

extension Repl {
    /// Does a command; gives an end when the prompt is over.
    func perform(_ command: ReplCommandLine, _ lua: borrowing Lua) throws -> End? {
        guard let word = command.word else {
            let words = ReplCommandLine.Word.allCases.map(\.rawValue)
            let near = closest(to: command.name, among: words).map { "; did you mean `:\($0)`?" }
            mistake("there is no command `:\(command.name)`" + (near ?? "; see :help"))
            return nil
        }
        switch word {
        case .load: load(command.argument, lua)
        case .reload: try reload(command.argument, lua)
        case .time: time(command.argument, lua)
        case .mem: showMemory(lua)
        case .workers: try showWorkers(lua)
        case .trace: showTrace()
        case .help: show(help)
        case .quit: return .exit(0)
        case .continue:
            if purpose == .breakpoint { return .exit(0) }
            mistake(":continue is for a breakpoint; :quit ends the prompt")
        case .stop:
            if purpose == .breakpoint { return .stop }
            mistake(":stop is for a breakpoint; :quit ends the prompt")
        }
        return nil
    }

    private func mistake(_ text: String) {
        tell(LuaError(.argument, text))
    }

    private var help: String {
        let first =
            switch purpose {
            case .session: ""
            case .breakpoint:
                """
                :continue, Ctrl-D      go on behind vt.breakpoint()
                :stop                  end what is running with an error

                """
            case .failure: "The variables are those of the function that failed.\n"
            }
        return first + """
            expression             shows its values; `_` is the last one, `_3` that of entry 3
            local x = 1            lives on
            name?  name??          what is known of it; its source as well
            :load FILE             runs a script here; its local variables stay
            :reload [MODULE]       loads a module, or the file of the last :load, anew
            :time CODE             how long it takes, and the memory it needs
            :mem                   the memory of Lua
            :workers               pools and what their workers do
            :trace                 where the last error came from
            :quit, Ctrl-D          ends the prompt
            Tab                    completes a name, a module, a file
            Up, Down               earlier entries that begin with what is before the cursor
            Ctrl-R                 looks for what you type in earlier entries
            Alt-Enter              a new line where the entry is whole already
            Ctrl-C                 stops what runs; twice quickly ends the program
            """
    }

    // MARK: Files and modules

    /// Runs a script as an entry.
    private func load(_ path: String, _ lua: borrowing Lua) {
        if path.isEmpty { return mistake("which file? write :load flow.lua") }
        guard let file = fopen(path, "rb") else {
            return mistake("cannot read '\(path)': \(String(cString: strerror(errno)))")
        }
        let code = readAll(file)
        fclose(file)
        workspace.enter(directory: path.directoryPart)
        lastFile = path
        evaluate(code, name: "@" + path, lua)
    }

    /// Forgets a module and requires it again. Variables that held the old one get the new one.
    private func reload(_ name: String, _ lua: borrowing Lua) throws {
        if name.isEmpty {
            guard let lastFile else {
                return mistake(
                    "which module? write :reload name; without one, it is what :load had")
            }
            return load(lastFile, lua)
        }
        try lua.pushGlobal("package")
        try lua.pushField("loaded", of: -1)
        try lua.pushField(name, of: -1)
        let old = lua.top
        let loaded = old - 1
        defer { try? lua.setTop(old - 3) }
        if lua.isNil(at: old) {
            return mistake("module `\(name)` is not loaded; require it first")
        }
        try lua.pushNil()
        try lua.setField(name, of: loaded)
        guard evaluate("require \(name.quotedForLua)", name: "=:reload", lua) else {
            try lua.pushValue(at: old)
            try lua.setField(name, of: loaded)
            return
        }
        try lua.pushField(name, of: loaded)
        try session.replaceVariables(holding: old, by: lua.top, lua)
    }

    // MARK: Measuring

    private func time(_ code: String, _ lua: borrowing Lua) {
        if code.isEmpty { return mistake("what? write :time f(x)") }
        let memory = lua.memory.used
        lua.resetPeak()
        let start = ContinuousClock.now
        guard evaluate(code, name: "=:time", lua) else { return }
        let elapsed = ContinuousClock.now - start
        let peak = max(0, lua.memory.peak - memory)
        show("\(elapsed.brief), \(peak.byteText) more at the most")
    }

    private func showMemory(_ lua: borrowing Lua) {
        let before = lua.memory
        try? lua.collectGarbage()
        let memory = lua.memory
        show(
            "\(memory.used.byteText) in use, \((before.used - memory.used).byteText) were garbage, "
                + "\(before.peak.byteText) at the most")
    }

    private func showWorkers(_ lua: borrowing Lua) throws {
        let lines = try session.workers(lua)
        show(
            lines.isEmpty
                ? "no pool is held by a variable; parallel.threads(n) makes one"
                : lines.joined(separator: "\n"))
    }

    private func showTrace() {
        guard let lastError else { return show("nothing has failed") }
        show(Session.text(of: lastError))
    }
}

extension Duration {
    fileprivate var brief: String {
        let seconds = Double(components.seconds) + Double(components.attoseconds) * 1e-18
        func text(_ value: Double, _ unit: String) -> String {
            let scaled = (value * 100).rounded() / 100
            return "\(scaled) \(unit)"
        }
        if seconds < 1e-3 { return text(seconds * 1e6, "us") }
        return seconds < 1 ? text(seconds * 1e3, "ms") : text(seconds, "s")
    }
}

extension Int {
    fileprivate var byteText: String {
        if self < 10_000 { return "\(self) B" }
        if self < 10_000_000 { return "\(self / 1000) kB" }
        return "\(self / 1_000_000) MB"
    }
}
