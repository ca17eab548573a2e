// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTJupyter
internal import VTShipping
internal import VTSystem

/// The options of a view of a cluster.
package struct ClusterViewOptions: Sendable {
    /// The engines of the view; nil: all, including those that join later.
    package var targets: [ClusterClient.Engine]?
    /// True if the controller's own scheduler distributes the tasks.
    package var usesController = false
    /// The seconds that tasks wait for an engine.
    package var patience = 10.0
    /// The templates that precede an engine's own `package.path`.
    package var modulePath = ""

    /// The defaults: all engines, and the client distributes the tasks.
    package init() {}
}

/// A handle of a connection, which is closed with its last handle.
package final class ClusterHandle: Sendable {
    /// The connection.
    package let client: ClusterClient
    /// A handle of a connection.
    package init(_ client: ClusterClient) { self.client = client }
    deinit { client.close() }
}

/// Engines of a cluster, as the workers of a view: those that there were when it was made, or all
/// that there are at any time. A ``ClusterScheduler`` on the client's thread gives them tasks.
final class ClusterBackend: Backend, TaskInterrupter {
    /// An engine.
    struct Member {
        var number: Int
        var engine: ClusterClient.Engine
        /// The time at which it left.
        var goneSince: Int64?
        var tasks = 0
        /// The number of chunks that it was sent and has not answered.
        var chunksInFlight = 0
        var pid = 0
        var host = ""
        /// The chunk that it was sent last.
        var last: Chunk?
        /// The calls whose function it has.
        var known: [Int] = []
        /// True if it can map memory of this process.
        var sharesMemory: Bool
        /// The reason why it gets no tasks, such as another version of Lua.
        var leftOut: String?
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

    let kind = BackendKind.cluster
    let client: ClusterClient
    let options: ClusterViewOptions
    /// The source of the modules that tasks require.
    var modules: ModuleSource { ModuleSource(path: options.modulePath, client: client.id) }
    let queue: TaskQueue
    let state: Monitor<State>

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
    /// Any program with the engines' connection file can be an engine.
    var trustsResults: Bool { false }
    /// A message holds tasks of one batch, and the controller needs the same time for a small
    /// message as for a large one.
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

    /// Fails the tasks that will not be sent.
    private func failAll() {
        let failure = TaskFailure(cause: .closed, message: client.loss ?? "the cluster is gone")
        for chunk in queue.takeAll() { chunk.fail(failure, worker: 0) }
    }

    var interrupter: any TaskInterrupter { self }

    var identity: @Sendable (_ worker: Int) -> String? {
        { [state] number in
            state.withLock { state in
                state.members.indices.contains(number - 1)
                    ? state.members[number - 1].engine.uuid : nil
            }
        }
    }

    func addSetup(_ step: SetupStep) {}
    func interrupt(_ call: Call) { client.post(.interrupt(call)) }
    var waiting: Int { queue.waiting }
    /// An engine that takes another's place has a number of its own.
    var replaced: Int { 0 }
    /// Does nothing: the client's thread checks the engines.
    func checkWorkers() {}
    var isGone: Bool { state.withLock { $0.isGone } || client.isOver }

    func close() {
        state.withLock { $0.isClosed = true }
        client.wake()
    }

    /// Tasks that the controller's scheduler has continue.
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
        // The program may be about to end: engines are notified before it does.
        _ = state.wait(until: Clock.now + Clock.second / 5) { $0.isGone ? () : nil }
    }

    func status() -> [WorkerStatus] {
        let isGone = isGone
        return state.withLock { $0.members }.filter { isFixed || $0.goneSince == nil }.map {
            member in
            WorkerStatus(
                number: member.number,
                state: isGone || member.goneSince != nil
                    ? .gone : member.chunksInFlight > 0 ? .busy : .idle,
                tasks: member.tasks, pid: member.pid, thread: nil, host: member.host,
                engine: member.engine.id)
        }
    }
}
