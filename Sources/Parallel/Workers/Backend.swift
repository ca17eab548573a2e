// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTShipping
internal import VTSystem

/// A place where tasks run. It moves tasks and results, and knows its workers; what a call means
/// is the view's.
protocol Backend: TaskInterrupter {
    /// "serial", "threads", "processes".
    var kind: String { get }
    /// How many workers there are.
    var count: Int { get }
    /// Whether the workers stay the same, so that what is done on each has a meaning.
    var isFixed: Bool { get }
    /// Whether results come from this program's own workers, so that code in them is taken.
    var trustsResults: Bool { get }
    /// How many tasks it is given together at most.
    var largestBatch: Int { get }
    /// What may travel to its workers.
    var rules: ShippingRules { get }

    /// Takes tasks, for any worker or a particular one (from 1).
    func add(_ batch: TaskBatch, to worker: Int?)
    /// Something to be done by every worker that takes another's place, before its first task.
    func addSetup(_ step: SetupStep)
    func status() -> [WorkerStatus]
    /// The identity of a worker that is an engine of a cluster; nil for all others.
    func identity(of worker: Int) -> String?
    /// Tasks that no worker has taken.
    var waiting: Int { get }
    /// How many workers were replaced.
    var replaced: Int { get }

    /// A caller is waiting: workers that do not come back are given up.
    func lookAfterWorkers()
    /// Takes nothing more, and ends the workers when all is done.
    func close()
    /// Ends the workers now; what they run, and what waits, is cancelled.
    func terminate()
    /// Nobody has the view any more.
    func leave()
    /// Whether all workers are gone.
    var isGone: Bool { get }
}

extension Backend {
    var isFixed: Bool { true }
    var trustsResults: Bool { true }
    var largestBatch: Int { 1024 }
    func identity(of worker: Int) -> String? { nil }
    func leave() { terminate() }
}

/// `v:push`, `v:execute` and the like, for workers that come later.
struct SetupStep: Sendable {
    var head: Shipment
    var payload: Shipment
    /// The globals that it sets, if it does nothing else.
    var names: Set<String>?
}

/// A worker as `v:status()` and `v:each_worker()` show it.
public struct WorkerStatus: Sendable {
    public var number: Int
    /// "starting", "idle", "busy", "broken", "gone".
    public var state: String
    /// Tasks that it has done.
    public var tasks: Int
    public var pid: Int
    /// The name of the thread, where it is one.
    public var thread: String?
    public var host: String
    /// The number that a cluster's Hub has given it.
    public var engine: Int?
    /// When it took its number, in nanoseconds; 0: before all that is asked for.
    var since: Int64 = 0
}

/// Where a worker's `require` looks.
public struct SearchPath: Sendable {
    public var path = ""
    public var cpath = ""
    /// Directories that come before all others: a workflow's own.
    public var directories: [String] = []

    public init() {}
}

/// Makes the Lua state of a worker that runs in this process.
package typealias WorkerStateMaker = @Sendable (WorkerOptions) throws -> LuaState

/// How a worker's Lua state is made, and what it is told at its start.
public struct WorkerOptions: Sendable {
    public var count: Int
    /// Bytes that a worker's Lua state may hold (and a process beyond what it starts with).
    public var memoryLimit: Int?
    /// A worker is replaced after so many tasks.
    public var maxTasks: Int?
    /// Modules that are required before the first task.
    public var libraries: [String] = []
    public var searchPath = SearchPath()
    /// Variables of a process's environment, besides the caller's own.
    public var environment: [String: String] = [:]
    /// A process's working directory.
    public var directory: String?
    /// Seconds that a worker may take to start, its initializer included.
    public var startTimeout = 30.0
    /// Descriptors for a process's standard output and standard error. What its tasks print is
    /// told as they print it, then, besides coming with their results.
    var output: (standard: Int32, errors: Int32)?
    /// The same, as the process itself sees it.
    var tellsOutput = false
    /// `[classes, function, arguments...]`, called in each worker at its start.
    var initializer: Shipment?

    public init(count: Int) { self.count = count }
}
