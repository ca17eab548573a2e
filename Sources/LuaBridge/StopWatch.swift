// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLuaGuard
internal import VTSystem

/// Cancels tasks whose Lua evaluation must end while a part of them runs on the thread of the
/// evaluation: that thread cannot look for a stop meanwhile.
///
/// A thread looks every 20 ms while there are such tasks, and sleeps a second after the last one.
final class StopWatch: Sendable {
    static let shared = StopWatch()

    /// Unchecked: the flag belongs to the thread that waits in ``watching(_:_:)``, and is read under
    /// the lock.
    private struct Entry: @unchecked Sendable {
        var number: Int
        var flag: UnsafePointer<Int32>
        var tasks: [Task<Void, Never>]
    }
    private struct State {
        var entries: [Entry] = []
        var count = 0
        var isAwake = false
        var isStarted = false
    }
    private let state = Monitor(State())

    private static let interval: Int64 = 20_000_000

    /// Runs `body`. Cancels the tasks if the evaluation on this thread must end meanwhile.
    func watching(_ tasks: [Task<Void, Never>], _ body: () -> Void) {
        // The address of a variable of this thread, which is there as long as the thread.
        guard let flag = vtl_stop_flag() else { return body() }
        let (number, wasAwake, wasStarted) = state.withLock { state in
            state.count += 1
            state.entries.append(Entry(number: state.count, flag: flag, tasks: tasks))
            defer { (state.isAwake, state.isStarted) = (true, true) }
            return (state.count, state.isAwake, state.isStarted)
        }
        if !wasStarted { start() } else if !wasAwake { state.notifyAll() }
        body()
        state.withLock { state in
            // Calls end in the reverse order.
            if state.entries.last?.number == number {
                state.entries.removeLast()
            } else {
                state.entries.removeAll { $0.number == number }
            }
        }
    }

    private func start() {
        do {
            try startThread("vtlua-async") { [self] in watch() }
        } catch {
            // Without a thread, tasks are cancelled when they suspend.
            state.withLock { $0.isStarted = false }
        }
    }

    private func watch() {
        var idle = 0
        while true {
            let (count, stopped) = state.withLock { state in
                (
                    state.count,
                    state.entries.filter { vtl_stop_flag_is_set($0.flag) }.flatMap(\.tasks)
                )
            }
            // Handlers of cancellation are code of the program, which may call Lua.
            for task in stopped { task.cancel() }
            let end = Clock.now + Self.interval
            _ = state.wait(until: end) { _ in Bool?.none }
            let isIdle = state.withLock { state in
                idle = state.entries.isEmpty && state.count == count ? idle + 1 : 0
                if idle >= 50 { state.isAwake = false }
                return idle >= 50
            }
            guard isIdle else { continue }
            idle = 0
            while state.wait(until: Clock.now + Clock.second, { $0.isAwake ? true : nil }) == nil {}
        }
    }
}
