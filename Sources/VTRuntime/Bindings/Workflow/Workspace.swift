// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
package import VTLuaBridge
package import VTWorkflow

/// What the bindings of one Lua state share: the interpreter, the modules that were described,
/// and where modules are looked for.
package final class Workspace {
    package let interpreter = Interpreter()
    /// Directories whose modules come before all others: the workflow's own, and `modules/` in it.
    private(set) var directories: [String] = []
    /// From a module's Lua table to its definition. Keys are weak.
    var definitions: LuaReference?
    /// Whether `print` is ours: from the first workflow on.
    var capturesPrint = false
    /// Whether a workflow's script is being run, to describe a workflow.
    private(set) var isLoading = false
    /// The metatable of modules' tables.
    var moduleMetatable: LuaReference?

    package private(set) lazy var parallel = ParallelBinding(log: interpreter.calls) {
        [unowned self] in directories
    }
    private(set) lazy var cluster = ClusterBinding(parallel)
    /// Opens a prompt in the middle of what runs; nil where nobody could type.
    package var breakpoint: ((borrowing Lua) throws -> Void)?
    /// Called before such a prompt: whoever draws on the terminal leaves it.
    package var beforePrompt: () -> Void = {}
    /// Writes lines on standard error: whoever draws there makes room for them.
    package var tell: (String) -> Void = { report($0) }

    /// Tells what is odd about a workflow.
    package func tellWarnings(of plan: Plan) {
        for warning in plan.warnings { tell("warning: \(warning)\n") }
    }

    /// The module in whose middle a person is at a prompt: what an entry prints is for the person,
    /// not for the module.
    private(set) var stoppedModule: ModuleContext?

    package init() {}

    /// Makes the modules next to a workflow's file the first to be found.
    package func enter(directory: String) {
        let directory = directory.isEmpty ? "." : directory
        for place in [directory, directory == "." ? "modules" : directory + "/modules"]
        where !directories.contains(place) {
            directories.append(place)
        }
    }

    package func loading(_ body: () throws -> Void) rethrows {
        let outer = isLoading
        isLoading = true
        defer { isLoading = outer }
        try body()
    }

    /// Runs what a person has typed at a prompt. Cancelled, it takes along the calls to workers
    /// that it has begun.
    package func prompting<R>(_ body: () throws -> R) rethrows -> R {
        let outer = stoppedModule
        stoppedModule = interpreter.current
        defer { stoppedModule = outer }
        return try parallel.completion.cancellingBegun(body)
    }

    /// The file of a module below the workspace's directories.
    func file(of module: String) -> String? { ModuleFiles.file(of: module, in: directories) }

    /// Names of modules that could be meant: those in the directories and the library's.
    package func knownModules() -> [String] {
        var names = Set(StandardLibrary.modules)
        var budget = Self.mostEntries
        for directory in directories {
            collect(directory, prefix: "", depth: 0, &budget, into: &names)
        }
        return names.sorted()
    }

    /// So many files are looked at for names that may be meant: a prompt may be started anywhere.
    private static let mostEntries = 20_000

    private func collect(
        _ path: String, prefix: String, depth: Int, _ budget: inout Int,
        into names: inout Set<String>
    ) {
        if depth == 4 { return }
        for entry in Directory.entries(of: path) where !entry.name.hasPrefix(".") {
            budget -= 1
            if budget < 0 { return }
            if entry.name.hasSuffix(".lua") {
                names.insert(prefix + entry.name.dropLast(4))
            } else if entry.isDirectory {
                collect(
                    "\(path)/\(entry.name)", prefix: "\(prefix)\(entry.name).",
                    depth: depth + 1, &budget, into: &names)
            }
        }
    }
}

// MARK: - Finding modules

