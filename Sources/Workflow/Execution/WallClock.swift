// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc

/// Returns the current time, in seconds since 1970.
package func wallClock() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
