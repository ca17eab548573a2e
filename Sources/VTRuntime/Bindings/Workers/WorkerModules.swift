// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel
internal import VTSystem
internal import VTWorkflow

/// The part of a worker's Lua state that computes modules of a workflow, made when the first one comes.
final class WorkerModules {
    /// The record of the calls of views that code of the state makes.
    let calls = CallLog()
    var accesses: WorkerAccesses?
    private let directories: [String]
    /// True if the worker belongs to a pool of a module that computes.
    let isOfModule: Bool
    private let makeState: WorkerStateMaker
    private let limits: RuntimeLimits
    private let permit: WorkerPermit?
    private var parts: Parts?
    /// The bytes of the last module with a valid seal.
    private var sealed: LuaReference?

    private struct Parts {
        var workspace: Workspace
        var worker: ModuleWorker
        /// The functions of `vt`, and the table `parallel` of a state that may have pools.
        var functions: LuaReference
        var parallel: LuaReference
    }

    /// - Parameters:
    ///   - limits: the limits of the worker, which pools of its modules have, too.
    ///   - permit: the permit for the state, which ends with it.
    init(
        _ options: WorkerOptions, limits: RuntimeLimits, permit: WorkerPermit?,
        makeState: @escaping WorkerStateMaker
    ) {
        self.limits = limits
        self.permit = permit
        directories = options.searchPath.directories
        isOfModule = options.isOfModule
        self.makeState = makeState
        calls.receivesAccesses = true
    }

    /// The functions of `parallel` that only code of a workflow's module may call in a worker.
    static let poolFunctions = ["threads", "processes", "map", "wait_all", "wait_any"]

    /// True while a module is received or computes.
    var isAtWork: Bool { parts?.worker.isAtWork ?? false }
    /// True while a module computes.
    var isComputing: Bool { parts?.workspace.interpreter.current != nil }

    /// The module that computes; nil if there is none.
    var current: ModuleContext? { parts?.workspace.interpreter.current }

    /// `vt._compute(item, bytes, seal)`: computes a module that the interpreter has sent. The bytes hold
    /// bytecode: those of a script of a sandbox are refused.
    func compute(_ lua: borrowing Lua) throws -> LuaReturn {
        if !limits.isOpen, try !hasSeal(lua) {
            throw lua.error("vt._compute is the runtime's own")
        }
        return try made(lua).worker.compute(lua)
    }

    /// Returns true if the interpreter has made the bytes.
    private func hasSeal(_ lua: borrowing Lua) throws -> Bool {
        if let sealed {
            try lua.push(sealed)
            defer { lua.pop() }
            if lua.rawEqual(-1, 2) { return true }
        }
        guard let seal = limits.seal, lua.top >= 3, seal.matches(2, code: 3, lua) else {
            return false
        }
        sealed = try lua.reference(at: 2)
        return true
    }

    /// Pushes a module of the program.
    func push(_ module: SwiftModule, _ lua: borrowing Lua) throws {
        try made(lua).workspace.push(module, lua)
    }

    /// Pushes the field of `vt` whose name is at 2; nil if there is none.
    func pushFunction(_ lua: borrowing Lua) throws {
        try lua.push(try made(lua).functions)
        try lua.pushValue(at: 2)
        lua.pushRawIndexed(of: -2)
        lua.remove(at: -2)
    }

    /// Calls a function of `parallel` with all arguments.
    func callPoolFunction(_ name: String, _ lua: borrowing Lua) throws -> LuaReturn {
        try lua.push(try made(lua).parallel)
        try lua.pushRawField(name, of: -1)
        lua.remove(at: -2)
        return try lua.pass(to: try lua.takeReference())
    }

    // MARK: Making it

    private func made(_ lua: borrowing Lua) throws -> Parts {
        if let parts { return parts }
        guard let accesses, let output = lua.taskOutput else {
            throw lua.error("a module of a workflow computes in a task of a worker only")
        }
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        let workspace = Workspace(
            ofWorkerWith: accesses.log, makeState: makeState, limits: limits)
        let worker = ModuleWorker(
            workspace.interpreter, accesses: accesses, calls: calls, output: output
        ) {
            try workspace.metatableOfModules($0)
        }
        try workspace.keepRequire(lua)
        try workspace.pushWorkerFunctions(lua)
        let functions = try lua.takeReference()
        let parallel = ParallelBinding(
            log: calls, makeState: makeState, limits: limits
        ) { [directories] in directories }
        workspace.workerParallel = parallel
        parallel.mostWorkers = limits.isOpen ? Slots.count : limits.workers
        try parallel.pushTable(lua)
        try lua.refuseParallel()
        let made = Parts(
            workspace: workspace, worker: worker, functions: functions,
            parallel: try lua.takeReference())
        try workspace.refuseExit(lua)
        try lua.pushLoaded("parallel")
        try lua.push(parallel.cores)
        try lua.setRawField("cores", of: -2)
        parts = made
        return made
    }
}

@available(*, unavailable)
extension WorkerModules: Sendable {}

extension Workspace {
    /// Pushes the functions of `vt` that a module on a worker may call, besides those that every worker
    /// has.
    func pushWorkerFunctions(_ lua: borrowing Lua) throws {
        try lua.pushTable(fields: 8)
        try setFunction("module", lua) { [unowned self] in try declareModule($0) }
        try setFunction("workflow", lua) { [unowned self] in try declareWorkflow($0) }
        try setFunction("type", lua) { try Self.declareType($0) }
        try addSystemFunctions(lua)
        for name in ["compute", "breakpoint"] {
            try lua.push { lua in throw lua.error(Workspace.refusal(of: "vt.\(name)")) }
            try lua.setRawField(name, of: -2)
        }
    }
}