extension Workspace {
    /// Puts a searcher before those of Lua (but behind package.preload): first the workflow's
    /// directories, then, where there are any, the library.
    func installSearcher(in lua: borrowing Lua) throws {
        try lua.pushGlobal("table")
        try lua.pushField("insert", of: -1)
        try lua.pushGlobal("package")
        try lua.pushField("searchers", of: -1)
        lua.remove(at: -2)
        try lua.push(2)
        try lua.pushConfined { [unowned self] lua in
            let name = try lua.argument(1, as: String.self)
            if let file = file(of: name) {
                try refuseCircle(name, file, lua)
                try load(name, file, lua)
                try lua.push(file)
                return 2
            }
            guard !directories.isEmpty else { return 0 }
            return try StandardLibrary.search(lua)
        }
        try lua.call(arguments: 3)
        lua.pop()
        try installLastSearcher(in: lua)
    }

    /// In a workflow's script, tells of a module that nobody found in one line: where the script
    /// says `require`.
    private func installLastSearcher(in lua: borrowing Lua) throws {
        try lua.pushGlobal("package")
        try lua.pushField("searchers", of: -1)
        let count = try lua.length(at: -1)
        try lua.pushConfined { [unowned self] lua in
            guard !directories.isEmpty else { return 0 }
            throw lua.error(missing(try lua.argument(1, as: String.self)), level: 2)
        }
        try lua.setElement(count + 1, of: -2)
        lua.pop(2)
    }

    private func load(_ name: String, _ file: String, _ lua: borrowing Lua) throws {
        do {
            try lua.load(file: file)
        } catch  where error.message.isAboutBytecode {
            throw LuaError(
                .syntax, "'\(file)' is bytecode; module `\(name)` has to be a script")
        } catch {
            // Of a long path, Lua's message has only the end.
            guard error.message.hasPrefix("..."),
                let colon = error.message.firstIndex(of: ":"),
                file.hasSuffix(error.message[..<colon].dropFirst(3))
            else { throw error }
            throw LuaError(error.code, file + error.message[colon...])
        }
    }

    /// A module that is still being loaded would be loaded again, without an end.
    private func refuseCircle(_ name: String, _ file: String, _ lua: borrowing Lua) throws {
        for level in 1..<100 where lua.location(level: level)?.source == "@" + file {
            guard try !isLoaded(name, lua) else { return }
            throw lua.error(
                "module `\(name)` is required while it is being loaded; modules cannot require "
                    + "each other", level: 2)
        }
    }

    private func isLoaded(_ name: String, _ lua: borrowing Lua) throws -> Bool {
        try lua.pushGlobal("package")
        try lua.pushField("loaded", of: -1)
        try lua.pushField(name, of: -1)
        defer { lua.pop(3) }
        return lua.truth(at: -1)
    }

    private func missing(_ name: String) -> String {
        let near = suggestion(for: name, among: knownModules())
        if !near.isEmpty { return "there is no module `\(name)`" + near }
        let places = directories.map { $0 == "." ? "here" : "'\($0)'" } + ["the library"]
        return "there is no module `\(name)`; looked in \(places.joined(separator: ", ")) "
            + "and package.path"
            + (directories.isEmpty
                ? "; `vtlua run` looks beside the workflow and in modules/ there, too" : "")
    }

    /// Pushes what `require(name)` gives and where it was found; a module that is not there is
    /// told in one line.
    package func pushRequired(_ name: String, _ lua: borrowing Lua) throws {
        try lua.pushGlobal("require")
        try lua.push(name)
        do {
            try lua.call(arguments: 1, results: 2)
        } catch let error as LuaError where error.message.hasPrefix("module '\(name)' not found") {
            throw WorkflowError(missing(name))
        } catch let error as LuaError where error.message == missing(name) {
            throw WorkflowError(error.message)
        } catch let error as LuaError where error.message.hasPrefix("error loading module") {
            // "error loading module 'm' from file 'f':\n\tf:3: what": the last part says it all.
            guard let cut = error.message.firstRange(of: ":\n\t") else { throw error }
            throw LuaError(.syntax, String(error.message[cut.upperBound...]))
        }
    }
}
