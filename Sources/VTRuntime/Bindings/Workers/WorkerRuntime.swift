// SPDX-License-Identifier: BSD-3-Clause

internal import CVTArrayLua
internal import CVTFrame
internal import CVTSQL
internal import VTLuaBridge
internal import VTParallel
internal import VTShipping
internal import Synchronization
internal import VTSystem
package import VTWorkflow

/// Lua states of workers, and the program that worker processes run.
public enum WorkerRuntime {
    /// Allows child processes of this program to be workers: `parallel.processes` starts the
    /// program again. It must be called first in `main`, and does not return in such a child.
    ///
    /// ```swift
    /// WorkerRuntime.prepare()
    /// ```
    ///
    /// - Parameters:
    ///   - modules: modules of the program, which workflows find by their names, also on workers.
    ///   - workerPrepare: called with each Lua state of the program before it is used, also those of
    ///     workers, to register functions and types that modules and tasks call.
    ///   - warn: receives the text of each warning of a worker process, in that process, as
    ///     ``Runtime/Options/warn`` does in the main process.
    public static func prepare(
        modules: [SwiftModule] = [],
        workerPrepare: @escaping @Sendable (borrowing Lua) throws -> Void = { _ in },
        warn: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        ProgramSetup.current = ProgramSetup(modules: modules, prepare: workerPrepare)
        prepare(.hook(warn))
    }

    package static func prepare(_ warnings: LuaWarnings) {
        WorkerProgram.isPrepared.store(true, ordering: .relaxed)
        // A worker process receives arrays before it has a state.
        vta_register()
        HiddenCommand.runIfAsked(makeState: makeState(warnings, RuntimeLimits())) {
            warnings.report($0)
        }
    }

    /// Returns the program that `parallel.processes` starts.
    package static func program() throws(WorkflowError) -> String { try WorkerProgram.path() }

    /// Returns the function that makes a worker's Lua state: the libraries, the caller's search
    /// path for modules, and the parts of `vt` and `parallel` that a worker may use.
    ///
    /// - Parameter added: modules of the program besides those that ``prepare(modules:workerPrepare:warn:)``
    ///   was given.
    static func makeState(
        _ warnings: LuaWarnings, _ limits: RuntimeLimits, _ added: [SwiftModule] = []
    ) -> WorkerStateMaker {
        { options in
            // Those of a worker process come with its options.
            var own = limits
            own.libraries = options.allowed
            own.memory = options.memoryLimit
            let permit = try limits.budget?.take()
            let setup = ProgramSetup.current
            let state = try LuaState(memoryLimit: options.memoryLimit, libraries: false)
            try state.run { lua in
                let libraries = options.allowed
                try lua.openStandardLibraries(
                    libraries, usingEnvironment: libraries.contains(.package))
                try lua.setCollector(.generational)
                warnings.attach(to: lua)
                try StandardLibrary.install(in: lua)
                try lua.openArrays(libraries)
                if libraries.contains(.package) { try setPaths(options.searchPath, lua) }
                if let loader = limits.loader {
                    try loader.install(in: lua)
                } else if options.hasLoader {
                    try addMissingLoader(lua)
                }
                let makeState = makeState(warnings, limits, added)
                let modules = WorkerModules(
                    options, limits: own, permit: permit, makeState: makeState)
                try installVT(modules, in: lua)
                try installParallel(options, makeState, modules, in: lua)
                try lua.openShipping()
                try install(setup.modules + added, modules, in: lua)
                try setup.prepare(lua)
                try lua.copyEnvironment()
                let accesses = WorkerAccesses(modules.calls.accesses, lua)
                modules.accesses = accesses
                lua.setAccessRecorder(accesses)
            }
            return state
        }
    }

    private static func setPaths(_ search: SearchPath, _ lua: borrowing Lua) throws {
        try lua.pushLoaded("package")
        defer { lua.pop() }
        if !search.path.isEmpty {
            try lua.push(search.path)
            try lua.setRawField("path", of: -2)
        }
        if !search.cpath.isEmpty {
            try lua.push(search.cpath)
            try lua.setRawField("cpath", of: -2)
        }
        guard !search.directories.isEmpty else { return }
        try lua.pushField("searchers", of: -1)
        defer { lua.pop() }
        let count = try lua.length(at: -1)
        for position in stride(from: count, to: 1, by: -1) {
            try lua.pushElement(position, of: -1)
            try lua.setElement(position + 1, of: -2)
        }
        let directories = search.directories
        try lua.push { lua in
            let name = try lua.argument(1, as: String.self)
            guard let file = ModuleFiles.file(of: name, in: directories) else {
                return try StandardLibrary.search(lua)
            }
            try lua.load(file: file)
            try lua.push(file)
            return 2
        }
        try lua.setElement(2, of: -2)
    }

    /// Adds a last searcher with the reason why a module that the program serves is missing.
    private static func addMissingLoader(_ lua: borrowing Lua) throws {
        try lua.pushLoaded("package")
        try lua.pushField("searchers", of: -1)
        let count = try lua.length(at: -1)
        try lua.push { lua in
            try lua.push(
                "no module that the program serves: its loader is not in worker processes; use "
                    + "parallel.threads")
            return 1
        }
        try lua.setElement(count + 1, of: -2)
        lua.pop(2)
    }

