// SPDX-License-Identifier: BSD-3-Clause

internal import CVTShipping
internal import Glibc
internal import VTLuaBridge

/// Bytes on their way, and what goes with them by reference. Immutable; any thread may read it.
///
/// Unchecked: nothing changes after `init`, `free` is Sendable and called once, and what goes by
/// reference is Sendable itself.
public final class Shipment: @unchecked Sendable {
    let base: UnsafeMutableRawPointer?
    /// How many bytes there are.
    public let count: Int
    private let free: @Sendable (UnsafeMutableRawPointer) -> Void
    let loans: [Loan]
    let objects: [any ShippingReference]
    /// Shared memory that begins with the strings that go with it, one after another; -1: none.
    package let descriptor: Int32

    init(
        _ base: UnsafeMutableRawPointer?, count: Int, loans: [Loan],
        objects: [any ShippingReference]
    ) {
        self.base = base
        self.count = count
        self.free = { Glibc.free($0) }
        self.loans = loans
        self.objects = objects
        descriptor = -1
    }

    /// Copies bytes that came from elsewhere.
    public init(copying bytes: UnsafeRawBufferPointer) {
        let copy = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 16)
        copy.copyMemory(from: bytes.baseAddress ?? UnsafeRawPointer(copy), byteCount: bytes.count)
        base = copy
        count = bytes.count
        free = { $0.deallocate() }
        loans = []
        objects = []
        descriptor = -1
    }

    /// Copies bytes that came from another process, with the strings that go with them.
    ///
    /// - Parameters:
    ///   - owner: keeps the memory that those are in.
    ///   - descriptor: that memory, if it can be handed on; the owner keeps it open.
    package init(
        copying bytes: UnsafeRawBufferPointer, loans: [UnsafeRawBufferPointer],
        owner: any Sendable, descriptor: Int32 = -1
    ) {
        self.descriptor = descriptor
        let copy = UnsafeMutableRawPointer.allocate(byteCount: bytes.count, alignment: 16)
        copy.copyMemory(from: bytes.baseAddress ?? UnsafeRawPointer(copy), byteCount: bytes.count)
        base = copy
        count = bytes.count
        free = { $0.deallocate() }
        self.loans = loans.compactMap { Loan($0, owner: owner) }
        objects = []
    }

    /// How long the strings are that go with it.
    package var loanLengths: [Int] { loans.map { vts_loan_length($0.loan) } }

    /// Bytes, with those of the strings that go with it.
    package var weight: Int { loans.isEmpty ? count : loanLengths.reduce(count, +) }

    /// Copies a string that goes with it to where there is room; false when it is gone.
    package func copyLoan(_ number: Int, to place: UnsafeMutableRawPointer) -> Bool {
        vts_loan_copy(loans[number].loan, place.assumingMemoryBound(to: CChar.self))
    }

    /// Takes bytes over; `free` is called with `base` at the end, on any thread.
    public init(
        adopting base: UnsafeMutableRawPointer, count: Int,
        free: @escaping @Sendable (UnsafeMutableRawPointer) -> Void
    ) {
        self.base = base
        self.count = count
        self.free = free
        loans = []
        objects = []
        descriptor = -1
    }

    deinit {
        if let base { free(base) }
    }

    /// Whether something goes by reference: the bytes alone would not do.
    public var hasReferences: Bool { !loans.isEmpty || !objects.isEmpty }

    /// Lends the bytes.
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try body(UnsafeRawBufferPointer(start: base, count: count))
    }
}
