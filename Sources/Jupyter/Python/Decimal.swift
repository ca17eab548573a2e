// SPDX-License-Identifier: BSD-3-Clause

/// Integers of any size in decimal digits.
enum Decimal {
    /// The largest number of digits. Python converts as many by default.
    static let mostDigits = 4300
    static let mostBytes = 1785
    static let tooLong = "an integer of more than \(mostDigits) digits"

    /// Returns the digits without leading zeros; nil if the text is not an integer.
    static func canonical(_ text: String) -> String? {
        var digits = Substring(text)
        let isNegative = digits.first == "-"
        if isNegative || digits.first == "+" { digits.removeFirst() }
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        digits = digits.drop { $0 == "0" }
        if digits.isEmpty { return "0" }
        return isNegative ? "-\(digits)" : String(digits)
    }

    /// Converts an integer in two's complement to decimal digits.
    ///
    /// - Parameter bytes: little-endian, at most `mostBytes`.
    static func digits(ofTwosComplement bytes: UnsafeRawBufferPointer) -> String {
        let isNegative = bytes.last.map { $0 >= 0x80 } ?? false
        /// The digits in base 10⁹, little-endian.
        var parts: [UInt64] = [0]
        let base: UInt64 = 1_000_000_000
        // The absolute value of a negative number is its inverted bits plus one.
        for byte in bytes.reversed() {
            var carry = UInt64(isNegative ? ~byte : byte)
            for index in parts.indices {
                let sum = parts[index] << 8 + carry
                parts[index] = sum % base
                carry = sum / base
            }
            if carry > 0 { parts.append(carry) }
        }
        if isNegative {
            var index = 0
            while index < parts.count, parts[index] == base - 1 {
                parts[index] = 0
                index += 1
            }
            if index == parts.count { parts.append(1) } else { parts[index] += 1 }
        }
        var text = String(parts.removeLast())
        for part in parts.reversed() {
            let digits = String(part)
            text += String(repeating: "0", count: 9 - digits.count) + digits
        }
        return isNegative ? "-" + text : text
    }
}
