// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTRuntime
internal import VTSystem

// MARK: - Engines

extension LocalCluster {
    /// Starts more engines and waits until they have joined. After an error none of them runs.
    ///
    /// - Parameters:
    ///   - command: the command of an engine, to which `--file=PATH` is added; nil for `vtlua
    ///     engine`.
    ///   - timeout: the time limit in seconds.
    ///   - progress: called with the number of engines that have joined.
    ///   - check: called at least every 20 ms while waiting.
    /// - Throws: ``ClusterError``; any error of `check`.
    package func add(
        _ count: Int, command: [String]? = nil, timeout: Double = 60,
        progress: (Progress) -> Void = { _ in }, check: () throws -> Void = {}
    ) throws {
        let deadline = Clock.seconds + timeout
        let lock = try ClusterLock(profile, timeout: timeout, check: check)
        defer { withExtendedLifetime(lock) {} }
        try refresh()
        try attach()
        try addEngines(
            count, of: command, isStarting: false, until: deadline, progress: progress,
            check: check)
    }

    /// Starts or stops engines on this machine until N are running. The newest idle engines stop
    /// first.
    ///
    /// - Throws: ``ClusterError``; any error of `check`.
    package func scale(
        to count: Int, command: [String]? = nil, timeout: Double = 60,
        progress: (Progress) -> Void = { _ in }, check: () throws -> Void = {}
    ) throws {
        let deadline = Clock.seconds + timeout
        let lock = try ClusterLock(profile, timeout: timeout, check: check)
        defer { withExtendedLifetime(lock) {} }
        try refresh()
        state.engines.removeAll { !$0.process.isAlive }
        let surplus = state.engines.count - count
        if surplus > 0 {
            let busy = try busyProcesses(check)
            let order =
                state.engines.filter { busy.contains($0.process.pid) }
                + state.engines.filter { !busy.contains($0.process.pid) }
            let leaving = order.suffix(surplus).map(\.process)
            Self.end(leaving, grace: 5)
            state.engines.removeAll { leaving.contains($0.process) }
            try state.write(profile)
        } else {
            try attach()
            try addEngines(
                -surplus, of: command, isStarting: false, until: deadline, progress: progress,
                check: check)
        }
    }

    /// Reads the state again, because another command may have changed it.
    private func refresh() throws(ClusterError) {
        if let known = try ClusterState.read(profile), known.isAlive { state = known }
    }

    private func busyProcesses(_ check: () throws -> Void) throws -> Set<Int32> {
        let hub = try HubQuery(connectionInfo(), timeout: 5)
        let replies = hub.ask(
            EngineReport.request, of: EngineReport.speakers(try hub.engines(check: check)),
            timeout: 1)
        let busy = replies.values.compactMap(EngineReport.init).filter { $0.state == "busy" }
        return Set(busy.map { Int32(clamping: $0.pid) })
    }

    func connectionInfo() throws -> ConnectionInfo {
        let file = profile.connectionFile(.client)
        guard file.exists else { throw ClusterError.none(in: profile) }
        return try file.read()
    }

    // MARK: Starting

    func addEngines(
        _ count: Int, of command: [String]?, isStarting: Bool, until deadline: Double,
        progress: (Progress) -> Void, check: () throws -> Void
    ) throws {
        let hub = try HubQuery(
            connectionInfo(), timeout: max(1, (deadline - Clock.seconds).rounded(.up)))
        let isThere = {
            try check()
            try self.checkController()
        }
        // A new controller has no engines other than those started now, and restored ones.
        let before =
            isStarting ? [] : Set(try hub.engines(check: isThere).values)
        let earlier = isStarting ? state.engines.count : 0
        let first = state.engines.count
        do {
            try startEngines(count, of: command)
            let joined = try awaitEngines(
                count + earlier, beside: before, hub, first: first, until: deadline,
                progress: progress, check: isThere)
            note(joined, hub)
            try state.write(profile)
        } catch {
            let failed = state.engines[first...].map(\.process)
            Self.end(failed, grace: 1)
            state.engines.removeSubrange(first...)
            if state.controller != nil || !state.engines.isEmpty {
                try? state.write(profile)
            } else {
                ClusterState.remove(profile)
            }
            throw error
        }
    }

    /// Starts all engines at once, because each takes some time.
    private func startEngines(_ count: Int, of command: [String]?) throws(ClusterError) {
        guard count > 0 else { return }
        let words: [String]
        if let command { words = command } else { words = [try VTLuaProgram.path(), "engine"] }
        let next = (state.engines.map(\.number).max() ?? 0) + 1
        for number in next..<(next + count) {
            let process = try SessionProgram(
                command: words + ["--file=\(profile.connectionFile(.engine).path)"],
                environment: Self.environment(state.token), log: profile.engineLog(number)
            ).start()
            state.engines.append(
                ClusterState.Engine(number: number, process: process, owner: owner))
        }
        try state.write(profile)
    }

    /// Waits until the engines have joined.
    ///
    /// - Returns: the identities of the engines that have joined, by id.
    private func awaitEngines(
        _ count: Int, beside before: Set<String>, _ hub: HubQuery, first: Int,
        until deadline: Double, progress: (Progress) -> Void, check: () throws -> Void
    ) throws -> [Int: String] {
        var told = -1
        while true {
            let joined = try hub.engines(isStarting: true, check: check).filter {
                !before.contains($0.value)
            }
            if joined.count != told { progress(.joined(min(joined.count, count), of: count)) }
            told = joined.count
            if joined.count >= count { return joined }
            if let dead = state.engines[first...].first(where: { !$0.process.isAlive }) {
                let code = dead.process.reap().map { " with exit code \($0)" } ?? ""
                throw ClusterError(
                    .startFailed, "an engine ended\(code) before it joined",
                    details: Self.end(of: dead.process.log))
            }
            guard Clock.seconds < deadline else {
                throw ClusterError(
                    .timeout, "\(joined.count) of \(count) engines joined in time",
                    details: Self.end(of: profile.controllerLog))
            }
            try hub.awaitNews(0.25, check: check)
        }
    }

    /// Records which process is which engine, for those that report it.
    private func note(_ joined: [Int: String], _ hub: HubQuery) {
        let replies = hub.ask(
            EngineReport.request, of: EngineReport.speakers(joined), timeout: 1)
        for (id, uuid) in joined {
            guard let report = replies[uuid].flatMap(EngineReport.init) else { continue }
            for index in state.engines.indices
            where Int(state.engines[index].process.pid) == report.pid {
                state.engines[index].id = id
            }
        }
    }
}
