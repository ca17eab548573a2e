// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTRuntime
internal import VTSystem

/// The state of a cluster's processes on this machine, which is kept in a file of the profile.
struct ClusterState: Equatable {
    /// The process that another one ends with. A process without an owner runs until it is stopped.
    struct Owner: Equatable {
        var pid: Int32
        var start: Int

        static var current: Owner {
            Owner(pid: getpid(), start: ProcessStat(getpid())?.start ?? 0)
        }
    }

    struct Controller: Equatable {
        var process: ClusterProcess
        var owner: Owner?
        /// True if the connection files remain when the controller ends.
        var keepsFiles: Bool
    }

    struct Engine: Equatable {
        /// The number of the engine on this machine, counted from 1.
        var number: Int
        var process: ClusterProcess
        var owner: Owner?
        /// The id that the Hub gave the engine when it joined.
        var id: Int?
    }

    /// The value of the environment variable that marks the processes.
    var token: String
    var host: String
    var boot: String
    /// The controller; nil if it was started elsewhere.
    var controller: Controller?
    var engines: [Engine] = []

    init() {
        token = (0..<2).map { _ in String(UInt64.random(in: .min ... .max), radix: 16) }.joined()
        host = hostName()
        boot = bootID()
    }

    /// True if the process ids belong to the current boot of this machine.
    var isOfThisBoot: Bool { host == hostName() && boot == bootID() }

    /// True if any of the processes runs.
    var isAlive: Bool {
        isOfThisBoot
            && (controller?.process.isAlive ?? false || engines.contains { $0.process.isAlive })
    }

    // MARK: The file

    /// Reads the file of a profile; nil if there is none or it is damaged.
    ///
    /// - Throws: ``ClusterError`` if the cluster runs on another machine that shares the directory.
    static func read(_ profile: ClusterProfile) throws(ClusterError) -> ClusterState? {
        guard let text = try? File.read(profile.stateFile, limit: 1 << 20),
            let json = try? JSON(parsing: text), let state = ClusterState(json)
        else { return nil }
        guard state.host == hostName() else {
            throw ClusterError(
                .foreign,
                "the cluster of \(profile.description) was started on \(state.host); use this "
                    + "command there, or remove \(profile.stateFile) when it is gone")
        }
        return state
    }

    /// Writes the file of a profile.
    ///
    /// - Throws: ``ClusterError``.
    func write(_ profile: ClusterProfile) throws(ClusterError) {
        try PrivateFile.write(json.text + "\n", to: profile.stateFile)
    }

    static func remove(_ profile: ClusterProfile) { unlink(profile.stateFile) }
}

// MARK: - As JSON

extension ClusterState {
    private var json: JSON {
        var fields: [(key: String, value: JSON)] = [
            ("schema", .integer(1)), ("token", .string(token)), ("host", .string(host)),
            ("boot", .string(boot)),
        ]
        if let controller {
            fields.append(
                (
                    "controller",
                    .object(
                        Self.fields(controller.process, controller.owner)
                            + [("keeps_files", .boolean(controller.keepsFiles))])
                ))
        }
        let list = engines.map { engine in
            JSON.object(
                [("number", .integer(engine.number)), ("id", engine.id.map(JSON.integer) ?? .null)]
                    + Self.fields(engine.process, engine.owner))
        }
        return .object(fields + [("engines", .array(list))])
    }

    private static func fields(
        _ process: ClusterProcess, _ owner: Owner?
    ) -> [(key: String, value: JSON)] {
        var fields: [(key: String, value: JSON)] = [
            ("pid", .integer(Int(process.pid))), ("start", .integer(process.start)),
            ("log", .string(process.log)),
        ]
        if let owner {
            let value = JSON.object([
                ("pid", .integer(Int(owner.pid))), ("start", .integer(owner.start)),
            ])
            fields.append(("owner", value))
        }
        return fields
    }

    fileprivate init?(_ json: JSON) {
        guard json["schema"].int == 1, let token = json["token"].string, !token.isEmpty,
            let host = json["host"].string, let boot = json["boot"].string
        else { return nil }
        self.init()
        self.token = token
        self.host = host
        self.boot = boot
        if let process = ClusterProcess(json["controller"]) {
            controller = Controller(
                process: process, owner: Owner(json["controller"]["owner"]),
                keepsFiles: json["controller"]["keeps_files"].bool ?? false)
        }
        engines = (json["engines"].array ?? []).compactMap { json in
            guard let process = ClusterProcess(json), let number = json["number"].int else {
                return nil
            }
            return Engine(
                number: number, process: process, owner: Owner(json["owner"]), id: json["id"].int)
        }
    }
}

extension ClusterProcess {
    fileprivate init?(_ json: JSON) {
        // Process 1 must not be signalled, and smaller numbers denote groups.
        guard let pid = json["pid"].int.flatMap({ Int32(exactly: $0) }), pid > 1,
            let start = json["start"].int
        else { return nil }
        self.init(pid: pid, start: start, log: json["log"].string ?? "")
    }
}

extension ClusterState.Owner {
    fileprivate init?(_ json: JSON) {
        guard let pid = json["pid"].int.flatMap({ Int32(exactly: $0) }),
            let start = json["start"].int
        else { return nil }
        self.init(pid: pid, start: start)
    }
}
