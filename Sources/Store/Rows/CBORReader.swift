// SPDX-License-Identifier: BSD-3-Clause

/// Reads items that ``CBORWriter`` wrote, from bytes that may be damaged.
struct CBORReader {
    private let bytes: [UInt8]
    private var position = 0

    /// The error of bytes that have another form.
    struct Malformed: Error {}

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private mutating func head() throws(Malformed) -> (major: UInt8, number: UInt64) {
        guard position < bytes.count else { throw Malformed() }
        let (major, info) = (bytes[position] >> 5, bytes[position] & 31)
        position += 1
        if info < 24 { return (major, UInt64(info)) }
        guard info < 28, case let length = 1 << Int(info - 24), bytes.count - position >= length
        else { throw Malformed() }
        var number: UInt64 = 0
        for byte in bytes[position..<(position + length)] { number = number << 8 | UInt64(byte) }
        position += length
        return (major, number)
    }

    /// Returns the number of items in the array that begins here, which fit into the bytes left.
    mutating func array() throws(Malformed) -> Int {
        let (major, number) = try head()
        guard major == 4, number <= UInt64(bytes.count - position) else { throw Malformed() }
        return Int(number)
    }

    /// Begins an array that has a fixed number of items, or more in a later version.
    mutating func array(of count: Int) throws(Malformed) -> Int {
        let found = try array()
        guard found >= count else { throw Malformed() }
        return found
    }

    mutating func integer() throws(Malformed) -> Int {
        let (major, number) = try head()
        guard major < 2, number <= UInt64(Int.max) else { throw Malformed() }
        return major == 0 ? Int(number) : ~Int(number)
    }

    /// Reads a time or a duration in seconds: a number that fits into an integer.
    mutating func seconds() throws(Malformed) -> Double {
        guard position < bytes.count, bytes[position] == 0xFB else { throw Malformed() }
        let number = Double(bitPattern: try head().number)
        guard number.magnitude < 1e15 else { throw Malformed() }
        return number
    }

    mutating func flag() throws(Malformed) -> Bool { try integer() == 1 }

    private mutating func content(_ majors: ClosedRange<UInt8>) throws(Malformed) -> ArraySlice<
        UInt8
    > {
        let (major, number) = try head()
        guard majors.contains(major), number <= UInt64(bytes.count - position) else {
            throw Malformed()
        }
        defer { position += Int(number) }
        return bytes[position..<(position + Int(number))]
    }

    mutating func text() throws(Malformed) -> String {
        String(decoding: try content(3...3), as: UTF8.self)
    }

    mutating func data() throws(Malformed) -> [UInt8] { Array(try content(2...2)) }

    /// Skips a null; returns false, and skips nothing, where another item begins.
    mutating func skipNull() -> Bool {
        guard position < bytes.count, bytes[position] == 0xF6 else { return false }
        position += 1
        return true
    }

    mutating func optionalText() throws(Malformed) -> String? { skipNull() ? nil : try text() }
    mutating func optionalInteger() throws(Malformed) -> Int? { skipNull() ? nil : try integer() }
    mutating func optionalData() throws(Malformed) -> [UInt8]? { skipNull() ? nil : try data() }
}
