// SPDX-License-Identifier: BSD-3-Clause

internal import CVTShipping
internal import VTLuaBridge
internal import VTSystem

/// Encoded items, and the strings and host objects that they refer to.
///
/// A shipment is immutable. Any thread may read it.
///
/// Unchecked: nothing changes after `init`, `free` is Sendable and called once, and the referenced
/// objects are Sendable.
public final class Shipment: @unchecked Sendable {
    let base: UnsafeMutableRawPointer?
    /// The number of bytes, without those of shared strings.
    public let count: Int
    private let free: @Sendable (UnsafeMutableRawPointer) -> Void
    let sharedStrings: [SharedString]
    let objects: [any ShippingReference]
    /// Shared memory that begins with the shared strings, one after another; -1: none.
    package let descriptor: Int32

    init(
        _ base: UnsafeMutableRawPointer?, count: Int, sharedStrings: [SharedString],
        objects: [any ShippingReference]
    ) {
        self.base = base
        self.count = count
        self.free = { VTSystem.free($0) }
        self.sharedStrings = sharedStrings
        self.objects = objects
        descriptor = -1
    }

    /// Creates a shipment with a copy of encoded bytes, which must not contain references.
    public init(copying bytes: UnsafeRawBufferPointer) {
        let copy = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 16)
        copy.copyMemory(from: bytes.baseAddress ?? UnsafeRawPointer(copy), byteCount: bytes.count)
        base = copy
        count = bytes.count
        free = { $0.deallocate() }
        sharedStrings = []
        objects = []
        descriptor = -1
    }

    /// Creates a shipment with a copy of bytes from another process, and with its shared strings.
    ///
    /// - Parameters:
    ///   - owner: keeps the memory of the shared strings.
    ///   - descriptor: that memory, if it can be passed on; the owner keeps it open.
    package init(
        copying bytes: UnsafeRawBufferPointer, sharedStrings: [UnsafeRawBufferPointer],
        owner: any Sendable, descriptor: Int32 = -1
    ) {
        self.descriptor = descriptor
        let copy = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 16)
        copy.copyMemory(from: bytes.baseAddress ?? UnsafeRawPointer(copy), byteCount: bytes.count)
        base = copy
        count = bytes.count
        free = { $0.deallocate() }
        self.sharedStrings = sharedStrings.compactMap { SharedString($0, owner: owner) }
        objects = []
    }

    /// Creates a shipment with a copy of items, and with the elements of the arrays that they refer to, each
    /// with the object that keeps them.
    package init(
        copying bytes: UnsafeRawBufferPointer,
        sharedStrings: [(bytes: UnsafeRawBufferPointer, owner: any Sendable)]
    ) {
        descriptor = -1
        let copy = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 16)
        copy.copyMemory(from: bytes.baseAddress ?? UnsafeRawPointer(copy), byteCount: bytes.count)
        base = copy
        count = bytes.count
        free = { $0.deallocate() }
        self.sharedStrings = sharedStrings.compactMap { SharedString($0.bytes, owner: $0.owner) }
        objects = []
    }

    /// A string that goes with the bytes of another process.
    package enum Attachment {
        /// Bytes that the owner of the shipment keeps.
        case bytes(UnsafeRawBufferPointer)
        /// Memory that both processes write.
        case memory(SharedMemoryBlock)
    }

    /// Creates a shipment with a copy of bytes from another process, and with its shared strings.
    ///
    /// - Parameter owner: keeps the memory of those that are bytes.
    package init(
        copying bytes: UnsafeRawBufferPointer, attachments: [Attachment], owner: any Sendable
    ) {
        descriptor = -1
        let copy = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 16)
        copy.copyMemory(from: bytes.baseAddress ?? UnsafeRawPointer(copy), byteCount: bytes.count)
        base = copy
        count = bytes.count
        free = { $0.deallocate() }
        sharedStrings = attachments.compactMap { attachment in
            switch attachment {
            case .bytes(let bytes): SharedString(bytes, owner: owner)
            case .memory(let memory): SharedString(memory)
            }
        }
        objects = []
    }

    /// The numbers of the shared strings whose bytes go to another process: all but shared memory.
    package var copiedStrings: [Int] {
        sharedStrings.indices.filter { sharedStrings[$0].descriptor < 0 }
    }

    /// The descriptor of the memory of a shared string, if other processes write it; otherwise -1.
    package func descriptor(ofSharedString number: Int) -> Int32 {
        sharedStrings[number].descriptor
    }

    /// The lengths of the shared strings in bytes.
    package var sharedStringLengths: [Int] {
        sharedStrings.map { vts_shared_string_length($0.string) }
    }

    /// The number of bytes, with those of shared strings.
    package var weight: Int {
        sharedStrings.isEmpty ? count : sharedStringLengths.reduce(count, +)
    }

    /// Copies a shared string to `place`, which must have room for it; false if it is gone.
    package func copySharedString(_ number: Int, to place: UnsafeMutableRawPointer) -> Bool {
        vts_shared_string_read(
            sharedStrings[number].string, place.assumingMemoryBound(to: CChar.self))
    }

    /// Creates a shipment that takes ownership of encoded bytes, which must not contain references.
    ///
    /// - Parameters:
    ///   - base: the first byte.
    ///   - count: the number of bytes.
    ///   - free: releases the bytes. It is called once with `base`, on any thread.
    public init(
        adopting base: UnsafeMutableRawPointer, count: Int,
        free: @escaping @Sendable (UnsafeMutableRawPointer) -> Void
    ) {
        self.base = base
        self.count = count
        self.free = free
        sharedStrings = []
        objects = []
        descriptor = -1
    }

    deinit {
        if let base { free(base) }
    }

    /// The elements of the arrays that the items refer to, which the shipment keeps.
    package var lentArrays: [UnsafeRawBufferPointer] {
        sharedStrings.map { string in
            UnsafeRawBufferPointer(
                start: vts_shared_string_bytes(string.string),
                count: vts_shared_string_length(string.string))
        }
    }

    /// True if the items of two shipments are equal. Memory that both refer to is not read.
    package func isEqual(to other: Shipment) -> Bool {
        guard count == other.count, sharedStrings.count == other.sharedStrings.count,
            objects.count == other.objects.count,
            zip(objects, other.objects).allSatisfy({ $0 === $1 }),
            zip(sharedStrings, other.sharedStrings).allSatisfy({
                vts_shared_string_equal($0.string, $1.string)
            })
        else { return false }
        guard let base, let otherBase = other.base else { return count == 0 }
        return memcmp(base, otherBase, count) == 0
    }

    /// True if the items refer to shared strings or host objects, so that the bytes alone are not
    /// sufficient.
    public var hasReferences: Bool { !sharedStrings.isEmpty || !objects.isEmpty }

    /// Calls `body` with the bytes, which are valid during the call only.
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }
}
