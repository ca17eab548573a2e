// SPDX-License-Identifier: BSD-3-Clause

import VTReport

/// `2026-11-24 16:40:03`, of the time zone that the machine is in.
func localTime(_ seconds: Double) -> String { Format.time(seconds) }

/// `1.2 s`, `56 ms`, `2 min 5 s`
func duration(_ seconds: Double) -> String { Format.duration(seconds) }

/// `14 s`, `2 min 5 s`, `3 h 20 min`
func wholeSeconds(_ seconds: Int64) -> String {
    if seconds < 60 { return "\(seconds) s" }
    if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
    return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
}

/// `512 B`, `3.4 MB`
func size(_ bytes: Int) -> String { Format.size(bytes) }
