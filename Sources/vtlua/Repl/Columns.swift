// SPDX-License-Identifier: BSD-3-Clause

import VTSystem
extension Character {
    /// The number of columns that it takes on a terminal.
    var columns: Int {
        if let value = asciiValue { return value < 32 || value == 127 ? 2 : 1 }
        var widest = 0
        for scalar in unicodeScalars { widest = Swift.max(widest, scalar.columns) }
        // A character with an emoji variation selector.
        if unicodeScalars.contains("\u{FE0F}") { return 2 }
        // Regional indicators: a flag consists of two.
        if let first = unicodeScalars.first, ("\u{1F1E6}"..."\u{1F1FF}").contains(first) {
            return 2
        }
        return widest
    }

    /// Its printable form: control characters as `^A`, a tab as spaces.
    var shown: String {
        // Some terminals interpret C1 control characters.
        if let scalar = unicodeScalars.first, (0x80...0x9F).contains(scalar.value) {
            return "\u{FFFD}"
        }
        if unicodeScalars.contains(where: \.isByte) { return "\u{FFFD}" }
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

    /// Wide characters according to Unicode: East Asian characters and emoji.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x23F0...0x23F0,
        0x23F3...0x23F3, 0x25FD...0x25FE, 0x2614...0x2615, 0x2648...0x2653, 0x267F...0x267F,
        0x2693...0x2693, 0x26A1...0x26A1, 0x26AA...0x26AB, 0x26BD...0x26BE, 0x26C4...0x26C5,
        0x26CE...0x26CE, 0x26D4...0x26D4, 0x26EA...0x26EA, 0x26F2...0x26F3, 0x26F5...0x26F5,
        0x26FA...0x26FA, 0x26FD...0x26FD, 0x2705...0x2705, 0x270A...0x270B, 0x2728...0x2728,
        0x274C...0x274C, 0x274E...0x274E, 0x2753...0x2755, 0x2757...0x2757, 0x2795...0x2797,
        0x27B0...0x27B0, 0x27BF...0x27BF, 0x2B1B...0x2B1C, 0x2B50...0x2B50, 0x2B55...0x2B55,
        0x2E80...0x303E, 0x3041...0x3247, 0x3250...0x4DBF, 0x4E00...0xA4C6, 0xA960...0xA97C,
        0xAC00...0xD7A3, 0xF900...0xFAD9, 0xFE10...0xFE19, 0xFE30...0xFE6B, 0xFF01...0xFF60,
        0xFFE0...0xFFE6, 0x16FE0...0x1B2FB, 0x1F004...0x1F004, 0x1F0CF...0x1F0CF, 0x1F18E...0x1F18E,
        0x1F191...0x1F19A, 0x1F200...0x1F320, 0x1F32D...0x1F335, 0x1F337...0x1F37C,
        0x1F37E...0x1F393, 0x1F3A0...0x1F3CA, 0x1F3CF...0x1F3D3, 0x1F3E0...0x1F3F0,
        0x1F3F4...0x1F3F4, 0x1F3F8...0x1F43E, 0x1F440...0x1F440, 0x1F442...0x1F4FC,
        0x1F4FF...0x1F53D, 0x1F54B...0x1F54E, 0x1F550...0x1F567, 0x1F57A...0x1F57A,
        0x1F595...0x1F596, 0x1F5A4...0x1F5A4, 0x1F5FB...0x1F64F, 0x1F680...0x1F6C5,
        0x1F6CC...0x1F6CC, 0x1F6D0...0x1F6D2, 0x1F6D5...0x1F6DF, 0x1F6EB...0x1F6EC,
        0x1F6F4...0x1F6FC, 0x1F7E0...0x1F7F0, 0x1F90C...0x1F93A, 0x1F93C...0x1F945,
        0x1F947...0x1F9FF, 0x1FA70...0x1FAF6, 0x20000...0x3FFFD,
    ]
}

extension String {
    var columns: Int { reduce(0) { $0 + $1.columns } }

    /// Its printable form.
    var shown: String { reduce(into: "") { $0 += $1.shown } }

    /// The longest prefix that fits into the columns.
    func fitting(columns most: Int) -> String {
        var left = most
        return String(
            prefix { letter in
                left -= letter.columns
                return left >= 0
            })
    }
}
