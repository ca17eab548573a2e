// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTJupyter
internal import VTShipping
internal import VTSystem

/// How a view of a cluster goes about its work.
package struct ClusterViewOptions: Sendable {
    /// The engines it is of; nil: all, also those that join later.
    package var targets: [ClusterClient.Engine]?
    /// Whether the controller's own scheduler distributes the tasks.
    package var usesController = false
    /// Seconds that tasks wait for an engine.
    package var patience = 10.0
    /// What comes before an engine's own `package.path`.
    package var modulePath = ""

    package init() {}
}

/// Keeps a connection open as long as somebody has it.
package final class ClusterHandle: Sendable {
    package let client: ClusterClient
    package init(_ client: ClusterClient) { self.client = client }
    deinit { client.close() }
}

/// Engines of a cluster, as the workers of a view: those that there were when it was made, or all
/// that there are at any time.
///
/// Unchecked: `state`, `queue` are behind locks; what is marked as the thread's belongs to the
/// client's thread.
final class ClusterBackend: Backend, @unchecked Sendable {
    /// An engine.
    struct Member {
        var number: Int
        var engine: ClusterClient.Engine
        /// Since when it is gone.
        var goneSince: Int64?
        var tasks = 0
        /// Chunks that it was sent and has not answered.
        var chunksInFlight = 0
        var pid = 0
        var host = ""
        /// The thread's: what it was sent last.
        var last: Chunk?
        /// The thread's: calls whose function it has.
        var known: [Int] = []
        /// Whether it can map memory of this process.
        var sharesMemory: Bool
    }

    struct State {
        var members: [Member] = []
        var isClosed = false
        var isTerminated = false
        var isGone = false
        /// Keeps the connection as long as the view needs it.
        var handle: ClusterHandle?

        mutating func end() {
            isGone = true
            handle = nil
        }
    }

    let kind = "cluster"
    let client: ClusterClient
    let options: ClusterViewOptions
    /// Where tasks find the caller's modules.
    var modules: ModuleSource { ModuleSource(path: options.modulePath, client: client.id) }
    let queue: TaskQueue
    let state: Monitor<State>

    // MARK: The thread's

    var chunksInFlight: [String: InFlightChunk] = [:]
    var batches: [Int: TaskBatch] = [:]
    /// The engines that the members are of.
    var knownVersion = -1
    /// Batches that wait for others to be done.
    var held: [TaskBatch] = []
    /// Since when there is work and no engine.
    var noEnginesSince: Int64?

    /// A chunk on its way.
    struct InFlightChunk {
        var chunk: Chunk
        /// The member that has it; nil: whom the controller chooses.
        var member: Int?
        var order: Int
        var probedAt = Clock.now
        var probes = 0
        /// Keep the memory that the engine reads.
        var segments: [Segment] = []
        /// It was not among what the engine said that it has, since then.
        var missingSince: Int64?
    }

    private var nextOrder = 0
    func takeOrder() -> Int {
        nextOrder += 1
        return nextOrder
    }

    init(_ handle: ClusterHandle, _ options: ClusterViewOptions) {
        client = handle.client
        self.options = options
        let engines = options.targets ?? client.luaEngines
        queue = TaskQueue(workers: engines.count, span: .elsewhere)
        state = Monitor(State(handle: handle))
        for engine in engines { join(engine) }
        client.post(.attach(self))
    }

    /// Gives an engine a number.
    func join(_ engine: ClusterClient.Engine) {
        state.withLock { state in
            let number = state.members.count + 1
            state.members.append(
                Member(
                    number: number, engine: engine,
                    sharesMemory: HostTag.of(engine.uuid) == HostTag.own))
            queue.grow(to: number)
        }
    }

    // MARK: Backend

    var rules: ShippingRules { [.functions, .sharedStrings] }
    var isFixed: Bool { options.targets != nil }
    /// Whoever has the engines' connection file could be one.
    var trustsResults: Bool { false }
    /// A message is of one batch, and the controller spends as long on a small one as on a large
    /// one.
    var largestBatch: Int { 16 * 1024 }

    var count: Int {
        guard !isFixed else { return state.withLock { $0.members.count } }
        return max(1, state.withLock { $0.members.count { $0.goneSince == nil } })
    }

    func add(_ batch: TaskBatch, to worker: Int?) {
        batch.worker = worker
        if batch.call.options.hasDependencies, client.post(.hold(batch, self)) { return }
        queue.add(batch, to: worker)
        client.wake()
        if client.isOver { failAll() }
    }

    /// What nobody will send any more.
    private func failAll() {
        let failure = TaskFailure(cause: .closed, message: client.loss ?? "the cluster is gone")
        for chunk in queue.takeAll() { chunk.fail(failure, worker: 0) }
    }

    /// Who has the number.
    func identity(of number: Int) -> String? {
        state.withLock { state in
            state.members.indices.contains(number - 1)
                ? state.members[number - 1].engine.uuid : nil
        }
    }

    func addSetup(_ step: SetupStep) {}
    func interrupt(_ call: Call) { client.post(.interrupt(call)) }
    var waiting: Int { queue.waiting }
    /// An engine that takes another's place has a number of its own.
    var replaced: Int { 0 }
    /// The client's thread has its own clock.
    func lookAfterWorkers() {}
    var isGone: Bool { state.withLock { $0.isGone } || client.isOver }

    func close() {
        state.withLock { $0.isClosed = true }
        client.wake()
    }

    /// What the controller's scheduler has goes on.
    func leave() {
        guard options.usesController else { return terminate() }
        state.withLock { $0.isClosed = true }
        client.wake()
    }

    func terminate() {
        state.withLock { state in
            state.isClosed = true
            state.isTerminated = true
        }
        client.wake()
        // The program may be about to end: engines are told before it does.
        _ = state.wait(until: Clock.now + Clock.second / 5) { $0.isGone ? () : nil }
    }

    func status() -> [WorkerStatus] {
        let isGone = isGone
        return state.withLock { $0.members }.filter { isFixed || $0.goneSince == nil }.map {
            member in
            WorkerStatus(
                number: member.number,
                state: isGone || member.goneSince != nil
                    ? "gone" : member.chunksInFlight > 0 ? "busy" : "idle",
                tasks: member.tasks, pid: member.pid, thread: nil, host: member.host,
                engine: member.engine.id)
        }
    }
}
