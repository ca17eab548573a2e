// SPDX-License-Identifier: BSD-3-Clause

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

/// Tasks of another call that must end before those of a call begin.
struct Dependency: Sendable {
    /// Whether all of them have ended.
    let isOver: @Sendable () -> Bool
    /// Whether one of them has failed. Meaningful once all have ended.
    let hasFailed: @Sendable () -> Bool
    /// The identity of an engine that has run one of them.
    let engine: @Sendable () -> String?
}

extension CallOptions {
    var hasDependencies: Bool { !after.isEmpty || !follow.isEmpty }
}

/// Where a cluster's client has its modules.
struct ModuleSource: Sendable, Equatable {
    /// What comes before the engine's own `package.path`.
    var path: String
    /// Who it is: for another one, modules are loaded anew.
    var client: String
}
