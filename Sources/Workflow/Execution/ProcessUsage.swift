// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// The processor time of the calling thread.
enum ThreadUsage {
    /// The time so far, in nanoseconds.
    static var processor: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

/// The processor time and the peak memory of the process so far, with its ended children.
struct ProcessUsage {
    var processor: Double
    var peak: Int

    init() {
        processor = 0
        peak = 0
        for who in [RUSAGE_SELF.rawValue, RUSAGE_CHILDREN.rawValue] {
            var usage = rusage()
            getrusage(who, &usage)
            for part in [usage.ru_utime, usage.ru_stime] {
                processor += Double(part.tv_sec) + Double(part.tv_usec) * 1e-6
            }
            peak = max(peak, usage.ru_maxrss * 1024)
        }
    }
}
