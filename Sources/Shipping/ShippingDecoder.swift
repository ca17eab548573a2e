// SPDX-License-Identifier: BSD-3-Clause

package import CVTShipping
public import VTLuaBridge

/// Reads Lua values from CBOR items, straight onto the Lua stack.
///
/// A decoder belongs to one Lua state, and to its thread. Bytes may be hostile: every length and
/// count is checked against what is left before memory is taken for it. Functions and definitions
/// of classes are taken only where code is trusted, for bytecode can crash the machine.
public final class ShippingDecoder {
    /// For the loop of C that decodes one argument after another.
    package let decoder: OpaquePointer

    /// - Parameters:
    ///   - trustsCode: whether functions and definitions of classes may come.
    ///   - requiresModules: whether a module that is named and not loaded is required; if not, it
    ///     is an error.
    public init(trustsCode: Bool, requiresModules: Bool = true) {
        guard let decoder = vts_decoder_new(trustsCode, requiresModules) else {
            preconditionFailure("no memory for a decoder")
        }
        self.decoder = decoder
    }

    deinit { vts_decoder_free(decoder) }

    /// Pushes the value that begins at `position` and moves position behind it.
    ///
    /// - Throws: ``ShippingError`` for malformed bytes; `LuaError`, or what a module that had to
    ///   be required threw. The stack and the position are as before then.
    public func decode(
        _ shipment: Shipment, at position: inout Int, _ lua: borrowing Lua
    ) throws {
        let bytes = UnsafeRawBufferPointer(start: shipment.base, count: shipment.count)
        guard shipment.hasReferences else { return try decode(bytes, at: &position, lua) }
        var references = vts_references(shipment)
        try check(
            vts_decode(decoder, lua.L, bytes.address, bytes.count, &position, &references), lua)
    }

    /// The item is an array: pushes its elements, nil too, and gives how many.
    public func decodeElements(
        _ shipment: Shipment, at position: inout Int, _ lua: borrowing Lua
    ) throws -> Int {
        let bytes = UnsafeRawBufferPointer(start: shipment.base, count: shipment.count)
        guard shipment.hasReferences else { return try decodeElements(bytes, at: &position, lua) }
        var references = vts_references(shipment)
        var count: Int32 = 0
        try check(
            vts_decode_elements(
                decoder, lua.L, bytes.address, bytes.count, &position, &references, &count), lua)
        return Int(count)
    }

    /// As for a shipment; bytes alone cannot hold references.
    public func decode(
        _ bytes: UnsafeRawBufferPointer, at position: inout Int, _ lua: borrowing Lua
    ) throws {
        try check(vts_decode(decoder, lua.L, bytes.address, bytes.count, &position, nil), lua)
    }

    /// As for a shipment; bytes alone cannot hold references.
    public func decodeElements(
        _ bytes: UnsafeRawBufferPointer, at position: inout Int, _ lua: borrowing Lua
    ) throws -> Int {
        var count: Int32 = 0
        try check(
            vts_decode_elements(
                decoder, lua.L, bytes.address, bytes.count, &position, nil, &count), lua)
        return Int(count)
    }

    /// Lends C what a shipment goes with; nil where that is nothing.
    package func withReferences<R>(
        of shipment: Shipment, _ body: (UnsafePointer<vts_references>?) -> R
    ) -> R {
        guard shipment.hasReferences else { return body(nil) }
        var references = vts_references(shipment)
        return body(&references)
    }

    private func check(_ status: Int32, _ lua: borrowing Lua) throws {
        if status == 0 { return }
        guard status == Int32(VTS_MALFORMED) else { throw lua.shippingFailure(status) }
        var position = 0
        let what = vts_malformation(decoder, &position).map { String(cString: $0) } ?? ""
        throw ShippingError(what, at: position)
    }
}

@available(*, unavailable)
extension ShippingDecoder: Sendable {}

extension UnsafeRawBufferPointer {
    fileprivate var address: UnsafePointer<UInt8>? {
        baseAddress?.assumingMemoryBound(to: UInt8.self)
    }
}

extension vts_references {
    /// What the shipment, which has to live as long, goes with.
    fileprivate init(_ shipment: Shipment) {
        self.init(
            context: Unmanaged.passUnretained(shipment).toOpaque(),
            lent: { context, number in
                guard let context else { return nil }
                let shipment = Unmanaged<Shipment>.fromOpaque(context).takeUnretainedValue()
                return number < shipment.loans.count ? shipment.loans[Int(number)].loan : nil
            },
            push: { context, L, number in
                guard let context, let L else { return -1 }
                let shipment = Unmanaged<Shipment>.fromOpaque(context).takeUnretainedValue()
                guard number < shipment.objects.count else { return -1 }
                let lua = Lua(L)
                do {
                    try lua.reserve(2)
                    try shipment.objects[Int(number)].push(onto: lua)
                    return 0
                } catch {
                    lua.pushError(error)
                    return 1
                }
            })
    }
}
