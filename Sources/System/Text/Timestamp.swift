// SPDX-License-Identifier: BSD-3-Clause

/// Moments as text (ISO 8601).
package enum Timestamp {
    /// The present time, in UTC with microseconds: `2026-11-22T22:24:29.650000Z`.
    package static var now: String { text(Clock.wall) }

    /// Returns a moment in UTC: `2026-11-24T16:40:03.250000Z`.
    ///
    /// - Parameters:
    ///   - seconds: since 1970; below 0 before that.
    ///   - digits: of the fraction, 1 to 6. It is rounded down.
    package static func text(_ seconds: Double, digits fraction: Int = 6) -> String {
        var scale = 1
        for _ in 0..<fraction { scale *= 10 }
        let whole = seconds.rounded(.down)
        // Rounded up, the last of a second would be the first of the next one.
        let part = min(Int((seconds - whole) * Double(scale)), scale - 1)
        var time = time_t(whole)
        var parts = tm()
        gmtime_r(&time, &parts)
        return "\(padded(parts.tm_year + 1900, 4))-\(padded(parts.tm_mon + 1, 2))-"
            + "\(padded(parts.tm_mday, 2))T\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):"
            + "\(padded(parts.tm_sec, 2)).\(padded(part, fraction))Z"
    }

    /// Returns a moment in the machine's time zone, for the terminal: `2026-11-24 16:40:03`.
    ///
    /// - Parameter seconds: since 1970.
    package static func local(_ seconds: Double) -> String {
        var time = time_t(seconds.rounded(.down))
        var parts = tm()
        localtime_r(&time, &parts)
        return "\(padded(parts.tm_year + 1900, 4))-\(padded(parts.tm_mon + 1, 2))-"
            + "\(padded(parts.tm_mday, 2)) \(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):"
            + "\(padded(parts.tm_sec, 2))"
    }

    private static func padded(_ number: some BinaryInteger, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
