// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

/// The memory of a state, in bytes.
public struct LuaMemory: Sendable, Equatable {
    /// The bytes in use, including garbage that was not collected yet.
    public var used: Int
    /// The largest number of bytes in use since the state was opened, or since ``Lua/resetPeak()``.
    public var peak: Int
    /// The largest number of bytes that the state may use; nil for no limit.
    public var limit: Int?
}

extension Lua {
    /// The state's current memory.
    public var memory: LuaMemory {
        let memory = vtl_memory_get(L)
        return LuaMemory(
            used: memory.used, peak: memory.peak, limit: memory.limit == 0 ? nil : memory.limit)
    }

    /// Sets the largest number of bytes that the state may use; nil for no limit. When it is
    /// reached, Lua collects garbage; if that does not suffice, it raises "not enough memory".
    public func setMemoryLimit(_ bytes: Int?) { vtl_memory_limit(L, bytes.map { max($0, 1) } ?? 0) }

    /// Sets ``LuaMemory/peak`` to the bytes in use.
    public func resetPeak() { vtl_memory_reset_peak(L) }

    /// For tests: makes the allocation with this number, counted from now, and all later ones fail.
    package func failAllocations(from number: Int) { vtl_memory_fail_after(L, Int64(number)) }
}

// MARK: - Garbage collection

/// The modes of Lua's garbage collector.
public enum LuaCollector: Sendable, Equatable {
    /// Frequent collections of young objects.
    case generational
    /// Mark-and-sweep in small steps; Lua's default.
    case incremental
}

extension Lua {
    private func collect(_ what: Int32, _ a: Int32 = 0) throws(LuaError) -> Int32 {
        var result: Int32 = 0
        try check(vtl_gc(L, what, a, 0, 0, &result))
        return result
    }

    /// Runs a full collection.
    public func collectGarbage() throws(LuaError) {
        core.drain()
        _ = try collect(LUA_GCCOLLECT)
    }

    /// Runs a step of the collector, as if `kilobytes` had been allocated. True if it completed a
    /// cycle.
    public func stepCollector(kilobytes: Int = 0) throws(LuaError) -> Bool {
        try collect(LUA_GCSTEP, Int32(clamping: kilobytes)) != 0
    }

    /// Sets the collector's mode and returns the previous one.
    @discardableResult
    public func setCollector(_ collector: LuaCollector) throws(LuaError) -> LuaCollector {
        let before = try collect(collector == .generational ? LUA_GCGEN : LUA_GCINC)
        return before == LUA_GCGEN ? .generational : .incremental
    }

    /// Stops the collector until ``restartCollector()``.
    public func stopCollector() throws(LuaError) { _ = try collect(LUA_GCSTOP) }
    /// Continues automatic collection after ``stopCollector()``.
    public func restartCollector() throws(LuaError) { _ = try collect(LUA_GCRESTART) }
    /// True if the collector is running. False after ``stopCollector()``.
    public var isCollecting: Bool { (try? collect(LUA_GCISRUNNING)) == 1 }
}

// MARK: - Warnings

extension Lua {
    /// Enables or disables warnings, as `warn "@on"` and `warn "@off"` do.
    public func setWarnings(_ on: Bool) { vtl_warnings_enable(L, on) }

    /// Sends the text of each warning to `sink`, at most 1024 bytes of it; nil: warnings are
    /// dropped.
    ///
    /// The sink is called from inside Lua, and must not use the state.
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
