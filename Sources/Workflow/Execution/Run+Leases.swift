// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

// One computation for each key: runs that share a store take a lease before they compute.

extension Run {
    /// The state of a step that has no result yet.
    enum LeaseState {
        /// This run must compute the step.
        case granted
        /// Another run computes the step now.
        case heldElsewhere
        /// Another run has computed the step.
        case computed(Found)
    }

    /// Tries to take the lease of a step for which ``known(_:_:)`` has found no result. Does not wait.
    /// ``releaseLease(of:_:)`` must be called as soon as the step's result is kept: a run that
    /// waits with a lease whose computation has ended could wait for a run that waits for it.
    ///
    /// - Parameter start: the time since when this run waits, in seconds since 1970.
    func takeLease(
        of index: Int, waitingSince start: Double, _ lua: borrowing Lua
    ) throws -> LeaseState {
        guard isKept(index), let key = keys?.record(of: index)?.key else { return .granted }
        guard try withStore({ try $0.lease(key) }) ?? true else {
            // The result would probably not be kept here, either.
            let isUseless = try withStore { try $0.wasAbandoned(key, since: start) } ?? true
            return isUseless || isForced(plan.steps[index]) ? .granted : .heldElsewhere
        }
        leases[index] = key
        // Another run may have kept a result between the look-up and the lease.
        guard try withStore({ try $0.hasNewResults() }) ?? false, !isForced(plan.steps[index]),
            let found = try stored(key, index, lua)
        else { return .granted }
        leases[index] = nil
        try withStore { try $0.release(key) }
        return .computed(found)
    }

    /// The first pause between two attempts to take a lease, in microseconds.
    private static let firstPause: UInt32 = 5000

    /// Takes the lease of a step, and waits while another run computes it.
    ///
    /// - Parameter began: set to the time when the wait has ended.
    /// - Returns: the result of the other run; nil if this run must compute the step.
    func awaitLease(
        of index: Int, _ began: inout Int64, _ lua: borrowing Lua
    ) throws -> Found? {
        guard environment.store != nil else { return nil }
        let start = Clock.wall
        var pause = Self.firstPause
        while true {
            switch try takeLease(of: index, waitingSince: start, lua) {
            case .granted: return nil
            case .computed(let found): return found
            case .heldElsewhere: break
            }
            if pause == Self.firstPause { try withStore { try $0.pause() } }
            reportWait(for: index, since: start)
            try lua.checkCancellation()
            usleep(pause)
            pause = min(pause * 3 / 2, 50_000)
            began = Clock.now
        }
    }

    /// Reports, once and after a second, that a step waits for another run.
    private func reportWait(for index: Int, since start: Double) {
        guard Clock.wall - start >= 1, reportedWaits.insert(index).inserted else { return }
        let node = plan.steps[index].name
        environment.report(
            .logged(
                node: node, level: .info,
                message: "waiting for another run, which computes `\(node)`"))
    }

    /// Takes the lease of a step without waiting for other runs, or for an equal step of this run.
    ///
    /// - Returns: the result of another run; nil if this run must compute the step.
    /// - Throws: ``HeldElsewhere``.
    func computedElsewhere(_ index: Int, _ lua: borrowing Lua) throws -> Found? {
        if !underWay.isEmpty, !isForced(plan.steps[index]), let key = key(of: index),
            underWay.values.contains(key)
        {
            throw HeldElsewhere()
        }
        guard environment.store != nil else { return nil }
        let since = waitingSince[index] ?? Clock.wall
        switch try takeLease(of: index, waitingSince: since, lua) {
        case .granted: return nil
        case .computed(let found): return found
        case .heldElsewhere:
            waitingSince[index] = since
            reportWait(for: index, since: since)
            throw HeldElsewhere()
        }
    }

    /// The key of a step; nil if its result is not used again.
    private func key(of index: Int) -> StepKey? {
        guard let keys else { return nil }
        if let key = keys.record(of: index)?.key { return .digest(key) }
        return keys.number(of: index).map { .number($0) }
    }

    /// Notes that a step computes on a worker, until ``endUnderWay(_:)``.
    func beginUnderWay(_ index: Int) { underWay[index] = key(of: index) }
    func endUnderWay(_ index: Int) { underWay[index] = nil }

    /// Releases the lease of a step that has ended, if the run has one.
    func releaseLease(of index: Int, _ record: ModuleRecord) throws {
        guard let key = leases.removeValue(forKey: index) else { return }
        let isShared =
            plan.steps[index].hasTurns || record.status == .computed && record.isKept
        try withStore { isShared ? try $0.release(key) : try $0.abandon(key) }
    }

    /// Releases the leases of a run that was stopped.
    func releaseLeases() {
        for key in leases.values { withStore { try? $0.release(key) } }
        leases = [:]
    }
}
