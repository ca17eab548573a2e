// SPDX-License-Identifier: BSD-3-Clause

/// The text that a module has printed, as far as it is kept: all of up to 1 MiB; of a longer text the
/// beginning and the end, with a line between them that gives the number of bytes left out.
struct PrintedText {
    /// The largest number of bytes that are kept.
    static let limit = 1 << 20
    private static let half = limit / 2

    private var head: [UInt8] = []
    private var tail: [UInt8] = []
    private var count = 0

    /// Adds bytes.
    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        count += bytes.count
        let room = Self.half - head.count
        if room > 0 { head += UnsafeRawBufferPointer(rebasing: bytes.prefix(room)) }
        if bytes.count <= room { return }
        tail += UnsafeRawBufferPointer(rebasing: bytes.dropFirst(max(0, room)).suffix(Self.half))
        // Rarely, since this moves all bytes.
        if tail.count > Self.limit { tail.removeFirst(tail.count - Self.half) }
    }

    /// The bytes that are kept.
    var bytes: [UInt8] {
        if count <= Self.limit { return head + tail }
        let newline = UInt8(ascii: "\n")
        // Lines are kept whole unless they are too long.
        var end = head[...]
        if let last = end.suffix(4096).lastIndex(of: newline) { end = end[...last] }
        var start = tail.suffix(Self.half)
        if let first = start.prefix(4096).firstIndex(of: newline) { start = start[(first + 1)...] }
        let left = count - end.count - start.count
        let note = (end.last == newline ? "" : "\n") + "[... \(left) bytes left out ...]\n"
        return end + Array(note.utf8) + start
    }
}
