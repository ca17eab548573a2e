// SPDX-License-Identifier: BSD-3-Clause

internal import CVTShipping
public import VTLuaBridge

/// Writes Lua values as a sequence of CBOR items, straight from the Lua stack.
///
/// An encoder belongs to one Lua state, and to its thread.
///
/// ```swift
/// let encoder = ShippingEncoder(.functions)
/// try encoder.encode(lua, at: 1)
/// let shipment = encoder.ship()
/// ```
public final class ShippingEncoder {
    /// For the loop of C that encodes one result after another; see ``beginRun()``.
    package let encoder: OpaquePointer
    private let rules: ShippingRules
    private let lending: Lending

    public init(_ rules: ShippingRules = []) {
        self.rules = rules
        lending = Lending(objects: rules.contains(.references))
        let lender = vts_lender(
            context: Unmanaged.passUnretained(lending).toOpaque(),
            lend: { context, L, index, bytes, length in
                guard let context, let L, let bytes else { return -1 }
                let lending = Unmanaged<Lending>.fromOpaque(context).takeUnretainedValue()
                return lending.lend(Lua(L), at: Int(index), bytes, length)
            },
            refer: { context, L, index in
                guard let context, let L else { return -1 }
                let lending = Unmanaged<Lending>.fromOpaque(context).takeUnretainedValue()
                return lending.refer(Lua(L), at: Int(index))
            })
        guard let encoder = vts_encoder_new(rules.codec, lender) else {
            preconditionFailure("no memory for an encoder")
        }
        self.encoder = encoder
    }

    deinit {
        vts_encoder_free(encoder)
        lending.forget()
        lending.lender.retire()
    }

    /// Bytes since the last ``ship()``.
    public var count: Int {
        var count = 0
        _ = vts_encoded(encoder, &count)
        return count
    }

    /// Appends the value at `index` as one item.
    ///
    /// - Throws: ``ShippingRefusal``, or `LuaError` with code `memory` or `stackOverflow`.
    ///   Nothing of the item stays then.
    public func encode(_ lua: borrowing Lua, at index: Int) throws {
        if rules.lends { lending.begin(at: count) }
        let status = vts_encode(encoder, lua.L, Int32(index))
        if status != 0 { throw failure(status, lua) }
    }

    /// Appends one item: an array of the stack values from `first` on, with what is shared among
    /// them shared on the other side too.
    public func encode(_ lua: borrowing Lua, elementsFrom first: Int, count: Int) throws {
        if rules.lends { lending.begin(at: self.count) }
        let status = vts_encode_elements(encoder, lua.L, Int32(first), Int32(count))
        if status != 0 { throw failure(status, lua) }
    }

    /// Whether something since the last ``ship()`` goes by reference.
    package var refers: Bool { vts_encoder_refers(encoder) }

    /// Before C encodes several items by itself.
    package func beginRun() { if rules.lends { lending.begin(at: count) } }

    /// Why C's last item was not encoded.
    package func failure(_ status: Int32, _ lua: borrowing Lua) -> any Error {
        lending.truncate(to: count)
        if status == Int32(VTS_REFUSED) { return ShippingRefusal(of: encoder) }
        return lua.shippingFailure(status)
    }

    /// Takes back all items from `count` bytes on.
    public func truncate(to count: Int) {
        vts_encoder_truncate(encoder, count)
        lending.truncate(to: count)
    }

    /// Lends the bytes since the last ``ship()``.
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        var count = 0
        let bytes = vts_encoded(encoder, &count)
        return try body(UnsafeRawBufferPointer(start: bytes, count: count))
    }

    /// Takes all items, without a copy; the encoder begins anew.
    public func ship() -> Shipment {
        var count = 0
        let bytes = vts_encoder_take(encoder, &count)
        defer { lending.forget() }
        return Shipment(bytes, count: count, loans: lending.loans, objects: lending.objects)
    }

    /// Before the state closes: what others still hold by reference is copied for them.
    public func retire() {
        lending.forget()
        lending.lender.retire()
    }
}

@available(*, unavailable)
extension ShippingEncoder: Sendable {}

/// What goes by reference with the items of one encoder.
final class Lending {
    let lender = Lender()
    private let takesObjects: Bool
    private(set) var loans: [Loan] = []
    private(set) var objects: [any ShippingReference] = []
    /// What there was before an item that added to it.
    private var marks: [(offset: Int, loans: Int, objects: Int)] = []
    private var offset = 0

    init(objects: Bool) { takesObjects = objects }

    /// An item begins.
    func begin(at offset: Int) {
        self.offset = offset
        lender.drain()
    }

    private func mark() {
        if marks.last?.offset != offset {
            marks.append((offset, loans.count, objects.count))
        }
    }

    /// The number of the string, or -1: then it is copied.
    func lend(_ lua: borrowing Lua, at index: Int, _ bytes: UnsafePointer<CChar>, _ count: Int)
        -> Int64
    {
        guard let loan = lender.lend(lua, at: index, bytes, count) else { return -1 }
        mark()
        loans.append(loan)
        return Int64(loans.count - 1)
    }

    func refer(_ lua: borrowing Lua, at index: Int) -> Int64 {
        guard takesObjects, let object = lua.hostObject(at: index) as? any ShippingReference else {
            return -1
        }
        mark()
        objects.append(object)
        return Int64(objects.count - 1)
    }

    /// Items from `offset` on are gone.
    func truncate(to offset: Int) {
        while let last = marks.last, last.offset >= offset {
            loans.removeSubrange(last.loans...)
            objects.removeSubrange(last.objects...)
            marks.removeLast()
        }
    }

    func forget() {
        marks = []
        loans = []
        objects = []
    }
}

extension Lua {
    /// What a status of the codec stands for, but for a refusal and malformed bytes.
    func shippingFailure(_ status: Int32) -> any Error {
        switch Int(status) {
        case VTS_TOO_DEEP:
            return LuaError(.stackOverflow, "the value is nested too deeply")
        case VTS_NO_MEMORY: return LuaError(.memory, "not enough memory")
        default: break
        }
        do {
            try checkRun(status)
        } catch {
            return error
        }
        return LuaError(.runtime, "the codec gave no reason")
    }
}
