// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTJupyter
internal import VTSystem

// The engines of the view, and batches that wait for others.

extension ClusterScheduler {
    // MARK: Dependencies

    /// Queues the held batches whose dependencies have ended.
    func releaseHeld() {
        guard !held.isEmpty else { return }
        let waiting = held
        held = []
        for batch in waiting {
            let options = batch.call.options
            let all = options.after + options.follow
            let whole = Chunk(batch: batch, range: 0..<batch.count)
            if batch.call.isUnwanted(batch.first) {
                batch.cancel(whole.range)
            } else if !all.allSatisfy({ $0.isOver() }) {
                held.append(batch)
            } else if all.contains(where: { $0.hasFailed() }) {
                whole.fail(
                    TaskFailure(
                        cause: .error, message: "a task that must be done before has failed"),
                    worker: 0)
            } else if options.follow.isEmpty {
                queue.add(batch)
            } else {
                follow(batch, options.follow)
            }
        }
    }

    private func follow(_ batch: TaskBatch, _ dependencies: [Dependency]) {
        let uuids = dependencies.compactMap { $0.engine() }
        let member = state.withLock { state in
            state.members.first { $0.goneSince == nil && uuids.contains($0.engine.uuid) }
        }
        guard let member else {
            return Chunk(batch: batch, range: 0..<batch.count).fail(
                TaskFailure(
                    cause: .died, message: "the engine that the tasks must follow is gone"),
                worker: 0)
        }
        batch.worker = member.number
        queue.add(batch, to: member.number)
    }

    // MARK: Engines

    /// Updates the members after the client's list of engines has changed.
    func renewMembers() {
        let (engines, version) = client.shared.withLock { ($0.engines, $0.version) }
        guard version != knownVersion else { return }
        knownVersion = version
        let present = Set(engines.map(\.uuid))
        let now = Clock.now
        let newcomers = state.withLock { state -> [ClusterClient.Engine] in
            for index in state.members.indices
            where state.members[index].goneSince == nil
                && !present.contains(state.members[index].engine.uuid)
            {
                state.members[index].goneSince = now
            }
            guard !isFixed else { return [] }
            let known = Set(state.members.map(\.engine.uuid))
            return engines.filter { $0.isLua && !known.contains($0.uuid) }
        }
        for engine in newcomers { backend.join(engine) }
    }
}
