// SPDX-License-Identifier: BSD-3-Clause

internal import CParallel
internal import Glibc
package import LuaBridge
internal import Shipping

extension View {
    /// Tasks that are sent ahead of the results taken, by a call that takes them as it goes.
    private var window: Int { 16 * backend.largestLot }

    /// `v:map(f, list)` and `v:starmap`: leaves the list of results on top, and above it, where
    /// errors are collected, the list of those.
    package func map(
        function: Int, list: Int, extras: Range<Int>, spread: Bool, options: JobOptions,
        listener: Listener, _ lua: borrowing Lua
    ) throws -> LuaReturn {
        let list = lua.absolute(list)
        let count = lua.rawLength(at: list)
        let job = try begin(
            spread ? .spread : .item, function: function, extras: extras, options, total: count,
            lua)
        defer { job.release() }
        do {
            var collector = Collector(job, self, listener)
            try lua.pushTable(elements: count)
            var results = ResultList(collector, table: lua.top, forgets: true)
            var feed = Feed(.list(count: count), self)
            var size = Feed.firstSize(for: backend)
            while true {
                while !feed.isOver, !job.isStopped, job.published - results.taken < window {
                    guard let lot = try feed.next(size, list: list, for: job, lua) else {
                        break
                    }
                    size = min(size * 4, backend.largestLot)
                    submit(lot)
                }
                try results.takeReady(lua)
                if results.failure != nil || (results.taken == job.published && feed.isOver) {
                    break
                }
                try collector.tell(lua)
                let outstanding = job.published - results.taken
                let target = min(job.published, job.finished + max(1, outstanding / 2))
                _ = try collector.wait(finished: target, lua)
            }
            if let failure = results.failure { throw failure }
            try collector.tell(always: true, lua)
            guard options.onError == .collect else { return 1 }
            try results.pushErrors(lua)
            return 2
        } catch {
            try abandon(job, lua)
            throw error
        }
    }

    /// After a call has failed: nothing of it goes on running.
    func abandon(_ job: Job, _ lua: borrowing Lua) throws {
        job.stop(from: 0)
        let deadline = Clock.now + 2 * Clock.second
        while !job.isFinished, Clock.now < deadline {
            backend.lookAfterWorkers()
            usleep(200)
        }
    }

    /// `v:map_async`, `v:starmap_async`
    package func mapAsync(
        function: Int, list: Int, extras: Range<Int>, spread: Bool, options: JobOptions,
        _ lua: borrowing Lua
    ) throws -> AsyncResult {
        let list = lua.absolute(list)
        let count = lua.rawLength(at: list)
        let job = try begin(
            spread ? .spread : .item, function: function, extras: extras, options, total: count,
            lua)
        do {
            var feed = Feed(.list(count: count), self)
            var size = Feed.firstSize(for: backend)
            while let lot = try feed.next(size, list: list, for: job, lua) {
                size = min(size * 4, backend.largestLot)
                submit(lot)
            }
        } catch {
            try abandon(job, lua)
            job.release()
            throw error
        }
        return AsyncResult(job, self, isSingle: false)
    }

    /// `v:apply(f, ...)` as a job: one task, whose arguments are the stack values of `arguments`.
    func apply(
        function: Int, arguments: Range<Int>, options: JobOptions, to worker: Int? = nil,
        _ lua: borrowing Lua
    ) throws -> Job {
        let job = try begin(.apply, function: function, options, total: nil, lua)
        try addCall(job, arguments: arguments, to: worker, lua)
        return job
    }

    /// Adds a task to a job of `apply`.
    func addCall(
        _ job: Job, arguments: Range<Int>, to worker: Int?, _ lua: borrowing Lua
    ) throws {
        do {
            try encoder.encode(lua, elementsFrom: arguments.lowerBound, count: arguments.count)
        } catch {
            job.stop(from: 0)
            job.release()
            guard let refusal = error as? ShippingRefusal else { throw error }
            let argument = refusal.offenders.first?.element ?? 1
            throw lua.refused(refusal, sending: "argument \(argument)")
        }
        submit(
            Lot(job: job, first: job.published, offsets: [0], payload: encoder.ship()), to: worker)
    }

    /// `v:apply(f, ...)`: leaves f's results on top.
    package func apply(
        function: Int, arguments: Range<Int>, options: JobOptions, listener: Listener,
        _ lua: borrowing Lua
    ) throws -> LuaReturn {
        let job = try apply(function: function, arguments: arguments, options: options, lua)
        defer { job.release() }
        do {
            var collector = Collector(job, self, listener)
            _ = try collector.wait(finished: 1, lua)
            var count = 0
            if let error = try collector.push(job.lots[0], 0, all: true, count: &count, lua) {
                throw error
            }
            return .values(count)
        } catch {
            if !job.isFinished { try abandon(job, lua) }
            throw error
        }
    }

    package func applyAsync(
        function: Int, arguments: Range<Int>, options: JobOptions, _ lua: borrowing Lua
    ) throws -> AsyncResult {
        AsyncResult(
            try apply(function: function, arguments: arguments, options: options, lua), self,
            isSingle: true)
    }
}

extension Feed {
    /// The first lots are small, so that all workers begin at once.
    static func firstSize(for backend: any Backend) -> Int {
        max(backend.largestLot / 256, 2 * backend.count)
    }
}

/// The list of results, while they are taken in the order of the tasks.
struct ResultList {
    private let collector: Collector
    private let table: Int
    private(set) var taken = 0
    /// The first task that failed, where that ends the call.
    private(set) var failure: TaskError?
    private var errors: [LuaReference] = []
    /// Where in the job's lots the next result is.
    private var lot = 0
    private var index = 0

    /// Whether lots may go when all of their results were taken.
    private let forgets: Bool

    init(_ collector: Collector, table: Int, forgets: Bool = false) {
        self.collector = collector
        self.table = table
        self.forgets = forgets
    }

    /// Takes all results that are there.
    mutating func takeReady(_ lua: borrowing Lua) throws {
        let job = collector.job
        while lot < job.lots.count {
            let current = job.lots[lot]
            while index < current.count {
                let ready = try collector.takeReady(current, index, into: table, at: taken + 1, lua)
                taken += ready
                index += ready
                if index == current.count { break }
                guard collector.isSettled(current, index) else { return }
                var count = 0
                if let error = try collector.push(current, index, count: &count, lua) {
                    if job.options.onError == .stop {
                        lua.pop()
                        failure = error
                        return
                    }
                    errors.append(try lua.reference(at: -1))
                }
                taken += 1
                try lua.setRawElement(taken, of: table)
                index += 1
            }
            if forgets { job.forgetFirstLot() } else { lot += 1 }
            index = 0
        }
    }

    /// Pushes the list of errors.
    func pushErrors(_ lua: borrowing Lua) throws {
        try lua.pushTable(elements: errors.count)
        for (index, error) in errors.enumerated() {
            try lua.push(error)
            try lua.setRawElement(index + 1, of: -2)
        }
    }
}
