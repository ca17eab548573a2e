// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTLuaBridge
internal import VTParallel
internal import VTSystem
internal import VTWorkflow

/// The arguments of `parallel.get_client`, `direct_view` and `load_balanced_view`.
struct ClusterRequest {
    /// True if actions may be offered to the user.
    var ask = true
    var profile: String?
    var clusterID: String?
    var file: String?
    /// The seconds that the controller may take to answer, and that tasks wait for an engine.
    var timeout = 10.0
    /// The number of engines to offer; nil for the number of processors.
    var engines: Int?
    /// True if started processes continue after the program ends.
    var detach = false
    var usesController = false
    /// Positions of engines, from 1.
    var targets: [Int]?

    private static let keys = ["ask", "profile", "cluster_id", "file", "timeout", "n", "detach"]

    init() {}

    /// Reads argument 1.
    ///
    /// - Parameter isBalanced: true to accept the option `scheduler`.
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
    /// Returns true if `scheduler` selects the controller's scheduler.
    func usesController(_ subject: String, _ lua: borrowing Lua) throws -> Bool {
        switch try optional("scheduler", String.self, lua) {
        case nil, "client": return false
        case "controller": return true
        case let other?:
            throw WorkflowError(
                "\(subject): `scheduler` must be \"client\" or \"controller\", got \"\(other)\"")
        }
    }
}
