// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTRuntime

/// What an engine of ours says of itself.
package struct EngineReport: Sendable {
    package var host: String
    /// Of the supervisor, which speaks to the controller.
    package var pid: Int
    /// Of the process that runs Lua.
    package var worker: Int?
    /// "idle", "busy", "starting" or "broken".
    package var state: String
    /// Those that it has run.
    package var tasks: Int
    /// Bytes that the worker occupies.
    package var memory: Int
    package var restarts: Int
    package var version: String
    /// Messages that it has not taken, by reason.
    package var dropped: [(reason: String, count: Int)]

    static let request = "vtlua_status_request"

    /// Engines that understand the request, among identities by id.
    static func speakers(_ engines: [Int: String]) -> [String] {
        engines.values.filter { $0.hasPrefix(EngineWire.prefix) }.sorted()
    }

    /// The content of a `vtlua_status_reply`.
    init?(_ json: VTJupyter.JSON) {
        guard json["status"].string == "ok", let pid = json["pid"].int else { return nil }
        self.pid = pid
        host = json["host"].string ?? ""
        worker = json["worker"].int
        state = json["state"].string ?? ""
        tasks = json["tasks"].int ?? 0
        memory = json["memory"].int ?? 0
        restarts = json["restarts"].int ?? 0
        version = json["version"].string ?? ""
        dropped = (json["dropped"].members ?? []).map { ($0.name, $0.value.int ?? 0) }
    }
}
