// SPDX-License-Identifier: BSD-3-Clause

internal import CVTShipping
public import VTLuaBridge

/// Encodes Lua values from the Lua stack as a sequence of CBOR items (RFC 8949).
///
/// An encoder belongs to one Lua state, and to its thread.
///
/// ```swift
/// let encoder = ShippingEncoder(.functions)
/// try encoder.encode(lua, at: 1)
/// let shipment = encoder.ship()
/// ```
public final class ShippingEncoder {
    /// The C encoder, for the loop that runs tasks; see ``beginRun()``.
    package let encoder: OpaquePointer
    private let rules: ShippingRules
    private let references: EncodedReferences

    /// Creates an encoder.
    ///
    /// - Parameter rules: the kinds of values to accept, and their form; data only by default.
    public init(_ rules: ShippingRules = []) {
        self.rules = rules
        references = EncodedReferences(allowsObjects: rules.contains(.references))
        let sink = vts_reference_sink(
            context: Unmanaged.passUnretained(references).toOpaque(),
            share: { context, L, index, bytes, length in
                guard let context, let L, let bytes else { return -1 }
                return Unmanaged<EncodedReferences>.fromOpaque(context).takeUnretainedValue()
                    .share(Lua(L), at: Int(index), bytes, length)
            },
            refer: { context, L, index in
                guard let context, let L else { return -1 }
                return Unmanaged<EncodedReferences>.fromOpaque(context).takeUnretainedValue()
                    .refer(Lua(L), at: Int(index))
            },
            lend: { context, bytes, length, block, release in
                guard let context, let bytes, let block, let release else { return -1 }
                let lent = UnsafeRawBufferPointer(start: bytes, count: length)
                return Unmanaged<EncodedReferences>.fromOpaque(context).takeUnretainedValue()
                    .lend(lent, LentBlock(block, release: release))
            })
        guard let encoder = vts_encoder_new(rules.codec, sink) else {
            preconditionFailure("no memory for an encoder")
        }
        self.encoder = encoder
    }

    deinit {
        vts_encoder_free(encoder)
        copyOutSharedStrings()
    }

    /// The largest length of each further item, in bytes; nil: no limit. A longer item is a
    /// ``ShippingLimit``, which is found without encoding the whole value.
    public var limit: Int? {
        didSet { vts_encoder_limit(encoder, limit ?? 0) }
    }

    /// Encodes the module of that name, and what it contains, by value in all further items.
    package func sendByValue(module: String) {
        var module = module
        let isKept = module.withUTF8 { name in
            name.withMemoryRebound(to: CChar.self) {
                vts_encoder_hide(encoder, $0.baseAddress, $0.count)
            }
        }
        precondition(isKept, "no memory for the name of a module")
    }

    /// Encodes these values by their numbers in all further items. They must stay alive.
    package func setRoots(_ roots: [ShippingRoot]) {
        let all = roots.map { vts_root(address: $0.address, number: UInt64($0.number)) }
        precondition(
            vts_encoder_roots(encoder, all, all.count), "no memory for the roots of a call")
    }

    /// The names of modules, also of those with a field, in the bytes since the last ``ship()``.
    package var mentionedModules: Set<String> {
        withBytes { bytes in
            var names: Set<String> = []
            var (position, length) = (0, 0)
            let base = bytes.bindMemory(to: UInt8.self).baseAddress
            while let name = vts_next_module(base, bytes.count, &position, &length) {
                names.insert(
                    String(
                        decoding: UnsafeRawBufferPointer(start: name, count: length),
                        as: UTF8.self))
            }
            return names
        }
    }

    /// The number of bytes since the last ``ship()``.
    public var count: Int {
        var count = 0
        _ = vts_encoded(encoder, &count)
        return count
    }

    /// Appends the value at `index` as one item.
    ///
    /// - Throws: ``ShippingRefusal``, or `LuaError` with code `memory` or `stackOverflow`. Nothing
    ///   is appended then.
    public func encode(_ lua: borrowing Lua, at index: Int) throws {
        if rules.mayRefer { references.begin(at: count) }
        let status = vts_encode(encoder, lua.L, Int32(index))
        if status != 0 { throw failure(status, lua) }
    }

    /// Appends one item: an array of the `count` stack values from `first` on.
    ///
    /// A table or function that occurs in several of them is decoded as one object.
    ///
    /// - Throws: ``ShippingRefusal``, or `LuaError` with code `memory` or `stackOverflow`. Nothing
    ///   is appended then.
    public func encode(_ lua: borrowing Lua, elementsFrom first: Int, count: Int) throws {
        if rules.mayRefer { references.begin(at: self.count) }
        let status = vts_encode_elements(encoder, lua.L, Int32(first), Int32(count))
        if status != 0 { throw failure(status, lua) }
    }

    /// The parts that were left out of the last item; nil if it is complete. See ``ShippingRules/partial``.
    public var omissions: ShippingRefusal? {
        let refusal = ShippingRefusal(of: encoder)
        return refusal.total > 0 ? refusal : nil
    }

