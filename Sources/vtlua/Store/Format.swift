// SPDX-License-Identifier: BSD-3-Clause

import VTReport

/// A time in the local time zone, such as `2026-11-24 16:40:03`.
func localTime(_ seconds: Double) -> String { Format.time(seconds) }

/// A duration such as `1.2 s`, `56 ms` or `2 min 5 s`.
func duration(_ seconds: Double) -> String { Format.duration(seconds) }

/// A duration in whole seconds, such as `14 s`, `2 min 5 s` or `3 h 20 min`.
func wholeSeconds(_ seconds: Int64) -> String {
    if seconds < 60 { return "\(seconds) s" }
    if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
    return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
}

/// A number of bytes, such as `512 B` or `3.4 MB`.
func size(_ bytes: Int) -> String { Format.size(bytes) }
