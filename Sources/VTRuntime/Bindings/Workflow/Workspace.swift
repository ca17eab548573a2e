// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTParallel
package import VTStore
internal import VTSystem
package import VTWorkflow

/// The state that the bindings of one Lua state share: the interpreter, the definitions of modules,
/// and the directories of modules.
package final class Workspace {
    package let interpreter: Interpreter
    /// The environment of runs that Lua code starts outside of a run.
    package var environment = RunEnvironment()
    /// The rule for the store of runs that Lua code starts outside of a run; nil: they have none.
    package var storePlace: StorePlace?
    /// The script that the program runs; empty at a prompt and in a notebook.
    package var script = ""
    /// The open stores, by their directories.
    var stores: [String: any RecordingStore] = [:]
    /// The store of a sandboxed run, which another process uses for this one; nil: there is none.
    package var remoteStore: StoreClient?
    /// The directory in which a sandboxed run may write; nil: there is no sandbox.
    package var sandboxResults: String?
    /// A text that is part of the keys of a sandboxed run: what a module computes may depend on what the
    /// sandbox refuses, and other runs must not use it. Empty without a sandbox.
    package var sandboxKey = ""
    /// The modules of the program, by name.
    var swiftModules: [String: SwiftModule] = [:]
    /// The version of the program's functions, which is part of keys; empty for none.
    var programVersion = ""
    /// The identifier of the sweep that runs are part of; empty for runs of their own.
    var sweepName = ""
    /// The workers of the modules of a sweep's runs.
    var sweepPlace = Place.processes
    private let makeState: WorkerStateMaker
    let limits: RuntimeLimits
    /// The directories that are searched for modules first: the workflow's own, and `modules/` in
    /// it.
    private(set) var directories: [String] = []
    /// A table with weak keys that maps a module's Lua table to its definition.
    var definitions: LuaReference?
    /// The names of the modules that scripts have declared, for messages.
    var declaredNames: Set<String> = []
    /// Lua's own `require`, also when a script sets the global of that name.
    private var require: LuaReference?
    /// True if `print` is replaced: from the first workflow on.
    var capturesPrint = false
    /// True if a workflow's script is being loaded.
    private(set) var isLoading = false
    /// The number of calls of `build` that are running, one inside another.
    var buildDepth = 0
    /// The metatable of the tables of modules.
    var moduleMetatable: LuaReference?

    package private(set) lazy var parallel = ParallelBinding(
        log: interpreter.calls, makeState: makeState, limits: limits
    ) { [unowned self] in directories }
    /// The table `parallel` of a worker that computes modules.
    var workerParallel: ParallelBinding?
    private(set) lazy var cluster = ClusterBinding(parallel)
    /// Opens a prompt inside the running code; nil: there is no terminal.
    package var breakpoint: ((borrowing Lua) throws -> Void)?
    /// Called before such a prompt, so that the progress display leaves the terminal.
    package var beforePrompt: () -> Void = {}
    /// Receives the text of each warning, without a line break.
    package var warn: (String) -> Void = { _ in }
    /// Receives what modules print in a run that Lua code starts while nothing observes it.
    var runOutput: (String) -> Void = { StandardStreams.write($0) }

    /// The module that a prompt has interrupted. Entries at the prompt print to the terminal, not
    /// to the module's record.
    private(set) var stoppedModule: ModuleContext?

    /// - Parameter makeState: makes the Lua states of workers.
    init(makeState: @escaping WorkerStateMaker, limits: RuntimeLimits) {
        self.makeState = makeState
        self.limits = limits
        interpreter = Interpreter()
        interpreter.seal = limits.seal
    }

    /// The workspace of a worker that computes modules.
    init(
        ofWorkerWith log: AccessLog, makeState: @escaping WorkerStateMaker, limits: RuntimeLimits
    ) {
        self.makeState = makeState
        self.limits = limits
        interpreter = Interpreter(accessLog: log)
        isOfWorker = true
    }

    /// True in the state of a worker, where no workflow can run.
    private(set) var isOfWorker = false

    /// Observes the programs that Lua code starts.
    func observePrograms(_ lua: borrowing Lua) {
        lua.observePrograms { [unowned self] program in
            if program.signal == nil {
                return interpreter.accessLog.noteProgram(program.command, place: program.place)
            }
            interpreter.current?.programEnded(program)
        }
    }

    /// Adds the directory of a workflow's file before the others.
    package func enter(directory: String) {
        guard limits.libraries.contains(.package) else { return }
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

    /// Runs code that the user typed at a prompt. A cancellation also stops the calls to workers
    /// that the code started.
    package func prompting<R>(_ body: () throws -> R) rethrows -> R {
        let outer = stoppedModule
        stoppedModule = interpreter.current
        defer { stoppedModule = outer }
        return try parallel.completion.cancellingBegun(body)
    }

    /// Returns the file of a module in the workspace's directories; nil if there is none.
    func file(of module: String) -> String? { ModuleFiles.file(of: module, in: directories) }

    /// Returns the names of known modules, for suggestions: those in the directories and those of
    /// the library.
    package func knownModules() -> [String] {
        var names = Set(StandardLibrary.publicModules).union(swiftModules.keys)
        var budget = Self.mostEntries
        for directory in directories {
            collect(directory, prefix: "", depth: 0, &budget, into: &names)
        }
        return names.sorted()
    }

    /// The number of files that are searched for names. A prompt may be started in any directory.
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
    /// Adds a searcher before those of Lua, but after package.preload. It looks in the workflow's
    /// directories and then, if there are any, in the library.
    func installSearcher(in lua: borrowing Lua) throws {
        try keepRequire(lua)
        try lua.pushConfined { [unowned self] lua in
            let name = try lua.argument(1, as: String.self)
            if let module = swiftModules[name] {
                try pushLoader(of: module, lua)
                return 2
            }
            if let file = file(of: name) {
                try refuseCircle(name, file, lua)
                if let other = ModuleFiles.hidden(by: file, module: name, in: directories) {
                    warn(
                        "there are two files for the module `\(name)`: '\(file)' is used, "
                            + "'\(other)' is not; rename one of them")
                }
                try load(name, file, lua)
                try lua.push(file)
                return 2
            }
            guard !directories.isEmpty else { return 0 }
            return try StandardLibrary.search(lua)
        }
        try lua.insertSearcher()
        try installLastSearcher(in: lua)
        try limits.loader?.install(in: lua)
    }

    /// Keeps the global `require`, also for workflows that a worker declares.
    func keepRequire(_ lua: borrowing Lua) throws {
        try lua.pushGlobal("require")
        require = try lua.takeReference()
    }

    /// Adds a searcher that reports a missing module in one line, at the location of `require` in a
    /// workflow script.
    private func installLastSearcher(in lua: borrowing Lua) throws {
        try lua.pushLoaded("package")
        try lua.pushField("searchers", of: -1)
        let count = try lua.length(at: -1)
        try lua.pushConfined { [unowned self] lua in
            guard !directories.isEmpty else { return 0 }
            throw lua.error(missing(try lua.argument(1, as: String.self)), level: 2)
        }
        try lua.setElement(count + 1, of: -2)
        lua.pop(2)
    }

    /// Returns the place where `require` would find a module that is not loaded.
    func source(of name: [UInt8], _ lua: borrowing Lua) throws -> ModuleSource {
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        let text = String(decoding: name, as: UTF8.self)
        try lua.pushLoaded("package")
        guard lua.type(at: -1) == .table else { return .absent }
        try lua.pushRawField("preload", of: base + 1)
        if lua.type(at: -1) == .table {
            try lua.pushRawField(text, of: -1)
            if !lua.isNil(at: -1) { return .preloaded }
        }
        if let module = swiftModules[text] { return .program(Array(module.source.utf8)) }
        if let place = limits.loader?.place(of: text) { return .served(Array(place.utf8)) }
        if let file = file(of: text) { return .file(Array(file.utf8)) }
        if StandardLibrary.code(of: text) != nil { return .builtIn }
        for (field, root) in [("path", text), ("cpath", text), ("cpath", text.firstPart)] {
            try lua.pushRawField(field, of: base + 1)
            defer { lua.pop() }
            guard let templates = lua.text(at: -1) else { continue }
            if let file = ModuleFiles.file(of: root, in: templates) {
                return .file(Array(file.utf8))
            }
        }
        return .absent
    }

    private func load(_ name: String, _ file: String, _ lua: borrowing Lua) throws {
        if let objection = ScriptFile.objection(to: file) {
            throw LuaError(.file, "module `\(name)`: \(objection)")
        }
        do {
            try lua.load(file: file)
        } catch  where error.message.isAboutBytecode {
            throw LuaError(
                .syntax, "'\(file)' is bytecode; module `\(name)` must be a script")
        } catch {
            // Lua shortens a long path in its messages to its end.
            guard error.message.hasPrefix("..."),
                let colon = error.message.firstIndex(of: ":"),
                file.hasSuffix(error.message[..<colon].dropFirst(3))
            else { throw error }
            throw LuaError(error.code, file + error.message[colon...])
        }
    }

    /// Throws if a module is required while it is being loaded, which would never end.
    private func refuseCircle(_ name: String, _ file: String, _ lua: borrowing Lua) throws {
        for level in 1..<100 where lua.location(level: level)?.source == "@" + file {
            guard try !isLoaded(name, lua) else { return }
            throw lua.error(
                "module `\(name)` is required while it is being loaded; modules cannot require "
                    + "each other", level: 2)
        }
    }

    private func isLoaded(_ name: String, _ lua: borrowing Lua) throws -> Bool {
        try lua.pushLoaded(name)
        defer { lua.pop() }
        return lua.truth(at: -1)
    }

    private func missing(_ name: String) -> String {
        if declaredNames.contains(name) {
            return
                "there is no file of the module `\(name)`; for the vt.module of that name, give the "
                + "variable that holds it, without quotes"
        }
        let near =
            Hint.module(name) ?? suggestion(for: name, among: knownModules())
        if !near.isEmpty { return "there is no module `\(name)`" + near }
        let places = directories.map { $0 == "." ? "here" : "'\($0)'" } + ["the library"]
        return "there is no module `\(name)`; looked in \(places.joined(separator: ", ")) "
            + "and package.path"
            + (directories.isEmpty
                ? "; `vtlua run` looks beside the workflow and in modules/ there, too" : "")
    }

    /// Pushes the result of `require(name)` and the file. A missing module is reported in one line.
    package func pushRequired(_ name: String, _ lua: borrowing Lua) throws {
        guard let require else { return }
        try lua.push(require)
        try lua.push(name)
        do {
            try lua.call(arguments: 1, results: 2)
        } catch let error as LuaError where error.message.hasPrefix("module '\(name)' not found") {
            throw WorkflowError(missing(name))
        } catch let error as LuaError
            where error.message == missing(name) || error.message.hasPrefix("the library `")
        {
            throw WorkflowError(error.message)
        } catch let error as LuaError where error.message.hasPrefix("error loading module") {
            // The last part of "error loading module 'm' from file 'f':\n\tf:3: message" is
            // sufficient.
            guard let cut = error.message.firstRange(of: ":\n\t") else { throw error }
            throw LuaError(.syntax, String(error.message[cut.upperBound...]))
        }
    }
}

extension String {
    /// The part before the first dot: the C library that may have all submodules.
    fileprivate var firstPart: String { String(prefix { $0 != "." }) }
}
