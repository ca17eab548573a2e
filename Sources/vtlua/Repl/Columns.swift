// SPDX-License-Identifier: BSD-3-Clause

extension Character {
    /// The columns that a terminal gives it.
    var columns: Int {
        if let value = asciiValue { return value < 32 || value == 127 ? 2 : 1 }
        var widest = 0
        for scalar in unicodeScalars { widest = Swift.max(widest, scalar.columns) }
        // A sign that is asked to be a picture.
        if unicodeScalars.contains("\u{FE0F}") { widest = 2 }
        return widest
    }

    /// As it can be shown: control characters as `^A`, a tab as spaces.
    var shown: String {
        guard let value = asciiValue, value < 32 || value == 127 else { return String(self) }
        if value == 9 { return "  " }
        return "^" + String(UnicodeScalar(value ^ 0x40))
    }
}

extension Unicode.Scalar {
    fileprivate var columns: Int {
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: break
        }
        return Self.wide.contains { $0.contains(value) } ? 2 : 1
    }

    /// East Asian letters and pictures.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x231A...0x231B, 0x23E9...0x23EC, 0x2614...0x2615, 0x26A1...0x26A1,
        0x2705...0x2705, 0x274C...0x274E, 0x2753...0x2757, 0x2B50...0x2B50, 0x2E80...0x303E,
        0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF, 0xA960...0xA97F,
        0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60, 0xFFE0...0xFFE6,
        0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x1FA70...0x1FAFF,
        0x20000...0x3FFFD,
    ]
}

extension String {
    var columns: Int { reduce(0) { $0 + $1.columns } }
}
