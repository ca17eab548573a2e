// SPDX-License-Identifier: BSD-3-Clause

internal import CVTSystem

/// Time as nanoseconds of CLOCK_MONOTONIC, which never goes back.
package enum Clock {
    /// The present moment, in nanoseconds.
    @inlinable package static var now: Int64 { vty_now() }

    /// A second, in nanoseconds.
    @inlinable package static var second: Int64 { 1_000_000_000 }

    /// A deadline that never comes.
    @inlinable package static var never: Int64 { .max / 2 }

    /// The moment that is `seconds` from now; ``never`` for nil and for more than 30 years.
    package static func deadline(in seconds: Double?) -> Int64 {
        guard let seconds, seconds < 1e9 else { return never }
        return now + Int64(max(0, seconds) * 1e9)
    }

    /// The present moment, in seconds.
    package static var seconds: Double { Double(now) * 1e-9 }

    /// Seconds that have passed since a moment.
    package static func seconds(since moment: Int64) -> Double { Double(now - moment) * 1e-9 }

    /// The present time, in seconds since 1970.
    package static var wall: Double { Double(wallNanoseconds) * 1e-9 }

    /// The present time, in nanoseconds since 1970.
    package static var wallNanoseconds: Int64 { vty_wall() }

    /// A moment as seconds since 1970, by the difference of the clocks when the process asked first.
    package static func date(_ moment: Int64) -> Double { Double(moment + epoch) * 1e-9 }

    private static let epoch = vty_wall() - vty_now()
}

extension Duration {
    /// The duration in seconds.
    package var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
