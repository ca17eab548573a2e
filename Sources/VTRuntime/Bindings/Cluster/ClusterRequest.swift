// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel

/// The options of `parallel.get_client`, `direct_view` and `load_balanced_view`.
struct ClusterRequest {
    /// True if the user may be offered an action.
    var ask = true
    var profile: String?
    var clusterID: String?
    var file: String?
    /// The seconds that the controller may take to answer, and that tasks wait for an engine.
    var timeout = 10.0
    /// The number of engines to offer to start; nil: the number of processors.
    var engines: Int?
    /// True if the cluster that is started outlives the program.
    var detach = false
    var usesController = false
    /// The positions of the engines, from 1.
    var targets: [Int]?

    private static let ask = CallOption.value("ask", Bool.self).or(true)
    private static let profile = CallOption.value("profile", String.self)
    private static let clusterID = CallOption.value("cluster_id", String.self)
    private static let file = CallOption.value("file", String.self)
    private static let engines = CallOption.integer("n", in: 0...Int.max)
    private static let detach = CallOption.value("detach", Bool.self).or(false)
    static let timeout = CallOption.seconds("timeout")
    static let targets = CallOption.value("targets", [Int].self)
    static let scheduler = CallOption.choice("scheduler", TaskScheduler.self).or(.client)

    private static let names =
        [
            ask.name, profile.name, clusterID.name, file.name, engines.name, detach.name,
            timeout.name,
        ]

    init() {}

    /// Reads argument 1.
    ///
    /// - Parameter isBalanced: true if the scheduler may be chosen.
    init(
        _ name: String, takesTargets: Bool = false, isBalanced: Bool = false, _ lua: borrowing Lua
    ) throws {
        switch lua.type(at: 1) {
        case .none, .nil: return
        case .boolean: ask = lua.truth(at: 1)
        case .table:
            let names =
                Self.names + (takesTargets ? [Self.targets.name] : [])
                + (isBalanced ? [Self.scheduler.name] : [])
            try read(
                OptionTable(at: 1, of: "parallel.\(name)", names: names, lua), takesTargets,
                isBalanced, lua)
        default: throw lua.expected("boolean or table", 1)
        }
    }

    private mutating func read(
        _ table: OptionTable, _ takesTargets: Bool, _ isBalanced: Bool, _ lua: borrowing Lua
    ) throws {
        ask = try table.read(Self.ask, lua)
        profile = try table.read(Self.profile, lua)
        clusterID = try table.read(Self.clusterID, lua)
        file = try table.read(Self.file, lua)
        engines = try table.read(Self.engines, lua)
        detach = try table.read(Self.detach, lua)
        timeout = try table.read(Self.timeout, lua) ?? timeout
        if takesTargets { targets = try table.read(Self.targets, lua) }
        if isBalanced { usesController = try table.read(Self.scheduler, lua) == .controller }
    }

    var address: ClusterAddress {
        if let file { return ClusterAddress(file: file) }
        return ClusterAddress(profile: profile, clusterID: clusterID)
    }
}

/// The scheduler of a load-balanced view.
enum TaskScheduler: String, CaseIterable {
    /// The client, which knows how long tasks take.
    case client
    /// The controller's own scheduler.
    case controller
}