    /// True if an item since the last ``ship()`` contains a reference.
    package var refers: Bool { vts_encoder_refers(encoder) }

    /// Must be called before C code encodes several items by itself.
    package func beginRun() { if rules.mayRefer { references.begin(at: count) } }

    /// The reason why the last item of C code was not encoded.
    package func failure(_ status: Int32, _ lua: borrowing Lua) -> any Error {
        references.truncate(to: count)
        if status == Int32(VTS_REFUSED) { return ShippingRefusal(of: encoder) }
        if status == Int32(VTS_TOO_LONG) { return ShippingLimit(limit: limit ?? 0) }
        return lua.shippingFailure(status)
    }

    /// Removes all items from the byte offset `count` on.
    public func truncate(to count: Int) {
        vts_encoder_truncate(encoder, count)
        references.truncate(to: count)
    }

    /// Calls `body` with the bytes since the last ``ship()``, which are valid during the call only.
    public func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        var count = 0
        let bytes = vts_encoded(encoder, &count)
        return try body(UnsafeRawBufferPointer(start: bytes, count: count))
    }

    /// Removes all items and returns them as a shipment, without a copy.
    public func ship() -> Shipment {
        var count = 0
        let bytes = vts_encoder_take(encoder, &count)
        defer { references.removeAll() }
        return Shipment(
            bytes, count: count, sharedStrings: references.strings, objects: references.objects)
    }

    /// Copies the strings that shipments still share with the Lua state.
    ///
    /// Must be called before the state is closed. Waits for readers that are copying.
    public func copyOutSharedStrings() {
        references.removeAll()
        references.owner.copyOut()
    }
}

@available(*, unavailable)
extension ShippingEncoder: Sendable {}

/// A table or function that the receiver has, under a number.
package struct ShippingRoot {
    /// The address that `lua_topointer` returns.
    package let address: UnsafeRawPointer
    package let number: Int

    package init(address: UnsafeRawPointer, number: Int) {
        self.address = address
        self.number = number
    }
}

/// The error of a value that takes more bytes than ``ShippingEncoder/limit``.
public struct ShippingLimit: Error, Sendable {
    /// The limit in bytes.
    public var limit: Int
}

/// The strings and objects that the items of one encoder refer to.
final class EncodedReferences {
    let owner = SharedStringOwner()
    private let allowsObjects: Bool
    private(set) var strings: [SharedString] = []
    private(set) var objects: [any ShippingReference] = []
    /// The numbers of strings and objects before each item that added some.
    private var marks: [(offset: Int, strings: Int, objects: Int)] = []
    private var offset = 0
    /// The numbers of blocks of shared memory among the strings. One that was removed may still be here.
    private var sharedMemory: [UnsafeMutableRawPointer: Int] = [:]

    init(allowsObjects: Bool) { self.allowsObjects = allowsObjects }

    /// Begins an item at this byte offset.
    func begin(at offset: Int) {
        self.offset = offset
        owner.drain()
    }

    private func mark() {
        if marks.last?.offset != offset {
            marks.append((offset, strings.count, objects.count))
        }
    }

    /// Returns the number of the string, or -1 to copy it instead.
    func share(_ lua: borrowing Lua, at index: Int, _ bytes: UnsafePointer<CChar>, _ count: Int)
        -> Int64
    {
        guard let string = owner.share(lua, at: index, bytes, count) else { return -1 }
        mark()
        strings.append(string)
        return Int64(strings.count - 1)
    }

    /// Returns the number of the bytes of an array, or -1 without memory: then the block stays the
    /// caller's.
    func lend(_ bytes: UnsafeRawBufferPointer, _ block: LentBlock) -> Int64 {
        let isShared = vts_block_descriptor(block.block) >= 0
        if isShared, let known = sharedMemory[block.block], known < strings.count,
            vts_shared_string_block(strings[known].string) == block.block
        {
            return Int64(known)
        }
        guard let string = SharedString(bytes, in: block) else {
            block.isKept = false
            return -1
        }
        mark()
        strings.append(string)
        if isShared { sharedMemory[block.block] = strings.count - 1 }
        return Int64(strings.count - 1)
    }

    /// Returns the number of the object, or -1 if it cannot be encoded.
    func refer(_ lua: borrowing Lua, at index: Int) -> Int64 {
        guard allowsObjects, let object = lua.hostObject(at: index) as? any ShippingReference
        else { return -1 }
        mark()
        objects.append(object)
        return Int64(objects.count - 1)
    }

    /// Removes the references of the items from the byte offset on.
    func truncate(to offset: Int) {
        while let last = marks.last, last.offset >= offset {
            strings.removeSubrange(last.strings...)
            objects.removeSubrange(last.objects...)
            marks.removeLast()
        }
    }

    func removeAll() {
        marks = []
        strings = []
        objects = []
        sharedMemory = [:]
    }
}

extension Lua {
    /// The error that a status of the codec means, except for refusals and malformed bytes.
    func shippingFailure(_ status: Int32) -> any Error {
        switch Int(status) {
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
