// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc

/// The formats of times, sizes and numbers in texts.
package enum Format {
    /// Formats a time in the machine's time zone: `2026-11-24 16:40:03`
    package static func time(_ seconds: Double) -> String {
        var time = time_t(seconds)
        var parts = tm()
        localtime_r(&time, &parts)
        var text = [CChar](repeating: 0, count: 32)
        strftime(&text, text.count, "%Y-%m-%d %H:%M:%S", &parts)
        return String(
            decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Formats a duration: `1.2 s`, `56 ms`, `40 µs`, `2 min 5 s`
    package static func duration(_ seconds: Double) -> String {
        if seconds <= 0 { return "0 ms" }
        if seconds < 0.001 { return "\(max(1, Int((seconds * 1e6).rounded()))) \u{b5}s" }
        if seconds < 0.01 { return "\((seconds * 1e4).rounded() / 10) ms" }
        if seconds < 1 { return "\(Int((seconds * 1000).rounded())) ms" }
        if seconds < 60 { return "\((seconds * 10).rounded() / 10) s" }
        if seconds < 3600 { return "\(Int(seconds) / 60) min \(Int(seconds) % 60) s" }
        return "\(Int(seconds) / 3600) h \(Int(seconds) / 60 % 60) min"
    }

    /// Formats a size: `512 B`, `3.4 MB`
    package static func size(_ bytes: Int) -> String {
        if bytes < 1000 { return "\(bytes) B" }
        var value = Double(bytes) / 1000
        for unit in ["kB", "MB", "GB"] {
            if value < 1000 { return "\((value * 10).rounded() / 10) \(unit)" }
            value /= 1000
        }
        return "\((value * 10).rounded() / 10) TB"
    }

    /// Formats a number: `12,345`
    package static func count(_ number: Int) -> String {
        var text = ""
        for (offset, digit) in String(number).reversed().enumerated() {
            if offset > 0, offset % 3 == 0, digit != "-" { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }

    /// Formats a number with a noun: `1 task`, `1,200 tasks`
    package static func count(_ number: Int, _ noun: String) -> String {
        "\(count(number)) \(noun)\(number == 1 ? "" : "s")"
    }
}
