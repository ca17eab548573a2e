// SPDX-License-Identifier: BSD-3-Clause

internal import CVTSystem

/// The end of a child process.
package enum ProcessEnd: Sendable, Equatable, CustomStringConvertible {
    /// It returned or called `exit` with this code.
    case code(Int32)
    /// A signal of this number ended it.
    case signal(Int32)
    /// It is no child of this process, or another call has reaped it.
    case unknown

    /// Reaps a child process, so that its number is free for others.
    ///
    /// - Parameter waits: whether to wait for its end.
    /// - Returns: nil while it runs.
    package static func reap(_ pid: Int32, waits: Bool) -> ProcessEnd? {
        var end: Int32 = 0
        switch vty_reap(pid, waits, &end) {
        case 0: return nil
        case 1: return end < 0 ? .signal(-end) : .code(end)
        default: return .unknown
        }
    }

    /// True if the process ended with code 0.
    package var isSuccess: Bool { self == .code(0) }

    /// The end in words: `ended with exit code 3`, `was ended by SIGSEGV`.
    package var description: String {
        switch self {
        case .code(let code): "ended with exit code \(code)"
        case .signal(let number): "was ended by \(Self.signalName(number))"
        case .unknown: "has ended"
        }
    }

    /// The name of a signal: `SIGSEGV`; `signal 99` for a number that names none.
    package static func signalName(_ number: Int32) -> String {
        vty_signal_name(number).map { String(cString: $0) } ?? "signal \(number)"
    }
}
