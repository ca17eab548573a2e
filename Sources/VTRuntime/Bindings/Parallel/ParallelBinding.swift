// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel
internal import VTSystem
internal import VTWorkflow

/// The table `parallel` of a Lua state that may have workers.
package final class ParallelBinding {
    let completion = CompletionEvent()
    /// The log of the calls of views.
    let log: CallLog
    /// Returns the directories where the state's workers look for modules.
    let directories: () -> [String]
    /// The largest number of workers in a pool; nil for no limit.
    private var mostWorkers: Int?
    /// Makes a view of the cluster for `parallel.map { on = "cluster" }`; nil where there is none.
    var clusterView: (borrowing Lua) throws -> View? = { _ in nil }

    init(log: CallLog, directories: @escaping () -> [String]) {
        self.log = log
        self.directories = directories
    }

    /// The default number of workers in a pool: the number of available processors.
    var cores: Int { min(Processors.count, mostWorkers ?? Processors.count) }

    /// Limits the number of workers in a pool from now on; sets `parallel.cores` too.
    package func limit(workers: Int, _ lua: borrowing Lua) throws {
        mostWorkers = workers
        try lua.pushGlobal("parallel")
        try lua.push(cores)
        try lua.setRawField("cores", of: -2)
        lua.pop()
    }

    /// Defines the global `parallel`, which is also the result of `require "parallel"`.
    ///
    /// - Parameter addMore: adds further functions to the table on top.
    func install(
        in lua: borrowing Lua, addMore: (borrowing Lua) throws -> Void
    ) throws {
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
        try addMore(lua)
        try lua.setLoaded("parallel")
    }

    // MARK: Pools

    enum WorkerKind: String, CaseIterable {
        case serial, threads, processes
    }

    private static let options = [
        "n", "initializer", "args", "max_tasks", "memory_limit", "env", "directory", "libraries",
        "start_timeout",
    ]

    /// `parallel.threads(n | { n =, ... })`
    private func makeView(_ kind: WorkerKind, _ lua: borrowing Lua) throws -> View {
        do {
            return try makeViewOrThrow(kind, lua)
        } catch let error as WorkflowError {
            throw lua.error(error.message)
        } catch let error as LuaError {
            throw error
        } catch {
            throw lua.error("parallel.\(kind.rawValue): \(error)")
        }
    }

    private func makeViewOrThrow(_ kind: WorkerKind, _ lua: borrowing Lua) throws -> View {
        var options = WorkerOptions(count: cores)
        options.searchPath = try searchPath(lua)
        if lua.type(at: 1) == .table {
            try read(&options, kind, lua)
        } else if !lua.isNil(at: 1) {
            guard let count = lua.integer(at: 1) else {
                throw WorkflowError(
                    "parallel.\(kind.rawValue): the number of workers, or a table of options, "
                        + "expected, got \(lua.typeName(at: 1))")
            }
            options.count = try checked(count, kind)
        }
        switch kind {
        case .serial:
            options.count = 1
            return try View.serial(
                options, completion: completion, log: log, makeState: WorkerRuntime.makeState)
        case .threads:
            return try View.threads(
                options, completion: completion, log: log, makeState: WorkerRuntime.makeState)
        case .processes:
            let program: String
            do {
                program = try WorkerRuntime.program()
            } catch {
                throw WorkflowError("parallel.processes: \(error.message)")
            }
            return try View.processes(options, completion: completion, log: log, program: program)
        }
    }

    private func checked(_ count: Int, _ kind: WorkerKind) throws -> Int {
        guard count >= 1, count <= 1000 else {
            throw WorkflowError(
                "parallel.\(kind.rawValue): the number of workers must be 1 to 1000, got \(count)")
        }
        return min(count, mostWorkers ?? count)
    }

    private func read(
        _ options: inout WorkerOptions, _ kind: WorkerKind, _ lua: borrowing Lua
    ) throws {
        let subject = "parallel.\(kind.rawValue)"
        let table = Declaration(index: 1, keys: Self.options, subject: subject)
        try table.checkKeys(lua)
        if let count = try table.optional("n", Int.self, lua) {
            options.count = try checked(count, kind)
        }
        options.maxTasks = try table.count("max_tasks", lua)
        if options.maxTasks == 0 {
            throw WorkflowError("\(subject): `max_tasks` must be at least 1, got 0")
        }
        // No machine has more, and twice this value does not overflow.
        options.memoryLimit = try table.count("memory_limit", lua).map { min($0, 1 << 50) }
        options.libraries = try table.optional("libraries", [String].self, lua) ?? []
        if let seconds = try table.seconds("start_timeout", lua) { options.startTimeout = seconds }
        let environment = try table.optional("env", [String: String].self, lua)
        let directory = try table.optional("directory", String.self, lua)
        if kind != .processes, environment != nil || directory != nil {
            throw WorkflowError(
                "\(subject): `env` and `directory` belong to a process; use parallel.processes")
        }
        options.environment = environment ?? [:]
        options.directory = directory
        try readInitializer(&options, kind, subject, lua)
    }

    private func readInitializer(
        _ options: inout WorkerOptions, _ kind: WorkerKind, _ subject: String, _ lua: borrowing Lua
    ) throws {
        try lua.pushRawField("initializer", of: 1)
        let function = lua.top
        defer { lua.pop(lua.top - function + 1) }
        try lua.pushRawField("args", of: 1)
        if lua.isNil(at: function) {
            if lua.isNil(at: -1) { return }
            throw WorkflowError("\(subject): `args` needs an `initializer`")
        }
        guard lua.type(at: function) == .function else {
            throw WorkflowError(
                "\(subject): `initializer` must be a function, got a \(lua.typeName(at: function))")
        }
        let arguments = lua.top
        var count = 0
        if !lua.isNil(at: arguments) {
            guard lua.type(at: arguments) == .table else {
                throw WorkflowError(
                    "\(subject): `args` must be a list of arguments, got a "
                        + lua.typeName(at: arguments))
            }
            count = lua.rawLength(at: arguments)
            for position in 0..<count { try lua.pushRawElement(position + 1, of: arguments) }
        }
        options.setInitializer(
            try View.initializer(
                function: function, arguments: (arguments + 1)..<(arguments + 1 + count),
                references: kind != .processes, lua))
    }

    /// Returns the search path of this state, which workers use too.
    func searchPath(_ lua: borrowing Lua) throws -> SearchPath {
        var path = SearchPath()
        path.directories = directories()
        try lua.pushGlobal("package")
        defer { lua.pop() }
        guard lua.type(at: -1) == .table else { return path }
        try lua.pushRawField("path", of: -1)
        try lua.pushRawField("cpath", of: -2)
        defer { lua.pop(2) }
        path.path = lua.text(at: -2) ?? ""
        path.cpath = lua.text(at: -1) ?? ""
        return path
    }

    // MARK: parallel.map

    /// `parallel.map(f, list, { on = {"cluster", "processes", "serial"}, ... })`: uses the first
    /// kind that is available; returns the results and the kind.
    private func map(_ lua: borrowing Lua) throws -> LuaReturn {
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
                let results = try view.map(lua, method: "parallel.map", ignoring: ["on"])
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

    /// Returns a view of that kind; nil when there is no cluster. The user is not asked for one.
    private func viewForMap(_ kind: String, _ lua: borrowing Lua) throws -> View? {
        if let kind = WorkerKind(rawValue: kind) { return try View.single(kind, self, lua) }
        return try clusterView(lua)
    }

    /// Returns the kinds in the value on top, at least one of which is valid.
    private func kinds(_ lua: borrowing Lua) throws -> [String] {
        let names: [String]
        if let name = lua.string(at: -1) {
            names = [name]
        } else if let list = try? lua.read([String].self, at: -1), !list.isEmpty {
            names = list
        } else {
            throw lua.error("parallel.map: `on` must be a list such as {\"processes\", \"serial\"}")
        }
        let known = WorkerKind.allCases.map(\.rawValue) + ["cluster"]
        for name in names where !known.contains(name) {
            throw lua.error(
                "parallel.map: `on` has \"\(name)\"" + suggestion(for: name, among: known))
        }
        return names
    }
}

extension View {
    fileprivate static func single(
        _ kind: ParallelBinding.WorkerKind, _ binding: ParallelBinding, _ lua: borrowing Lua
    ) throws -> View {
        // Its only argument has the default value: no options.
        try lua.pushConfined { [unowned binding] lua in
            try lua.push(try binding.makeDefaultView(kind, lua), as: View.luaClass)
            return 1
        }
        try lua.call(results: 1)
        defer { lua.pop() }
        return try lua.read(View.luaClass, at: -1)
    }
}

extension ParallelBinding {
    fileprivate func makeDefaultView(_ kind: WorkerKind, _ lua: borrowing Lua) throws -> View {
        try makeView(kind, lua)
    }
}
