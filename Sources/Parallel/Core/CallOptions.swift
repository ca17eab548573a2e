// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import DequeModule

/// How a call of a view goes about it.
public struct CallOptions: Sendable {
    public enum OnError: String, Sendable, CaseIterable {
        /// The first failed task fails the call; those after it are not run.
        case stop
        /// All run; errors are among the results.
        case collect
    }

    /// Tasks that a worker takes at a time; nil: as many as take about half a millisecond.
    public var chunkSize: Int?
    /// Seconds that a task may take.
    public var timeout: Double?
    /// Attempts after the first.
    public var retries = 0
    public var onError = OnError.stop
    /// What the call is named in errors and progress.
    public var label: String?
    /// What has to be done before, on a cluster's load-balanced view.
    var after: [Dependency] = []
    /// What has to be done before, on the engine where the tasks run then.
    var follow: [Dependency] = []
    /// Where modules come from that tasks require, for a worker that serves more than one caller.
    var modules: ModuleSource?

    public init() {}
}

/// Tasks that others wait for.
struct Dependency: Sendable {
    private let call: Call
    private let batches: Deque<TaskBatch>
    private let count: Int
    private let backend: any Backend

    init(_ result: AsyncResult) {
        call = result.call
        batches = call.batches
        count = call.published
        backend = result.view.backend
    }

    /// Whether all have ended.
    var isOver: Bool { call.finished >= count }

    /// Whether one has failed. Read it when all have ended.
    var hasFailed: Bool {
        batches.contains { batch in (0..<batch.count).contains { batch.state($0) != VTP_DONE } }
    }

    /// The identity of an engine that has run one of them.
    var engine: String? {
        guard let backend = backend as? ClusterBackend else { return nil }
        for batch in batches {
            for index in 0..<batch.count {
                if let uuid = backend.identity(of: Int(batch[index].pointee.worker)) { return uuid }
            }
        }
        return nil
    }
}

extension CallOptions {
    /// Has the tasks wait until others are done.
    package mutating func wait(after results: [AsyncResult]) {
        after += results.map(Dependency.init)
    }

    /// The same, and has them run where those did.
    package mutating func follow(_ results: [AsyncResult]) {
        follow += results.map(Dependency.init)
    }

    var hasDependencies: Bool { !after.isEmpty || !follow.isEmpty }
}

/// Where a cluster's client has its modules.
struct ModuleSource: Sendable, Equatable {
    /// What comes before the engine's own `package.path`.
    var path: String
    /// Who it is: for another one, modules are loaded anew.
    var client: String
}
