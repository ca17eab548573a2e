// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel
internal import VTSystem
internal import VTWorkflow

/// The table `parallel` of a Lua state that may have workers.
package final class ParallelBinding {
    let completion = CompletionEvent()
    /// The record of the calls of views.
    let log: CallLog
    /// Returns the directories in which the state's workers look for modules first.
    let directories: () -> [String]
    /// The largest number of workers in a pool; nil: no limit.
    var mostWorkers: Int?
    /// Makes a view of the cluster for `parallel.map { on = "cluster" }`; nil where there is none.
    var clusterView: (borrowing Lua, CallLog) throws -> View? = { _, _ in nil }

    /// Makes the Lua states of workers.
    private let makeState: WorkerStateMaker
    private let limits: RuntimeLimits

    init(
        log: CallLog, makeState: @escaping WorkerStateMaker, limits: RuntimeLimits,
        directories: @escaping () -> [String]
    ) {
        self.log = log
        self.makeState = makeState
        self.limits = limits
        self.directories = directories
    }

    /// The default number of workers in a pool: the number of processors that this program may use.
    var cores: Int { min(Processors.count, mostWorkers ?? Processors.count) }

    /// Limits the number of workers of later pools, and sets `parallel.cores`.
    package func limit(workers: Int, _ lua: borrowing Lua) throws {
        mostWorkers = workers
        try lua.pushLoaded("parallel")
        try lua.push(cores)
        try lua.setRawField("cores", of: -2)
        lua.pop()
    }

    /// Makes `parallel` a global, and the result of `require "parallel"`.
    ///
    /// - Parameter addMore: adds further functions to the table on top.
    func install(
        in lua: borrowing Lua, addMore: (borrowing Lua) throws -> Void
    ) throws {
        try pushTable(lua)
        try addMore(lua)
        try lua.setLoaded("parallel")
    }

    /// Pushes the table `parallel`.
    func pushTable(_ lua: borrowing Lua) throws {
        try lua.pushTable(fields: 16)
        for kind in WorkerKind.allCases {
            try lua.pushConfined { [unowned self] lua in
                try lua.push(try makeView(kind, lua), as: View.luaClass)
                return 1
            }
            try lua.setRawField(kind.rawValue, of: -2)
        }
        try lua.pushConfined { [unowned self] lua in try map(lua) }
        try lua.setRawField("map", of: -2)
        try lua.push(cores)
        try lua.setRawField("cores", of: -2)
        try lua.pushConfined { lua in try AsyncResult.waitAll(lua) }
        try lua.setRawField("wait_all", of: -2)
        try lua.pushConfined { [unowned self] lua in try AsyncResult.waitAny(completion, lua) }
        try lua.setRawField("wait_any", of: -2)
        try Channel.addFunctions(completion, lua)
        try lua.addSharedArrays()
    }

    // MARK: Pools

    enum WorkerKind: String, CaseIterable {
        case serial, threads, processes
    }

    private static let count = CallOption.value("n", Int.self)
    private static let maxTasks = CallOption.integer("max_tasks", in: 1...Int.max)
    /// No machine has more, and twice as much is still a number.
    private static let memoryLimit = CallOption.integer("memory_limit", in: 0...(1 << 50))
    private static let environment = CallOption.value("env", [String: String].self)
    private static let directory = CallOption.value("directory", String.self)
    private static let libraries = CallOption.value("libraries", [String].self).or([])
    private static let startTimeout = CallOption.seconds("start_timeout")

    private static let names =
        [count.name, maxTasks.name, memoryLimit.name, environment.name, directory.name]
        + [libraries.name, startTimeout.name, "initializer", "args"]

    /// `parallel.threads(n | { n =, ... })`
    private func makeView(_ kind: WorkerKind, _ lua: borrowing Lua) throws -> View {
        try log.requirePermission(lua)
        var options = try defaults(lua)
        if lua.type(at: 1) == .table {
            try read(&options, kind, lua)
        } else if !lua.isNil(at: 1) {
            guard let count = lua.integer(at: 1) else {
                throw lua.error(
                    "parallel.\(kind.rawValue): the number of workers, or a table of options, "
                        + "expected, got \(lua.typeName(at: 1))")
            }
            options.count = try checked(count, kind, lua)
        }
        return try makeView(kind, options, lua)
    }

    /// The options of a pool that is made without any.
    private func defaults(_ lua: borrowing Lua) throws -> WorkerOptions {
        var options = WorkerOptions(count: cores)
        options.searchPath = try searchPath(lua)
        options.modules = try SentModules(of: lua)
        options.isOfModule = log.isOpen
        options.memoryLimit = limits.memory
        options.allowed = limits.libraries
        options.hasLoader = limits.loader != nil
        return options
    }

    private func makeView(
        _ kind: WorkerKind, _ options: WorkerOptions, log: CallLog? = nil, _ lua: borrowing Lua
    ) throws -> View {
        var options = options
        let log = log ?? self.log
        do {
            switch kind {
            case .serial:
                options.count = 1
                return try View.serial(
                    options, completion: completion, log: log,
                    makeState: makeState)
            case .threads:
                return try View.threads(
                    options, completion: completion, log: log,
                    makeState: makeState)
            case .processes:
                if Sandbox.refusesPrograms { throw WorkflowError(WorkerProgram.sandboxed) }
                return try View.processes(
                    options, completion: completion, log: log, program: try WorkerProgram.path())
            }
        } catch let error as LuaError {
            throw error
        } catch {
            let reason = (error as? WorkflowError)?.message ?? "\(error)"
            throw lua.error("parallel.\(kind.rawValue): \(reason)")
        }
    }

    /// Makes a view whose workers compute modules; nil when there is no cluster. Its calls are not
    /// those of the module that computes on the interpreter meanwhile.
    ///
    /// - Parameter count: the number of workers; nil: as many as a pool has.
    func makeView(at place: Place, _ count: Int?, _ lua: borrowing Lua) throws -> View? {
        var options = try defaults(lua)
        if let count { options.count = min(max(1, count), mostWorkers ?? 1000, 1000) }
        switch place {
        case .interpreter: return nil
        case .threads: return try makeView(.threads, options, log: CallLog(), lua)
        // A sandbox without programs has threads only.
        case .processes where Sandbox.refusesPrograms || limits.keepsProcess:
            return try makeView(.threads, options, log: CallLog(), lua)
        case .processes: return try makeView(.processes, options, log: CallLog(), lua)
        case .cluster where !limits.libraries.contains([.network, .workers]):
            throw lua.error(
                LuaLibraries.refusal(
                    of: "on = \"cluster\"", because: LuaLibraries.noNetwork)
                    + "; leave the option `on` out")
        case .cluster: return try clusterView(lua, CallLog())
        }
    }

    private func checked(_ count: Int, _ kind: WorkerKind, _ lua: borrowing Lua) throws -> Int {
        guard (1...1000).contains(count) else {
            throw lua.error(
                "parallel.\(kind.rawValue): the number of workers must be 1 to 1000, "
                    + "got \(count)")
        }
        return min(count, mostWorkers ?? count)
    }

    private func read(
        _ options: inout WorkerOptions, _ kind: WorkerKind, _ lua: borrowing Lua
    ) throws {
        let subject = "parallel.\(kind.rawValue)"
        let table = try OptionTable(at: 1, of: subject, names: Self.names, lua)
        if let count = try table.read(Self.count, lua) {
            options.count = try checked(count, kind, lua)
        }
        options.maxTasks = try table.read(Self.maxTasks, lua)
        options.memoryLimit = limits.memory(asked: try table.read(Self.memoryLimit, lua))
        options.libraries = try table.read(Self.libraries, lua)
        if let seconds = try table.read(Self.startTimeout, lua) {
            options.startTimeout = .seconds(seconds)
        }
        let environment = try table.read(Self.environment, lua)
        options.directory = try table.read(Self.directory, lua)
        if kind != .processes, environment != nil || options.directory != nil {
            throw lua.error(
                "\(subject): `env` and `directory` belong to a process; use parallel.processes")
        }
        if !limits.libraries.contains(.os), environment != nil || options.directory != nil {
            throw lua.error(
                LuaLibraries.refusal(
                    of: "\(subject): `env` or `directory`", because: LuaLibraries.noPrograms))
        }
        options.environment = environment ?? [:]
        try readInitializer(&options, kind, table, lua)
    }

    private func readInitializer(
        _ options: inout WorkerOptions, _ kind: WorkerKind, _ table: OptionTable,
        _ lua: borrowing Lua
    ) throws {
        let initializer = try table.with("initializer", lua) { type -> WorkerInitializer? in
            let function = lua.top
            defer { lua.pop(lua.top - function) }
            let arguments = try table.pushElements(of: "args", "arguments", lua)
            switch type {
            case .nil where arguments == nil: return nil
            case .nil: throw table.mistake("args", "needs an `initializer`", lua)
            case .function:
                return try View.initializer(
                    function: function, arguments: arguments ?? 0..<0,
                    references: kind != .processes, lua)
            default:
                throw table.mistake(
                    "initializer", "must be a function, got a \(lua.typeName(at: function))", lua)
            }
        }
        if let initializer { options.setInitializer(initializer) }
    }

    /// The places in which this state looks for modules, so that workers find the same.
    func searchPath(_ lua: borrowing Lua) throws -> SearchPath {
        try SearchPath(directories: directories(), lua)
    }

    // MARK: parallel.map

    /// `parallel.map(f, list, { on = {"cluster", "processes", "serial"}, ... })`: runs on the first
    /// kind that is available, and returns the results and that kind.
    private func map(_ lua: borrowing Lua) throws -> LuaReturn {
        try log.requirePermission(lua)
        var kinds = [WorkerKind.threads.rawValue]
        if lua.type(at: 3) == .table {
            try lua.pushRawField("on", of: 3)
            if !lua.isNil(at: -1) { kinds = try self.kinds(lua) }
            lua.pop()
        }
        for kind in kinds {
            guard let view = try viewForMap(kind, lua) else { continue }
            let base = lua.top
            do {
                let results = try view.map(
                    lua, method: "parallel.map", at: 1, others: ["on"])
                let workers = view.count
                try view.close(lua)
                guard case .values(let count) = results else { return results }
                try lua.pushTable(fields: 2)
                try lua.push(kind)
                try lua.setRawField("kind", of: -2)
                try lua.push(workers)
                try lua.setRawField("workers", of: -2)
                return .values(count + 1)
            } catch {
                lua.pop(max(0, lua.top - base))
                try view.terminate()
                throw error
            }
        }
        throw lua.error(
            "parallel.map: there is no cluster; add \"processes\", \"threads\" or \"serial\" "
                + "to `on`")
    }

    /// A view of a kind; nil when there is no cluster. The user is not asked to start one.
    private func viewForMap(_ kind: String, _ lua: borrowing Lua) throws -> View? {
        if let kind = WorkerKind(rawValue: kind) {
            return try makeView(kind, try defaults(lua), lua)
        }
        return try clusterView(lua, log)
    }

    /// The kinds in the option `on`, which is on top.
    private func kinds(_ lua: borrowing Lua) throws -> [String] {
        let names: [String]
        if let name = lua.string(at: -1) {
            names = [name]
        } else if let list = try? lua.read([String].self, at: -1), !list.isEmpty {
            names = list
        } else {
            throw lua.error(
                "parallel.map: `on` must be a list such as {\"processes\", \"serial\"}")
        }
        let known = WorkerKind.allCases.map(\.rawValue) + ["cluster"]
        for name in names where !known.contains(name) {
            throw lua.error(
                "parallel.map: `on` has \"\(name)\"" + suggestion(for: name, among: known))
        }
        return names
    }
}
