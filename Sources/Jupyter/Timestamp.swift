// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc

/// Now, as ISO 8601 with microseconds: `2026-11-22T22:24:29.650000Z`.
package func timestamp() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return timestamp(seconds: Double(now.tv_sec) + Double(now.tv_nsec) * 1e-9)
}

/// A moment, in seconds since 1970, as ISO 8601.
package func timestamp(seconds: Double) -> String {
    var whole = time_t(seconds)
    let micros = Int((seconds - Double(whole)) * 1e6)
    var parts = tm()
    gmtime_r(&whole, &parts)
    func digits(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    return digits(Int(parts.tm_year) + 1900, 4) + "-" + digits(Int(parts.tm_mon) + 1, 2) + "-"
        + digits(Int(parts.tm_mday), 2) + "T" + digits(Int(parts.tm_hour), 2) + ":"
        + digits(Int(parts.tm_min), 2) + ":" + digits(Int(parts.tm_sec), 2) + "."
        + digits(min(micros, 999_999), 6) + "Z"
}
