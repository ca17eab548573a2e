// SPDX-License-Identifier: BSD-3-Clause

internal import VTRuntime
internal import VTSystem

/// The log of one process of a cluster.
package struct ClusterLog: Sendable, Equatable {
    /// The process: "controller", "engine 3" with its id in the cluster, or "engine process 1234"
    /// without one.
    package let name: String
    package let path: String

    /// Returns the logs of the cluster that was started on this machine, or those that an ended
    /// cluster left behind.
    ///
    /// - Throws: ``ClusterError``; any error of `check`.
    package static func logs(
        of profile: ClusterProfile, check: () throws -> Void
    ) throws -> [ClusterLog] {
        guard let cluster = try LocalCluster.find(profile) else {
            guard access(profile.controllerLog, R_OK) == 0 else {
                throw ClusterError.none(in: profile)
            }
            return [ClusterLog(name: "controller", path: profile.controllerLog)]
        }
        // An engine whose worker was replaced has a new id, which only the running engine knows.
        let now =
            cluster.controller?.isAlive ?? true
            ? try? ClusterStatus.ask(
                profile, timeout: 2, check: check) : nil
        try check()
        var ids: [Int: Int] = [:]
        for engine in now?.engines ?? [] {
            if let report = engine.report { ids[report.pid] = engine.id }
        }
        let engines = cluster.engines.map { engine in
            let id = ids[Int(engine.process.pid)] ?? engine.id
            return (id: id ?? Int.max, pid: engine.process.pid, path: engine.process.log)
        }.sorted { ($0.id, $0.pid) < ($1.id, $1.pid) }
        return (cluster.controller.map { [ClusterLog(name: "controller", path: $0.log)] } ?? [])
            + engines.map { engine in
                let name = engine.id == Int.max ? "process \(engine.pid)" : "\(engine.id)"
                return ClusterLog(name: "engine \(name)", path: engine.path)
            }
    }
}

/// Reads a log line by line while it grows.
package struct LogReader {
    private let path: String
    private var offset = 0
    private var rest: [UInt8] = []
    /// The number of existing lines to return at first; nil afterwards.
    private var last: Int?

    /// Reads the log at `path`, starting with its last `last` lines.
    package init(_ path: String, last: Int) {
        self.path = path
        self.last = last
    }

    /// Returns the lines that were added since the last call.
    ///
    /// - Parameter isLast: true to return a last line without a line end too.
    package mutating func lines(isLast: Bool) -> [String] {
        rest += more()
        var lines = rest.split(
            separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let open = lines.popLast() ?? []
        rest = Array(open)
        var texts = lines.map { String(decoding: $0, as: UTF8.self) }
        if isLast, !rest.isEmpty {
            texts.append(String(decoding: rest, as: UTF8.self))
            rest = []
        }
        if let last { texts = texts.suffix(last) }
        last = nil
        return texts
    }

    private mutating func more() -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        let length = lseek(file, 0, SEEK_END)
        // The file is shorter than before, so it was replaced.
        if length < offset { (offset, rest) = (0, []) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65536)
        while offset < length {
            let count = pread(file, &block, block.count, offset)
            guard count > 0 else { break }
            bytes += block.prefix(count)
            offset += count
        }
        return bytes
    }
}