    /// Makes `require` find the modules of the program first.
    private static func install(
        _ added: [SwiftModule], _ modules: WorkerModules, in lua: borrowing Lua
    ) throws {
        if added.isEmpty { return }
        let byName = Dictionary(added.map { ($0.name, $0) }) { _, last in last }
        try lua.pushConfined { lua in
            guard let module = byName[try lua.argument(1, as: String.self)] else { return 0 }
            try lua.pushConfined { lua in
                try modules.push(module, lua)
                return 1
            }
            try lua.push(module.source)
            return 2
        }
        try lua.insertSearcher()
    }

    private static let refusal = "vt is only available on the interpreter's thread"

    /// Installs `vt`, whose functions throw except for those that a module needs while it is
    /// loaded, and while a module of a workflow computes here.
    private static func installVT(_ modules: WorkerModules, in lua: borrowing Lua) throws {
        try lua.pushTable(fields: 8)
        try lua.addEverywhere()
        try lua.pushConfined { lua in try modules.compute(lua) }
        try lua.setRawField("_compute", of: -2)
        try lua.addModuleFunctions {
            modules.current
        } log: { text, lua in
            guard modules.isComputing || modules.isOfModule, let output = lua.taskOutput
            else { return false }
            output.add(printed: text)
            return true
        }
        try lua.pushTable(fields: 2)
        try lua.pushConfined { lua in
            guard modules.isAtWork else { throw lua.error(refusal) }
            try modules.pushFunction(lua)
            return 1
        }
        try lua.setRawField("__index", of: -2)
        try lua.push { lua in throw lua.error(refusal) }
        try lua.setRawField("__newindex", of: -2)
        lua.setMetatable(of: -2)
        try lua.setLoaded("vt")
    }

    /// Installs `parallel`. Pools inside tasks would multiply the number of workers and are refused;
    /// a module of a workflow that computes here may have them.
    private static func installParallel(
        _ options: WorkerOptions, _ makeState: @escaping WorkerStateMaker,
        _ modules: WorkerModules, in lua: borrowing Lua
    ) throws {
        let completion = CompletionEvent()
        try lua.pushTable(fields: 12)
        try lua.push(1)
        try lua.setRawField("cores", of: -2)
        for name in WorkerModules.poolFunctions {
            try lua.pushConfined { lua in
                guard modules.isComputing else {
                    throw lua.error(
                        "parallel.\(name) is refused inside a worker; use parallel.serial() there")
                }
                return try modules.callPoolFunction(name, lua)
            }
            try lua.setRawField(name, of: -2)
        }
        let directories = options.searchPath.directories
        try lua.pushConfined { lua in
            if modules.isComputing { return try modules.callPoolFunction("serial", lua) }
            let limits = (libraries: options.allowed, memory: options.memoryLimit)
            var options = WorkerOptions(count: 1)
            if limits.libraries != .all {
                (options.allowed, options.memoryLimit) = limits
            }
            // A task on an engine has the path and the modules of its client.
            options.searchPath = try SearchPath(directories: directories, lua)
            options.modules = SentModules.installed(in: lua)
            let view = try View.serial(
                options, completion: completion, log: modules.calls,
                makeState: makeState)
            try lua.push(view, as: View.luaClass)
            return 1
        }
        try lua.setRawField("serial", of: -2)
        try Channel.addFunctions(completion, lua)
        try lua.addSharedArrays()
        if !lua.libraries.contains(.workers) { try lua.refuseParallel() }
        try lua.setLoaded("parallel")
    }
}

extension Lua {
    /// Adds the functions that workers have too to the table `vt` on top.
    func addEverywhere() throws {
        let libraries = libraries
        try push(VTRuntimeVersion.text)
        try setRawField("version", of: -2)
        try push { lua in
            let name = try lua.argument(1, as: String.self)
            guard lua.type(at: 2) == .table else { throw lua.expected("table", 2) }
            try lua.pushValue(at: 2)
            try lua.registerClass(name)
            try lua.pushValue(at: 2)
            return 1
        }
        try setRawField("class", of: -2)
        try push { _ in .number(Clock.seconds) }
        try setRawField("now", of: -2)
        if libraries.contains(.io) {
            // For the library: the end of the name of a file that is renamed when it is complete.
            try push { lua in
                try lua.push(Leftovers.draftEnding(beside: try lua.argument(1, as: String.self)))
                return 1
            }
            try setRawField("_draft_ending", of: -2)
            try pushFileCreator()
            try setRawField("_create", of: -2)
            try push { lua in try lua.pushSystem() }
            try setRawField("_system", of: -2)
        }
        if libraries.contains([.io, .network]) {
            try pushTransferOpener()
            try setRawField("_transfer", of: -2)
        }
        // For the libraries `csv` and `frame`, and `sql`: functions that return tables of functions in C.
        // They trust the library to pass what they expect. Without them it computes in Lua.
        guard libraries.contains(.debug) else { return }
        try reserve(1)
        vtf_push(L)
        try setRawField("_frame", of: -2)
        guard libraries.contains(.io) else { return }
        try reserve(1)
        vtq_push(L)
        try setRawField("_sql", of: -2)
    }
}
