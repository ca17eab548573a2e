// SPDX-License-Identifier: BSD-3-Clause

/// Durations, sizes and counts as text for the terminal and for pages.
package enum Format {
    /// Returns a duration in a fitting unit: `1.2 s`, `56 ms`, `40 µs`, `2 min 5 s`.
    ///
    /// - Parameter seconds: `0 ms` where it is not above 0.
    package static func duration(_ seconds: Double) -> String {
        if seconds <= 0 { return "0 ms" }
        if seconds < 0.001 { return "\(max(1, Int((seconds * 1e6).rounded()))) \u{b5}s" }
        if seconds < 0.01 { return "\((seconds * 1e4).rounded() / 10) ms" }
        if seconds < 1 { return "\(Int((seconds * 1000).rounded())) ms" }
        if seconds < 60 { return "\((seconds * 10).rounded() / 10) s" }
        if seconds < 3600 { return "\(Int(seconds) / 60) min \(Int(seconds) % 60) s" }
        return "\(Int(seconds) / 3600) h \(Int(seconds) / 60 % 60) min"
    }

    /// Returns whole seconds in a fitting unit: `14 s`, `2 min 5 s`, `3 h 20 min`.
    package static func wholeSeconds(_ seconds: Int64) -> String {
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3600 { return "\(seconds / 60) min \(seconds % 60) s" }
        return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
    }

    /// Returns seconds as a plain number: `2`, `0.5`.
    package static func plainSeconds(_ seconds: Double) -> String {
        seconds == seconds.rounded() && abs(seconds) < 1e15 ? "\(Int(seconds))" : "\(seconds)"
    }

    /// Returns a number of bytes in a fitting unit of powers of 1000: `512 B`, `3.4 MB`.
    package static func size(_ bytes: Int) -> String {
        if bytes < 1000 { return "\(bytes) B" }
        var value = Double(bytes) / 1000
        for unit in ["kB", "MB", "GB"] {
            if value < 1000 { return "\((value * 10).rounded() / 10) \(unit)" }
            value /= 1000
        }
        return "\((value * 10).rounded() / 10) TB"
    }

    /// Returns the number of bytes in a text such as `2GiB` or `512 MiB`; nil for any other text.
    package static func bytes(in text: String) -> Int? {
        let units = ["": 0, "B": 0, "KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40]
        let digits = text.prefix { $0.isNumber || $0 == "." }
        let unit = text.dropFirst(digits.count).filter { $0 != " " }
        guard let number = Double(digits), number > 0, let shift = units[unit] else { return nil }
        return Int(exactly: (number * Double(1 << shift)).rounded())
    }

    /// Returns a number of bytes in a fitting unit of powers of 1024: `512 MiB`, `1.5 GiB`.
    package static func binarySize(_ bytes: Int) -> String {
        let units = ["B", "KiB", "MiB", "GiB", "TiB"]
        var (value, unit) = (Double(bytes), 0)
        while value >= 1024, unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
        return plainSeconds((value * 10).rounded() / 10) + " " + units[unit]
    }

    /// Returns a number with a comma between thousands: `12,345`.
    package static func count(_ number: Int) -> String {
        var text = ""
        for (offset, digit) in String(number).reversed().enumerated() {
            if offset > 0, offset % 3 == 0, digit != "-" { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }

    /// Returns a number and a noun in the fitting form: `1 task`, `1,200 tasks`.
    package static func count(_ number: Int, _ noun: String) -> String {
        "\(count(number)) \(noun)\(number == 1 ? "" : "s")"
    }
}
