// SPDX-License-Identifier: BSD-3-Clause

import VTSystem

/// Passes signals from a handler to a thread through a pipe.
enum SignalPipe {
    /// Starts a thread that calls `receive` for each signal.
    ///
    /// - Returns: the descriptor that handlers write to; nil if the pipe or the thread cannot be
    ///   created.
    static func open(_ receive: @escaping @Sendable (Int32) -> Void) -> Int32? {
        do {
            let pipe = try WakeupPipe()
            try startThread("vtlua-signals") {
                while true {
                    for signal in pipe.wait() { receive(Int32(signal)) }
                }
            }
            return pipe.sink
        } catch {
            return nil
        }
    }
}
