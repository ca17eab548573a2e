// SPDX-License-Identifier: BSD-3-Clause

/// `2`, `0.5`
func brief(_ seconds: Double) -> String {
    seconds == seconds.rounded() && abs(seconds) < 1e15 ? "\(Int(seconds))" : "\(seconds)"
}
