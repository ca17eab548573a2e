// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel
internal import VTSystem
internal import VTWorkflow

/// The functions of `parallel` for clusters: `get_client`, `direct_view`, `load_balanced_view`.
final class ClusterBinding {
    private let parallel: ParallelBinding
    let access: ClusterAccess
    /// The connection for the modules of several runs; nil: each run connects itself.
    var kept: KeptConnection?
    var completion: CompletionEvent { parallel.completion }
    private var log: CallLog { parallel.log }

    init(_ parallel: ParallelBinding) {
        self.parallel = parallel
        access = ClusterAccess(completion: parallel.completion) { [unowned parallel] in
            parallel.cores
        }
        parallel.clusterView = { [unowned self] lua, log in try viewForMap(lua, log) }
    }

    /// Adds the functions to the table on top.
    func add(to lua: borrowing Lua) throws {
        try lua.pushConfined { [unowned self] lua in
            let request = try ClusterRequest("get_client", lua)
            return try withCluster(request, "get_client", needsLua: false, lua) { handle in
                let client = LuaClient(
                    handle, completion: completion, log: log, modulePath: try modulePath(lua),
                    patience: request.timeout)
                try lua.push(client, as: LuaClient.luaClass)
            }
        }
        try lua.setRawField("get_client", of: -2)
        try lua.pushConfined { [unowned self] lua in
            let request = try ClusterRequest("direct_view", takesTargets: true, lua)
            return try withCluster(request, "direct_view", lua) { handle in
                let client = LuaClient(
                    handle, completion: completion, log: log, modulePath: try modulePath(lua),
                    patience: request.timeout)
                let view = try client.directView(request.targets, "direct_view", lua)
                try lua.push(view, as: View.luaClass)
            }
        }
        try lua.setRawField("direct_view", of: -2)
        try lua.pushConfined { [unowned self] lua in
            let request = try ClusterRequest("load_balanced_view", isBalanced: true, lua)
            return try withCluster(request, "load_balanced_view", lua) { handle in
                var options = ClusterViewOptions()
                options.patience = request.timeout
                options.usesController = request.usesController
                options.modulePath = try modulePath(lua)
                let view = try View.balanced(handle, options, completion: completion, log: log, lua)
                try lua.push(view, as: View.luaClass)
            }
        }
        try lua.setRawField("load_balanced_view", of: -2)
    }

    /// Connects to the cluster and calls `body`, which pushes a value; pushes nil, the reason and
    /// its details where there is no cluster.
    private func withCluster(
        _ request: ClusterRequest, _ name: String, needsLua: Bool = true, _ lua: borrowing Lua,
        _ body: (ClusterHandle) throws -> Void
    ) throws -> LuaReturn {
        try log.requirePermission(lua)
        let handle: ClusterHandle
        do {
            handle = try access.connect(request, needsLua: needsLua, lua)
        } catch let absence as ClusterAccess.Absence {
            try lua.pushNil()
            try lua.push(absence.reason)
            try lua.push(absence.detail)
            return 3
        } catch let error as LuaError {
            throw error
        } catch {
            throw lua.error("parallel.\(name): \(error)")
        }
        try body(handle)
        return 1
    }

    /// A view of the cluster for `parallel.map`; nil when there is none. The user is offered
    /// nothing.
    private func viewForMap(_ lua: borrowing Lua, _ log: CallLog) throws -> View? {
        if let view = try viewForRun(log, lua) { return view }
        var request = ClusterRequest()
        request.ask = false
        request.timeout = 3
        do {
            let handle = try access.connect(request, lua)
            var options = ClusterViewOptions()
            options.modulePath = try modulePath(lua)
            return View.cluster(handle, options, completion: completion, log: log)
        } catch is ClusterAccess.Absence {
            return nil
        } catch let error as LuaError {
            throw error
        } catch {
            throw lua.error("parallel.map: \(error)")
        }
    }

    /// The value of `package.path` for engines that see the same files.
    func modulePath(_ lua: borrowing Lua) throws -> String {
        let search = try parallel.searchPath(lua)
        let here = File.target(ofLink: "/proc/self/cwd") ?? "."
        func absolute(_ template: some StringProtocol) -> String {
            let template = String(template)
            if template.hasPrefix("/") { return template }
            return here + "/"
                + (template.hasPrefix("./") ? String(template.dropFirst(2)) : template)
        }
        let own = search.directories.flatMap {
            [absolute("\($0)/?.lua"), absolute("\($0)/?/init.lua")]
        }
        let path = search.path.split(separator: ";").map { absolute($0) }
        return (own + path).joined(separator: ";")
    }
}

/// The client of a cluster in Lua.
final class LuaClient {
    let handle: ClusterHandle
    let completion: CompletionEvent
    let log: CallLog
    private let modulePath: String
    private let patience: Double
    /// True if the publications of engines are received.
    var isListening = false
    var client: ClusterClient { handle.client }

    init(
        _ handle: ClusterHandle, completion: CompletionEvent, log: CallLog, modulePath: String,
        patience: Double
    ) {
        self.handle = handle
        self.completion = completion
        self.log = log
        self.modulePath = modulePath
        self.patience = patience
    }

    var options: ClusterViewOptions {
        var options = ClusterViewOptions()
        options.modulePath = modulePath
        options.patience = patience
        return options
    }

    /// Returns a view of the engines at these positions, or of all.
    func directView(
        _ positions: [Int]?, _ name: String, _ lua: borrowing Lua
    ) throws -> View {
        var options = options
        options.targets = try positions.map { try engines(at: $0, name, lua) } ?? client.luaEngines
        guard options.targets?.isEmpty == false else {
            throw lua.error(
                "\(name): there are no engines of Lua; client:wait_for_engines(n) waits")
        }
        return View.cluster(handle, options, completion: completion, log: log)
    }

    /// Returns the engines at these positions, from 1.
    func engines(
        at positions: [Int], _ name: String, _ lua: borrowing Lua
    ) throws -> [ClusterClient.Engine] {
        let engines = client.luaEngines
        return try positions.map { position in
            guard engines.indices.contains(position - 1) else {
                throw lua.error(
                    "\(name): there is no engine \(position); there are \(engines.count)")
            }
            return engines[position - 1]
        }
    }
}

extension View {
    static func balanced(
        _ handle: ClusterHandle, _ options: ClusterViewOptions, completion: CompletionEvent,
        log: CallLog,
        _ lua: borrowing Lua
    ) throws -> View {
        if options.usesController, handle.client.taskScheme == "pure" {
            throw lua.error(
                "the controller's scheduler is \"pure\", which loses the tasks of an engine that "
                    + "dies; use scheduler = \"client\"")
        }
        return View.cluster(handle, options, completion: completion, log: log)
    }
}
