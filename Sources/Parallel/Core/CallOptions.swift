// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// The options of a call of a view.
public struct CallOptions: Sendable {
    /// The effect of a failed task on the call.
    public enum OnError: String, Sendable, CaseIterable {
        /// The first failed task fails the call; those after it are not run.
        case stop
        /// All tasks run; errors are among the results.
        case collect
    }

    /// The number of tasks that a worker takes at a time; nil: as many as take about half a
    /// millisecond.
    public var chunkSize: Int?
    /// The longest duration of a task; nil: no limit.
    public var timeout: Duration?
    /// The number of attempts after the first.
    public var retries = 0
    /// The effect of a failed task: it stops the call, or its error is among the results.
    public var onError = OnError.stop
    /// The name of the call in errors and progress.
    public var label: String?
    /// The number of processors that a task takes of the run's budget.
    package var cores = 1
    /// Tasks that must end before, on a cluster's load-balanced view.
    var after: [Dependency] = []
    /// Tasks that must end before, on the engine where the tasks run then.
    var follow: [Dependency] = []
    /// The source of the modules that tasks require, for a worker that serves several callers.
    var modules: ModuleSource?

    /// The defaults: no timeout, no retries, and the first failed task fails the call.
    public init() {}
}

/// Tasks of another call that must end before those of a call begin.
struct Dependency: Sendable {
    /// Returns true if all of them have ended.
    let isOver: @Sendable () -> Bool
    /// Returns true if one of them has failed. Meaningful once all have ended.
    let hasFailed: @Sendable () -> Bool
    /// Returns the identity of an engine that has run one of them.
    let engine: @Sendable () -> String?
}

extension CallOptions {
    /// The timeout in seconds, at most 1e9.
    package var seconds: Double? {
        get { timeout?.inSeconds }
        set { timeout = newValue.map { .seconds(min($0, 1e9)) } }
    }

    var hasDependencies: Bool { !after.isEmpty || !follow.isEmpty }
}

/// The place of a cluster's client's modules.
struct ModuleSource: Sendable, Equatable {
    /// The templates that precede the engine's own `package.path`.
    var path: String
    /// The identity of the client: modules are loaded again for another client.
    var client: String
}
