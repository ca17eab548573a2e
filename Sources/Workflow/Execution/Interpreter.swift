// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
package import VTParallel
internal import VTShipping
internal import VTSystem

/// An interpreter of workflows. It runs one module after another, on the thread of its Lua state.
public final class Interpreter {
    /// The options of a run.
    public struct Options: Sendable {
        /// True to keep running nodes that do not depend on a failed one.
        public var keepGoing = false
        /// True to use cached results, and to cache new ones.
        public var usesCache = true
        /// The names of nodes that are computed even if they have a cached result.
        public var forced: Set<String> = []
        /// The time limit of modules that set none.
        public var timeout: Duration?
        /// The number of attempts after the first, for modules that set none.
        public var retries = 0
        /// The number of modules and tasks that run at once. With more than 1, modules compute on worker
        /// processes where nothing prevents it.
        public var jobs = 1
        /// The workers of modules that may compute on workers and whose nodes name none: those of a
        /// cluster, also with one job, or processes.
        package var place = Place.processes
        /// True to include durations of earlier runs in
        /// ``RunEvent/runStarted(run:workflow:modules:expected:)``.
        public var estimates = true
        /// True to collect the files that results depend on, in ``RunResult/watched``.
        package var watches = false

        /// Creates the default options.
        public init() {}
    }

    /// The context of the module that is computing; nil between modules.
    public private(set) var current: ModuleContext?
    /// True if there has been a run.
    package internal(set) var hasRun = false

    let cache = ResultCache()
    let libraries = LoadedLibraries()
    /// The environment as it was when the last run began to compute.
    var knownEnvironment = EnvironmentState()
    let encoder = ShippingEncoder([.canonical, .lentArrays])
    /// Encodes values that are compared or copied.
    let snapshots = ShippingEncoder.forSnapshots()
    let decoder = ShippingDecoder(trustsCode: false)
    /// The accesses of Lua code to things besides its arguments.
    package let accessLog: AccessLog
    /// Returns the place where `require` would find a module that is not loaded.
    package var findModule: ([UInt8], borrowing Lua) throws -> ModuleSource = { _, _ in .absent }
    /// Returns the module that the value on top is, or that it names; nil if there is none.
    package var findDefinition: (borrowing Lua) throws -> ModuleDefinition? = { lua in
        lua.object(ModuleValue.luaClass, at: -1)?.definition
    }
    /// The log of the parallel calls of the module that is computing.
    package let calls = CallLog()

    /// The environment of the run in progress; nil if there is none.
    package var runningEnvironment: RunEnvironment?

    /// The names under which the run in progress keeps suspended nodes; nil if there is none.
    var scope: SuspensionScope?

    /// Makes a view of workers at a place; nil if there are none. Without a number of workers it has as
    /// many as a pool. A run closes the views that it has made.
    package var makeView: (Place, _ count: Int?, borrowing Lua) throws -> View? = { _, _, _ in nil }

    /// The seal of modules for workers of a sandbox; nil without one.
    package var seal: ModuleSeal?

    /// Creates an interpreter without a store.
    public convenience init() { self.init(accessLog: AccessLog()) }

    /// Creates an interpreter with the log of a state.
    package init(accessLog: AccessLog) { self.accessLog = accessLog }

    /// Makes keys identify the table at `index` by identity, not by content.
    ///
    /// - Parameter name: a name that is the same in every process.
    package func regardAsFixed(_ index: Int, name: String? = nil, _ lua: borrowing Lua) throws {
        let number = try cache.identities.number(lua, of: index)
        if let name { cache.identities.setName(name, of: number) }
    }

    /// Makes keys identify Lua's own libraries, and other libraries that are loaded, by identity.
    package func regardLoadedAsFixed(_ lua: borrowing Lua) throws {
        try lua.pushLoadedModules()
        defer { lua.pop() }
        try lua.forEachPair(of: -1) {
            if lua.type(at: -1) == .table { try regardAsFixed(-1, lua) }
        }
    }

    /// Makes `context` the target of `self` and `print`.
    ///
    /// - Returns: the one that was the target before.
    func exchange(_ context: ModuleContext?) -> ModuleContext? {
        defer { current = context }
        return current
    }

    /// Makes `context` the target of `self` and `print` while `body` runs.
    func with<R>(_ context: ModuleContext, _ body: () throws -> R) rethrows -> R {
        let outer = current
        current = context
        defer {
            context.finish()
            current = outer
        }
        return try body()
    }
}

@available(*, unavailable)
extension Interpreter: Sendable {}
