// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import Testing

@testable import VTParallel

/// Memory that two processes map, and descriptors that are used again.
@Suite struct SegmentTests {
    private static func filled(
        _ segments: inout Segments, with byte: UInt8
    ) throws -> Segment {
        let bytes = Array(repeating: byte, count: Segment.smallest)
        return try #require(bytes.withUnsafeBytes { segments.fill($0) })
    }

    /// A reader of an earlier content, which was given up, comes to its end late.
    @Test func lateRelease() throws {
        var segments = Segments()
        let first = try Self.filled(&segments, with: 1)
        var late = Memory(first.descriptor, count: Segment.smallest)
        #expect(withExtendedLifetime(late) { late?.bytes.first } == 1)
        first.giveBack()
        let second = try Self.filled(&segments, with: 2)
        #expect(second === first)
        late = nil
        #expect(!second.isFree)
        var reader = Memory(second.descriptor, count: Segment.smallest)
        #expect(withExtendedLifetime(reader) { reader?.bytes.first } == 2)
        reader = nil
        #expect(second.isFree)
    }

    /// The descriptor of memory that was closed has other memory.
    @Test func anotherContent() throws {
        var segments = Segments()
        let segment = try Self.filled(&segments, with: 1)
        /// The first byte of the content with a number; nil where it is another one.
        func first(_ number: Int) -> UInt8? {
            let memory = Memory(segment.descriptor, count: Segment.smallest, number: number)
            return withExtendedLifetime(memory) { memory?.bytes.first }
        }
        #expect(first(segment.number + 1) == nil)
        #expect(!segment.isFree)
        #expect(first(segment.number) == 1)
        #expect(segment.isFree)
        // It was read: its owner may use the memory for something else.
        #expect(first(segment.number) == nil)
    }
}
