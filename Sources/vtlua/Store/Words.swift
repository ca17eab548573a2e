// SPDX-License-Identifier: BSD-3-Clause

import Glibc

/// `2026-11-24 16:40:03`, of the time zone that the machine is in.
func localTime(_ seconds: Double) -> String {
    var time = time_t(seconds)
    var parts = tm()
    localtime_r(&time, &parts)
    var text = [CChar](repeating: 0, count: 32)
    strftime(&text, text.count, "%Y-%m-%d %H:%M:%S", &parts)
    return text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
}

/// `1.234 s`, `56 ms`, `2 min 5 s`
func duration(_ seconds: Double) -> String {
    if seconds < 1 { return "\(Int((seconds * 1000).rounded())) ms" }
    if seconds < 60 { return "\((seconds * 10).rounded() / 10) s" }
    return "\(Int(seconds) / 60) min \(Int(seconds) % 60) s"
}

/// `14 s`, `2 min 5 s`, `3 h 20 min`
func wholeSeconds(_ seconds: Int64) -> String {
    if seconds < 60 { return "\(seconds) s" }
    if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
    return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
}

/// `512 B`, `3.4 MB`
func size(_ bytes: Int) -> String {
    if bytes < 1000 { return "\(bytes) B" }
    var value = Double(bytes) / 1000
    for unit in ["kB", "MB", "GB"] {
        if value < 1000 { return "\((value * 10).rounded() / 10) \(unit)" }
        value /= 1000
    }
    return "\((value * 10).rounded() / 10) TB"
}
