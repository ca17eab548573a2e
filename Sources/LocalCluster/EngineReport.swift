// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTRuntime
internal import VTSystem

/// The state of a VTLua engine, as the engine reports it.
package struct EngineReport: Sendable {
    /// The name of the machine.
    package var host: String
    /// The process id of the supervisor, which communicates with the controller.
    package var pid: Int
    /// The process id of the worker, which runs Lua.
    package var worker: Int?
    /// "idle", "busy", "starting" or "broken".
    package var state: String
    /// The number of tasks that the engine has run.
    package var tasks: Int
    /// The resident memory of the worker in bytes.
    package var memory: Int
    /// The number of times that the worker was replaced.
    package var restarts: Int
    /// The version of VTLua.
    package var version: String
    /// The release of Lua, such as "Lua 5.4.4".
    package var lua: String
    /// The numbers of rejected messages, by reason.
    package var dropped: [(reason: String, count: Int)]

    static let request = "vtlua_status_request"

    /// Returns the identities of the engines that understand the request.
    static func speakers(_ engines: [Int: String]) -> [String] {
        engines.values.filter { $0.hasPrefix(PeerIdentity.prefix) }.sorted()
    }

    /// Parses the content of a `vtlua_status_reply`.
    init?(_ json: JSON) {
        guard json["status"].string == "ok", let pid = json["pid"].int else { return nil }
        self.pid = pid
        host = json["host"].string ?? ""
        worker = json["worker"].int
        state = json["state"].string ?? ""
        tasks = json["tasks"].int ?? 0
        memory = json["memory"].int ?? 0
        restarts = json["restarts"].int ?? 0
        version = json["version"].string ?? ""
        lua = json["lua"].string ?? "Lua ?"
        dropped = (json["dropped"].members ?? []).map { ($0.key, $0.value.int ?? 0) }
    }
}
