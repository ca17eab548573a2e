// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

/// A state's memory, in bytes.
public struct LuaMemory: Sendable, Equatable {
    public var used: Int
    /// The most there was since the state was opened, or since ``Lua/resetPeak()``.
    public var peak: Int
    public var limit: Int?
}

extension Lua {
    public var memory: LuaMemory {
        let memory = vtl_memory_get(L)
        return LuaMemory(
            used: memory.used, peak: memory.peak, limit: memory.limit == 0 ? nil : memory.limit)
    }

    /// Sets the most bytes that the state may hold. Beyond it, Lua collects garbage, and then
    /// the allocation is the error "not enough memory".
    public func setMemoryLimit(_ bytes: Int?) { vtl_memory_limit(L, bytes.map { max($0, 1) } ?? 0) }

    public func resetPeak() { vtl_memory_reset_peak(L) }

    /// For tests: the allocation with this number, counted from now, and all after it fail.
    package func failAllocations(from number: Int) { vtl_memory_fail_after(L, Int64(number)) }
}

// MARK: - Garbage collection

/// How Lua collects garbage.
public enum LuaCollector: Sendable, Equatable {
    case generational, incremental
}

extension Lua {
    private func collect(_ what: Int32, _ a: Int32 = 0) throws(LuaError) -> Int32 {
        var result: Int32 = 0
        try check(vtl_gc(L, what, a, 0, 0, &result))
        return result
    }

    /// Collects all garbage now.
    public func collectGarbage() throws(LuaError) {
        core.drain()
        _ = try collect(LUA_GCCOLLECT)
    }

    /// Does some of the work; true at the end of a cycle.
    public func stepCollector(kilobytes: Int = 0) throws(LuaError) -> Bool {
        try collect(LUA_GCSTEP, Int32(clamping: kilobytes)) != 0
    }

    /// Chooses a collector; gives the one before.
    @discardableResult
    public func setCollector(_ collector: LuaCollector) throws(LuaError) -> LuaCollector {
        let before = try collect(collector == .generational ? LUA_GCGEN : LUA_GCINC)
        return before == LUA_GCGEN ? .generational : .incremental
    }

    public func stopCollector() throws(LuaError) { _ = try collect(LUA_GCSTOP) }
    public func restartCollector() throws(LuaError) { _ = try collect(LUA_GCRESTART) }
    public var isCollecting: Bool { (try? collect(LUA_GCISRUNNING)) == 1 }
}

// MARK: - Warnings

extension Lua {
    /// Shows warnings, or not. A script does the same with `warn "@on"`.
    public func setWarnings(_ on: Bool) { vtl_warnings_enable(L, on) }

    /// Sends warnings to `sink` instead of standard error; nil for standard error again.
    ///
    /// The sink is called from inside Lua: it must not use the state.
    public func setWarningSink(_ sink: (@Sendable (String) -> Void)?) {
        let core = core
        core.warningSink = sink
        guard sink != nil else { return vtl_warning_sink(L, nil, nil) }
        vtl_warning_sink(
            L,
            { context, text, length in
                guard let context, let text else { return }
                let core = Unmanaged<StateCore>.fromOpaque(context).takeUnretainedValue()
                let bytes = UnsafeRawBufferPointer(start: text, count: length)
                core.warningSink?(String(decoding: bytes, as: UTF8.self))
            }, Unmanaged.passUnretained(core).toOpaque())
    }
}
