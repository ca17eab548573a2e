// SPDX-License-Identifier: BSD-3-Clause

package import CVTShipping
public import VTLuaBridge

/// Decodes CBOR items (RFC 8949) onto the Lua stack.
///
/// A decoder belongs to one Lua state, and to its thread. The bytes may come from an untrusted
/// source: every length and count is checked against the bytes that are left before memory is
/// allocated for it. Functions and class definitions are accepted only with `trustsCode`, because
/// malformed bytecode can crash the process.
///
/// ```swift
/// let decoder = ShippingDecoder(trustsCode: false)
/// var position = 0
/// try decoder.decode(shipment, at: &position, lua)
/// ```
public final class ShippingDecoder {
    /// The C decoder, for the loop that runs tasks.
    package let decoder: OpaquePointer

    /// Creates a decoder.
    ///
    /// - Parameters:
    ///   - trustsCode: whether to accept functions and class definitions.
    ///   - requiresModules: whether to load a named module by `require` if it is not loaded. If
    ///     false, such a name is an error. If both are false, only data is accepted: a name must not
    ///     be that of a function or a standard library.
    public init(trustsCode: Bool, requiresModules: Bool = true) {
        guard let decoder = vts_decoder_new(trustsCode, requiresModules) else {
            preconditionFailure("no memory for a decoder")
        }
        self.decoder = decoder
    }

    /// Creates a decoder for a program that only shows values: it accepts data, looks up no module
    /// and no class, and runs no code.
    ///
    /// A value that was encoded by name becomes a userdata, and an object a table with a metatable
    /// of its own. The metatables have the name as `__name`, which `tostring` shows.
    public static func describing() -> ShippingDecoder {
        let decoder = ShippingDecoder(trustsCode: false, requiresModules: false)
        vts_decoder_describe(decoder.decoder)
        return decoder
    }

    /// Creates a decoder for values of ``ShippingRules/partial``. What this state does not have is left
    /// out: see ``missing``.
    ///
    /// - Parameter trustsCode: whether to accept functions and class definitions, and to load named
    ///   modules by `require`.
    public static func partial(trustsCode: Bool) -> ShippingDecoder {
        let decoder = ShippingDecoder(trustsCode: trustsCode, requiresModules: trustsCode)
        vts_decoder_be_partial(decoder.decoder)
        return decoder
    }

    /// Looks up values that were encoded by their numbers in the table `roots`; nil: there are none. The
    /// caller keeps the reference.
    package func setRoots(_ roots: LuaReference?, _ lua: borrowing Lua) throws(LuaError) {
        let none: Int32 = -2  // LUA_NOREF
        if let roots {
            vts_decoder_roots(decoder, try lua.registryPosition(of: roots))
        } else {
            vts_decoder_roots(decoder, none)
        }
    }

    /// The first reason why the last value is not complete, such as "class 'Point' is not registered
    /// here"; nil if it is. Only a decoder of ``partial(trustsCode:)`` leaves something out.
    public var missing: String? {
        let text = vts_missing(decoder).map { String(cString: $0) } ?? ""
        return text.isEmpty ? nil : text
    }

    deinit { vts_decoder_free(decoder) }

    /// Pushes the value that begins at `position`, and moves the position past it.
    ///
    /// - Throws: ``ShippingError`` for malformed bytes; `LuaError`; or the error of a module that
    ///   was required. The stack and the position are unchanged then.
    public func decode(
        _ shipment: Shipment, at position: inout Int, _ lua: borrowing Lua
    ) throws {
        let bytes = UnsafeRawBufferPointer(start: shipment.base, count: shipment.count)
        guard shipment.hasReferences else { return try decode(bytes, at: &position, lua) }
        var references = vts_references(shipment)
        try check(
            vts_decode(decoder, lua.L, bytes.address, bytes.count, &position, &references), lua)
    }

    /// Pushes the elements of the array that begins at `position`, including nil, and moves the
    /// position past it.
    ///
    /// - Returns: The number of elements.
    /// - Throws: As ``decode(_:at:_:)-(Shipment,_,_)``.
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

    /// Pushes the value that begins at `position`, and moves the position past it. References are
    /// malformed, because bytes alone cannot resolve them.
    ///
    /// - Throws: As ``decode(_:at:_:)-(Shipment,_,_)``.
    public func decode(
        _ bytes: UnsafeRawBufferPointer, at position: inout Int, _ lua: borrowing Lua
    ) throws {
        try check(vts_decode(decoder, lua.L, bytes.address, bytes.count, &position, nil), lua)
    }

    /// Pushes the elements of the array that begins at `position`, including nil, and moves the
    /// position past it. References are malformed.
    ///
    /// - Returns: The number of elements.
    /// - Throws: As ``decode(_:at:_:)-(Shipment,_,_)``.
    public func decodeElements(
        _ bytes: UnsafeRawBufferPointer, at position: inout Int, _ lua: borrowing Lua
    ) throws -> Int {
        var count: Int32 = 0
        try check(
            vts_decode_elements(
                decoder, lua.L, bytes.address, bytes.count, &position, nil, &count), lua)
        return Int(count)
    }

    /// Calls `body` with the references of a shipment for the C decoder; nil if it has none.
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
    /// The references of a shipment, which must outlive them.
    fileprivate init(_ shipment: Shipment) {
        self.init(
            context: Unmanaged.passUnretained(shipment).toOpaque(),
            string: { context, number in
                guard let context else { return nil }
                let shipment = Unmanaged<Shipment>.fromOpaque(context).takeUnretainedValue()
                guard number < shipment.sharedStrings.count else { return nil }
                return shipment.sharedStrings[Int(number)].string
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
