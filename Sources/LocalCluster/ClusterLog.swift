// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
internal import VTRuntime

/// A log of one of a cluster's processes.
package struct ClusterLog: Sendable, Equatable {
    /// "controller", "engine 3" with the id in the cluster, "engine process 1234" without one.
    package let name: String
    package let path: String

    /// The logs of a cluster that was started on this machine, or, when it is gone, what its
    /// controller has left.
    ///
    /// - Throws: ``ClusterError``; what `check` throws.
    package static func logs(
        of profile: ClusterProfile, check: () throws -> Void
    ) throws -> [ClusterLog] {
        guard let cluster = try LocalCluster.find(profile) else {
            guard access(profile.controllerLog, R_OK) == 0 else {
                throw ClusterError.none(in: profile)
            }
            return [ClusterLog(name: "controller", path: profile.controllerLog)]
        }
        // A worker that was replaced has another id: the engines know it, while they are there.
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

/// Reads a log line by line, also while it grows.
package struct LogReader {
    private let path: String
    private var offset = 0
    private var rest: [UInt8] = []
    /// Of what is there at the beginning, so many lines are shown.
    private var last: Int?

    package init(_ path: String, last: Int) {
        self.path = path
        self.last = last
    }

    /// The lines that have come since.
    ///
    /// - Parameter isLast: whether a line that has no end is one, too.
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
        // It was begun anew.
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
