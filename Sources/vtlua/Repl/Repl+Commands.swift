// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTLuaTooling
import VTRuntime
import VTSystem
import VTWorkflow

extension Repl {
    /// Runs a command; returns an end when the prompt must end.
    func perform(_ command: ReplCommandLine, _ lua: borrowing Lua) throws -> End? {
        guard let word = command.word else {
            let words = ReplCommandLine.Word.allCases.map(\.rawValue)
            let near = closest(to: command.name, among: words).map { "; did you mean `:\($0)`?" }
            showUsageError(
                "there is no command `:\(command.name)`" + (near ?? "; :help lists the commands"))
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
            showUsageError(":continue works only at a breakpoint; :quit ends the prompt")
        case .stop:
            if purpose == .breakpoint { return .stop }
            showUsageError(":stop works only at a breakpoint; :quit ends the prompt")
        }
        return nil
    }

    private func showUsageError(_ text: String) {
        showError(LuaError(.argument, text))
    }

    private var help: String {
        let first =
            switch purpose {
            case .session: ""
            case .breakpoint:
                """
                :continue, Ctrl-D      continue after vt.breakpoint()
                :stop                  stop the running code with an error

                """
            case .failure: "The variables are those of the failed function.\n"
            }
        return first + """
            expression             print its values; `_` is the last one, `_3` that of entry 3
            local x = 1            define a local that persists in later entries
            name?  name??          describe a name; also show its source
            :load FILE             run a script; its local variables persist
            :reload [MODULE]       load a module again, or the file of the last :load
            :time CODE             run code, and print its duration and memory
            :mem                   print Lua's memory
            :workers               list pools and the state of their workers
            :trace                 print the traceback of the last error
            :quit, Ctrl-D          end the prompt
            Tab                    complete a name, a module or a file
            Up, Down               earlier entries that begin with the text so far
            Ctrl-R                 search earlier entries
            Alt-Enter              start a new line in a complete entry
            Ctrl-C                 stop the running entry; twice: end the program
            """
    }

    // MARK: Files and modules

    /// Runs a script as an entry.
    private func load(_ path: String, _ lua: borrowing Lua) {
        if path.isEmpty { return showUsageError(":load needs a file, as in :load flow.lua") }
        let code: String
        do {
            code = String(source: try File.read(path))
        } catch {
            return showUsageError("\(error)")
        }
        workspace.enter(directory: path.directoryPart)
        lastFile = path
        evaluate(code, name: "@" + path, lua)
    }

    /// Requires a module again. Variables that held the old module get the new one.
    private func reload(_ name: String, _ lua: borrowing Lua) throws {
        if name.isEmpty {
            guard let lastFile else {
                return showUsageError(
                    ":reload needs a module, as in :reload name, or an earlier :load")
            }
            return load(lastFile, lua)
        }
        try lua.pushLoadedModules()
        try lua.pushRawField(name, of: -1)
        let old = lua.top
        let loaded = old - 1
        defer { try? lua.setTop(old - 2) }
        if lua.isNil(at: old) {
            return showUsageError("module `\(name)` is not loaded; require it first")
        }
        try lua.pushNil()
        try lua.setRawField(name, of: loaded)
        guard evaluate("require \(name.quotedForLua)", name: "=:reload", lua) else {
            try lua.pushValue(at: old)
            try lua.setRawField(name, of: loaded)
            return
        }
        try lua.pushRawField(name, of: loaded)
        try session.replaceVariables(holding: old, by: lua.top, lua)
    }

    // MARK: Measuring

    private func time(_ code: String, _ lua: borrowing Lua) {
        if code.isEmpty { return showUsageError(":time needs code, as in :time f(x)") }
        let memory = lua.memory.used
        lua.resetPeak()
        let start = Clock.now
        guard evaluate(code, name: "=:time", lua) else { return }
        let elapsed = Duration.nanoseconds(Clock.now - start)
        let peak = max(0, lua.memory.peak - memory)
        show("\(elapsed.brief), \(peak.byteText) more at the peak")
    }

    private func showMemory(_ lua: borrowing Lua) {
        let before = lua.memory
        try? lua.collectGarbage()
        let memory = lua.memory
        show(
            "\(memory.used.byteText) in use, \((before.used - memory.used).byteText) were garbage, "
                + "\(before.peak.byteText) at the peak")
    }

    private func showWorkers(_ lua: borrowing Lua) throws {
        let lines = try session.workers(lua)
        show(
            lines.isEmpty
                ? "no variable holds a pool; parallel.threads(n) creates one"
                : lines.joined(separator: "\n"))
    }

    private func showTrace() {
        guard let lastError else { return show("there was no error") }
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
