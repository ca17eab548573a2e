// SPDX-License-Identifier: BSD-3-Clause

package import VTParallel

/// What a call's tasks come to.
package struct CallSummary {
    /// Seconds from the first task's begin to the last one's end.
    package private(set) var seconds = 0.0
    /// Tasks that have run.
    package private(set) var ran = 0
    package private(set) var mean = 0.0
    package private(set) var longest = 0.0
    /// Workers that ran any of them.
    package private(set) var workers = 0
    /// How much of these workers' time was spent in tasks, from 0 to 1.
    package private(set) var busy = 0.0

    package init(_ call: CallRecord) {
        var (first, last, sum) = (Double.infinity, -Double.infinity, 0.0)
        var seen: Set<Int> = []
        for task in call.tasks {
            guard let started = task.started, let ended = task.ended, let worker = task.worker
            else { continue }
            ran += 1
            sum += ended - started
            longest = max(longest, ended - started)
            first = min(first, started)
            last = max(last, ended)
            seen.insert(worker)
        }
        guard ran > 0 else { return }
        seconds = last - first
        mean = sum / Double(ran)
        workers = seen.count
        busy = seconds > 0 ? min(1, sum / (seconds * Double(workers))) : 1
    }
}
