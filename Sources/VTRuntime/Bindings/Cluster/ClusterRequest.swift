// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTLuaBridge
internal import VTParallel
internal import VTWorkflow

/// What `parallel.get_client`, `direct_view` and `load_balanced_view` are asked for.
struct ClusterRequest {
    /// Whether the user may be offered an action.
    var ask = true
    var profile: String?
    var clusterID: String?
    var file: String?
    /// Seconds that the controller may take to answer, and tasks wait for an engine.
    var timeout = 10.0
    /// Engines to offer to start; nil: as many as there are processors.
    var engines: Int?
    /// Whether what is started outlives the program.
    var detach = false
    var usesController = false
    /// Positions among the engines, from 1.
    var targets: [Int]?

    private static let keys = ["ask", "profile", "cluster_id", "file", "timeout", "n", "detach"]

    init() {}

    /// Reads argument 1.
    ///
    /// - Parameter isBalanced: whether the scheduler may be chosen.
    init(
        _ name: String, takesTargets: Bool = false, isBalanced: Bool = false, _ lua: borrowing Lua
    ) throws {
        switch lua.type(at: 1) {
        case .none, .nil: return
        case .boolean: ask = lua.truth(at: 1)
        case .table:
            do {
                try read(name, takesTargets, isBalanced, lua)
            } catch let error as WorkflowError {
                throw lua.error(error.message)
            }
        default: throw lua.expected("boolean or table", 1)
        }
    }

    private mutating func read(
        _ name: String, _ takesTargets: Bool, _ isBalanced: Bool, _ lua: borrowing Lua
    ) throws {
        let subject = "parallel.\(name)"
        let keys =
            Self.keys + (takesTargets ? ["targets"] : []) + (isBalanced ? ["scheduler"] : [])
        let table = Declaration(index: 1, keys: keys, subject: subject)
        try table.checkKeys(lua)
        ask = try table.optional("ask", Bool.self, lua) ?? true
        profile = try table.optional("profile", String.self, lua)
        clusterID = try table.optional("cluster_id", String.self, lua)
        file = try table.optional("file", String.self, lua)
        engines = try table.count("n", lua)
        detach = try table.optional("detach", Bool.self, lua) ?? false
        if let seconds = try table.seconds("timeout", lua) { timeout = seconds }
        if takesTargets { targets = try table.optional("targets", [Int].self, lua) }
        guard isBalanced else { return }
        usesController = try table.usesController(subject, lua)
    }

    var connectionFile: ConnectionFile {
        if let file { return ConnectionFile(path: file, role: .client) }
        return ConnectionFile(profile: profile, clusterID: clusterID, role: .client)
    }
}

extension Declaration {
    /// Whether `scheduler` is the controller's own.
    func usesController(_ subject: String, _ lua: borrowing Lua) throws -> Bool {
        switch try optional("scheduler", String.self, lua) {
        case nil, "client": return false
        case "controller": return true
        case let other?:
            throw WorkflowError(
                "\(subject): `scheduler` is \"client\" or \"controller\", not \"\(other)\"")
        }
    }
}
