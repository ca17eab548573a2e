// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTShipping
internal import VTSystem

/// A set of workers that run tasks. A backend moves tasks and results; the order of results,
/// retries and progress are the view's.
///
/// A backend belongs to the thread of its view; its workers and its interrupter may be elsewhere.
protocol Backend: AnyObject {
    var kind: BackendKind { get }
    /// The number of workers.
    var count: Int { get }
    /// True if the workers stay the same, so that each can hold a part of the caller's data.
    var isFixed: Bool { get }
    /// True if results come from this program's own workers, so that functions in them are
    /// accepted.
    var trustsResults: Bool { get }
    /// The largest number of tasks in a batch.
    var largestBatch: Int { get }
    /// The largest number of tasks of an iteration in a batch.
    var largestWindow: Int { get }
    /// The kinds of values that can be sent to its workers.
    var rules: ShippingRules { get }

    /// Adds tasks for any worker, or for the one with a number, from 1.
    func add(_ batch: TaskBatch, to worker: Int?)
    /// Adds a step that every worker that replaces another performs before its first task.
    func addSetup(_ step: SetupStep)
    /// The workers and their states.
    func status() -> [WorkerStatus]
    /// Stops tasks that are not wanted any more, from any thread.
    var interrupter: any TaskInterrupter { get }
    /// The identity of a worker that is an engine of a cluster; nil for all others. For any thread.
    var identity: @Sendable (_ worker: Int) -> String? { get }
    /// The number of tasks that no worker has taken.
    var waiting: Int { get }
    /// The number of workers that were replaced.
    var replaced: Int { get }

    /// Gives up workers that do not return. A caller that waits calls it periodically.
    func checkWorkers()
    /// Accepts no more tasks, and ends the workers when all tasks are done.
    func close()
    /// Ends the workers now, and cancels all tasks.
    func terminate()
    /// Releases the workers when the view is gone.
    func leave()
    /// True if all workers have ended.
    var isGone: Bool { get }
}

extension Backend {
    var isFixed: Bool { true }
    var trustsResults: Bool { true }
    var largestBatch: Int { 1024 }
    var largestWindow: Int { largestBatch }
    var identity: @Sendable (_ worker: Int) -> String? { { _ in nil } }
    func leave() { terminate() }
}

/// A call of `v:push`, `v:execute` or similar, repeated by workers that start later.
struct SetupStep: Sendable {
    var head: Shipment
    var payload: Shipment
    /// The globals that it sets, if it has no other effect.
    var names: Set<String>?
}

extension [SetupStep] {
    /// Adds a step, and drops those that it makes unnecessary.
    mutating func add(_ step: SetupStep) {
        if let names = step.names {
            // Globals that are set again need not be set before.
            removeAll { $0.names.map { $0.isSubset(of: names) } ?? false }
        }
        append(step)
    }
}

/// The state of a worker. The raw value is what Lua code sees.
public enum WorkerState: String, Sendable {
    /// It loads its libraries and runs its initializer.
    case starting
    /// It waits for tasks.
    case idle
    /// It runs a task.
    case busy
    /// It cannot start, and fails every task that it takes.
    case broken
    /// It has ended, and no other replaces it.
    case gone
}

/// A worker as `v:status()` and `v:each_worker()` show it.
public struct WorkerStatus: Sendable {
    /// The number of the worker, from 1.
    public var number: Int
    /// The state of the worker now.
    public var state: WorkerState
    /// The number of tasks that it has run.
    public var tasks: Int
    /// The id of its process.
    public var pid: Int
    /// The name of the thread, for workers that are threads.
    public var thread: String?
    /// The name of its machine.
    public var host: String
    /// The id of the engine at the cluster's Hub.
    public var engine: Int?
    /// The time at which it took its number, in nanoseconds; 0: before all others.
    var since: Int64 = 0
}

/// The places in which a worker's `require` looks for modules.
public struct SearchPath: Sendable {
    /// `package.path`.
    public var path = ""
    /// `package.cpath`.
    public var cpath = ""
    /// Directories that are searched first: a workflow's own.
    public var directories: [String] = []

    /// An empty path.
    public init() {}
}

/// Makes the Lua state of a worker that runs in this process.
package typealias WorkerStateMaker = @Sendable (WorkerOptions) throws -> LuaState

/// The options of the workers of a pool, and of their Lua states.
public struct WorkerOptions: Sendable {
    /// The number of workers.
    public var count: Int
    /// The bytes that a worker's Lua state may hold; nil: no limit. A process is limited, too.
    public var memoryLimit: Int?
    /// The number of tasks after which a worker is replaced; nil: never.
    public var maxTasks: Int?
    /// The modules that are required before the first task.
    public var libraries: [String] = []
    /// The libraries that code in the states may use.
    package var allowed = LuaLibraries.all
    /// True if the caller serves modules from a loader, which a worker process does not have.
    package var hasLoader = false
    /// The places of modules.
    public var searchPath = SearchPath()
    /// The modules of the caller that are in no file.
    package var modules: SentModules?
    /// True if the pool is one of a module that computes: the output of programs is added to what its
    /// tasks print.
    package var isOfModule = false
    /// Variables of a process's environment, added to the caller's own.
    public var environment: [String: String] = [:]
    /// The working directory of a process; nil: the caller's.
    public var directory: String?
    /// The longest duration of a worker's start, including its initializer.
    public var startTimeout = Duration.seconds(30)
    /// The descriptors of a process's standard output and standard error. With them, the output of
    /// tasks is also sent while they run.
    var output: (standard: Int32, errors: Int32)?
    /// True in a process that sends the output of tasks while they run.
    var sendsOutput = false
    /// `[classes, function, arguments...]`, called in each worker at its start.
    var initializer: Shipment?

    /// The defaults for a number of workers.
    public init(count: Int) { self.count = count }
}
