// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
package import VTLuaBridge
internal import VTSystem

extension AsyncResult {
    /// Waits for the task with this number, from 0, and pushes its first result; false when there
    /// are no more tasks.
    ///
    /// - Throws: ``TaskError`` where the task failed and that ends the call.
    package func pushResult(_ number: Int, _ lua: borrowing Lua) throws -> Bool {
        guard let batch = call.batches.first(where: { number < $0.first + $0.count }) else {
            _ = try checkReady(lua)
            return false
        }
        var collector = Collector(call, view, listener)
        let index = number - batch.first
        while true {
            // Read before the check, so that a task that ends after it wakes the thread.
            let finished = call.finished
            if collector.isSettled(batch, index) { break }
            _ = try collector.wait(finished: finished + 1, lua)
        }
        var count = 0
        let error = try collector.push(batch, index, all: isSingle, count: &count, lua)
        if let error, call.options.onError == .stop {
            lua.pop()
            throw error
        }
        if count == 0 { try lua.pushNil() }
        lua.pop(max(0, count - 1))
        return true
    }

    /// Waits for all of the results; false when the timeout, in seconds, comes first.
    package static func waitAll(
        _ results: [AsyncResult], _ timeout: Double?, _ lua: borrowing Lua
    ) throws -> Bool {
        let deadline = Clock.deadline(in: timeout)
        return try results.allSatisfy { try $0.wait(until: deadline, lua) }
    }

    /// Waits for one of the results, and returns its position; nil when the timeout, in seconds,
    /// comes first.
    package static func waitAny(
        _ results: [AsyncResult], _ timeout: Double?, completion: CompletionEvent,
        _ lua: borrowing Lua
    ) throws -> Int? {
        guard !results.isEmpty else { return nil }
        defer { for result in results { result.call.stopWaking() } }
        _ = try completion.wait(
            until: Clock.deadline(in: timeout), lua,
            isReady: { results.contains(where: \.isReady) },
            prepare: { for result in results { result.call.wake(at: result.call.published) } },
            meanwhile: { for result in results { result.view.backend.checkWorkers() } })
        for result in results { _ = try result.checkReady(lua) }
        return results.firstIndex(where: \.isReady)
    }
}
