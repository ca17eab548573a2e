// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTParallel
internal import Glibc
package import VTLuaBridge
internal import VTShipping
internal import VTSystem

extension View {
    /// The number of tasks that a call sends ahead of the results that it has taken.
    private var window: Int { 16 * backend.largestBatch }

    /// `v:map(f, list)` and `v:starmap`: leaves the list of results on top, and above it, where
    /// errors are collected, the list of those.
    package func map(
        function: Int, list: Int, extras: Range<Int>, spread: Bool, options: CallOptions,
        listener: Listener, _ lua: borrowing Lua
    ) throws -> LuaReturn {
        let list = lua.absolute(list)
        let count = lua.rawLength(at: list)
        let call = try begin(
            spread ? .spread : .item, function: function, extras: extras, options, total: count,
            lua)
        defer { call.release() }
        do {
            var collector = Collector(call, self, listener)
            try lua.pushTable(elements: count)
            var results = ResultList(collector, table: lua.top, forgets: true)
            let roots = spread ? try CallRoots(function: function, extras: extras, lua) : nil
            var batcher = TaskBatcher(.list(count: count), self, roots: roots)
            var size = TaskBatcher.firstSize(for: backend)
            while true {
                while !batcher.isOver, !call.isStopped, call.published - results.taken < window {
                    guard let batch = try batcher.next(size, list: list, for: call, lua) else {
                        break
                    }
                    size = min(size * 4, backend.largestBatch)
                    try submit(batch)
                }
                try results.takeReady(lua)
                if results.failure != nil || (results.taken == call.published && batcher.isOver) {
                    break
                }
                // Only a function of the user that has ended the pool stops the call here.
                if let end, call.isStopped, results.taken == call.published {
                    throw TaskError(end.failure, of: call, number: results.taken, in: self)
                }
                try collector.reportProgress(lua)
                let outstanding = call.published - results.taken
                let target = min(call.published, call.finished + max(1, outstanding / 2))
                _ = try collector.wait(finished: target, lua)
            }
            if let failure = results.failure { throw failure }
            try collector.reportProgress(always: true, lua)
            guard options.onError == .collect else { return 1 }
            try results.pushErrors(lua)
            return 2
        } catch {
            try abandon(call, lua)
            throw error
        }
    }

    /// Stops all tasks of a call that has failed, and waits for them, for 2 s at most.
    func abandon(_ call: Call, _ lua: borrowing Lua) throws {
        call.stop(from: 0)
        let deadline = Clock.now + 2 * Clock.second
        while !call.isFinished, Clock.now < deadline {
            backend.checkWorkers()
            usleep(200)
        }
    }

    /// `v:map_async` and `v:starmap_async`: sends all items and returns at once.
    package func mapAsync(
        function: Int, list: Int, extras: Range<Int>, spread: Bool, options: CallOptions,
        listener: Listener, _ lua: borrowing Lua
    ) throws -> AsyncResult {
        let list = lua.absolute(list)
        let count = lua.rawLength(at: list)
        let call = try begin(
            spread ? .spread : .item, function: function, extras: extras, options, total: count,
            lua)
        do {
            let roots = spread ? try CallRoots(function: function, extras: extras, lua) : nil
            var batcher = TaskBatcher(.list(count: count), self, roots: roots)
            var size = TaskBatcher.firstSize(for: backend)
            while let batch = try batcher.next(size, list: list, for: call, lua) {
                size = min(size * 4, backend.largestBatch)
                try submit(batch)
            }
        } catch {
            try abandon(call, lua)
            call.release()
            throw error
        }
        return AsyncResult(call, self, isSingle: false, listener)
    }

    /// Begins a call of one task, whose arguments are the values at `arguments`.
    func apply(
        function: Int, arguments: Range<Int>, options: CallOptions, to worker: Int? = nil,
        _ lua: borrowing Lua
    ) throws -> Call {
        guard !arguments.isEmpty, try lua.sharesValues(at: function) else {
            let call = try begin(.apply, function: function, options, total: nil, lua)
            try addCall(call, arguments: arguments, to: worker, lua)
            return call
        }
        // With the function, so that a table that is in an upvalue and an argument is one table there.
        let call = try begin(
            .apply, function: function, extras: arguments, options, total: nil, lua)
        try addCall(call, arguments: 0..<0, to: worker, lua)
        return call
    }

    /// Adds a task to a call of `apply`.
    func addCall(
        _ call: Call, arguments: Range<Int>, to worker: Int?, _ lua: borrowing Lua
    ) throws {
        do {
            try encoder.encode(lua, elementsFrom: arguments.lowerBound, count: arguments.count)
        } catch {
            call.stop(from: 0)
            call.release()
            guard let refusal = error as? ShippingRefusal else { throw error }
            let argument = refusal.offenders.first?.element ?? 1
            throw lua.refused(refusal, sending: "argument \(argument)")
        }
        try submit(
            TaskBatch(call: call, first: call.published, offsets: [0], payload: encoder.ship()),
            to: worker)
    }

    /// `v:apply(f, ...)`: leaves the results of `f` on top.
    package func apply(
        function: Int, arguments: Range<Int>, options: CallOptions, listener: Listener,
        _ lua: borrowing Lua
    ) throws -> LuaReturn {
        let call = try apply(function: function, arguments: arguments, options: options, lua)
        defer { call.release() }
        do {
            var collector = Collector(call, self, listener)
            _ = try collector.wait(finished: 1, lua)
            var count = 0
            if let error = try collector.push(call.batches[0], 0, all: true, count: &count, lua) {
                throw error
            }
            return .values(count)
        } catch {
            if !call.isFinished { try abandon(call, lua) }
            throw error
        }
    }

    /// `v:apply_async(f, ...)`: sends the task and returns at once.
    package func applyAsync(
        function: Int, arguments: Range<Int>, options: CallOptions, _ lua: borrowing Lua
    ) throws -> AsyncResult {
        AsyncResult(
            try apply(function: function, arguments: arguments, options: options, lua), self,
            isSingle: true)
    }
}

extension Lua {
    /// True if the function at `index` has an upvalue that can be the same value as an argument, or
    /// contain it.
    fileprivate func sharesValues(at index: Int) throws(LuaError) -> Bool {
        let base = top
        defer { pop(top - base) }
        try reserve(2)
        try pushGlobals()
        var number: Int32 = 1
        while lua_getupvalue(L, Int32(index), number) != nil {
            switch type(at: -1) {
            case .function: return true
            case .table where !rawEqual(-1, base + 1): return true
            default: pop()
            }
            number += 1
        }
        return false
    }
}
