// SPDX-License-Identifier: BSD-3-Clause

package import VTParallel
internal import VTSystem

/// Statistics of the tasks of a parallel call.
package struct CallSummary {
    /// The time from the start of the first task to the end of the last one, in seconds.
    package private(set) var seconds = 0.0
    /// The number of tasks that have run.
    package private(set) var ran = 0
    /// The mean duration of a task, in seconds.
    package private(set) var mean = 0.0
    /// The longest duration of a task, in seconds.
    package private(set) var longest = 0.0
    /// The number of workers that ran tasks.
    package private(set) var workers = 0
    /// The part of the workers' time that tasks took, from 0 to 1.
    package private(set) var busy = 0.0

    package init(_ call: CallRecord) {
        var (first, last, sum) = (Double.infinity, -Double.infinity, 0.0)
        var seen: Set<Int> = []
        for task in call.tasks {
            guard let started = task.started?.inSeconds, let ended = task.ended?.inSeconds,
                let worker = task.worker
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
