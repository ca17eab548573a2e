// SPDX-License-Identifier: BSD-3-Clause

internal import CVTShipping
internal import VTLuaBridge
internal import VTSystem

/// A string that a shipment refers to instead of containing a copy.
///
/// Unchecked: the C object has a lock of its own, and the rest is constant.
final class SharedString: @unchecked Sendable {
    let string: OpaquePointer
    private let number: Int
    /// The owner of the bytes if they belong to a Lua state.
    private let stateOwner: SharedStringOwner?
    /// The owner of the bytes if they do not.
    private let owner: (any Sendable)?

    fileprivate init(_ string: OpaquePointer, number: Int, owner: SharedStringOwner) {
        self.string = string
        self.number = number
        stateOwner = owner
        self.owner = nil
    }

    private init?(
        bytes: UnsafeRawBufferPointer, block: UnsafeMutableRawPointer?, isForeign: Bool,
        owner: any Sendable
    ) {
        let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        guard let string = vts_shared_string_new(start, bytes.count) else { return nil }
        vts_shared_string_set_block(string, block, isForeign)
        self.string = string
        number = 0
        stateOwner = nil
        self.owner = owner
    }

    /// Bytes in memory that `owner` keeps; nil when there is no memory for the object itself. Arrays use
    /// the memory, where it is aligned to their elements.
    convenience init?(_ bytes: UnsafeRawBufferPointer, owner: any Sendable) {
        let block = LentBlock(wrapping: bytes, owner: owner)
        self.init(
            bytes: bytes, block: block?.block, isForeign: true,
            owner: block.map { $0 as any Sendable } ?? owner)
    }

    /// Bytes in a block of this process, or in shared memory.
    convenience init?(_ bytes: UnsafeRawBufferPointer, in block: LentBlock) {
        self.init(bytes: bytes, block: block.block, isForeign: false, owner: block)
    }

    /// All of a block of shared memory.
    convenience init?(_ memory: SharedMemoryBlock) {
        var length = 0
        let start = vts_block_bytes(memory.block.block, &length)
        self.init(UnsafeRawBufferPointer(start: start, count: length), in: memory.block)
    }

    /// The descriptor of the memory, if it is shared with other processes; otherwise -1.
    var descriptor: Int32 {
        guard let block = vts_shared_string_block(string) else { return -1 }
        return vts_block_descriptor(block)
    }

    /// Runs on the thread that held the shipment last.
    deinit {
        if let stateOwner {
            stateOwner.release(number, string)
        } else {
            vts_shared_string_free(string)
        }
    }
}

/// Keeps the strings of one Lua state that shipments refer to.
///
/// Unchecked: only the encoder uses `kept`, and it is confined to its state's thread. Other threads
/// only use `shared`, under its lock.
final class SharedStringOwner: @unchecked Sendable {
    private struct Shared {
        /// Strings that shipments refer to.
        var strings: [Int: OpaquePointer] = [:]
        /// Numbers of the strings that no shipment refers to any more.
        var released: [Int] = []
    }

    private let shared = Monitor(Shared())
    private var kept: [Int: LuaReference] = [:]
    private var next = 0

    /// Keeps the string at `index`; nil when there is no memory for it.
    func share(_ lua: borrowing Lua, at index: Int, _ bytes: UnsafePointer<CChar>, _ count: Int)
        -> SharedString?
    {
        guard let reference = try? lua.reference(at: index),
            let string = vts_shared_string_new(bytes, count)
        else { return nil }
        let number = next
        next += 1
        kept[number] = reference
        shared.withLock { $0.strings[number] = string }
        return SharedString(string, number: number, owner: self)
    }

    fileprivate func release(_ number: Int, _ string: OpaquePointer) {
        shared.withLock { shared in
            if shared.strings.removeValue(forKey: number) != nil {
                shared.released.append(number)
            }
        }
        vts_shared_string_free(string)
    }

    /// Releases the Lua strings that no shipment refers to any more.
    func drain() {
        if kept.isEmpty { return }
        let released = shared.withLock { shared in
            defer { shared.released = [] }
            return shared.released
        }
        for number in released { kept[number] = nil }
    }

    /// Copies the strings that shipments still refer to, so that the state may be closed. Waits for
    /// readers that are copying; strings that are released meanwhile wait for this.
    func copyOut() {
        shared.withLock { shared in
            for string in shared.strings.values { _ = vts_shared_string_copy_out(string) }
            shared = Shared()
        }
        kept = [:]
    }
}

/// The block of an array whose bytes a shipment refers to.
///
/// Nothing writes to a block while it has several owners, or synchronizes writes to shared memory, so any
/// thread may read it. `isKept` is set before another thread gets the object.
final class LentBlock: @unchecked Sendable {
    let block: UnsafeMutableRawPointer
    private let release: @convention(c) (UnsafeMutableRawPointer?) -> Void
    /// False if the block belongs to another owner after all.
    var isKept = true

    init(
        _ block: UnsafeMutableRawPointer,
        release: @escaping @convention(c) (UnsafeMutableRawPointer?) -> Void
    ) {
        self.block = block
        self.release = release
    }

    /// A block over bytes in memory that `owner` keeps; nil where they are not aligned, or without memory.
    convenience init?(wrapping bytes: UnsafeRawBufferPointer, owner: any Sendable) {
        guard let start = bytes.baseAddress, UInt(bitPattern: start) % 16 == 0 else { return nil }
        let kept = Unmanaged.passRetained(Kept(owner))
        let block = vts_block_wrap(
            UnsafeMutableRawPointer(mutating: start), bytes.count,
            { context in
                if let context { Unmanaged<Kept>.fromOpaque(context).release() }
            }, kept.toOpaque())
        guard let block else {
            kept.release()
            return nil
        }
        self.init(block, release: { vts_block_release($0) })
    }

    /// Keeps an owner of memory.
    private final class Kept: Sendable {
        let owner: any Sendable
        init(_ owner: any Sendable) { self.owner = owner }
    }

    deinit {
        if isKept { release(block) }
    }
}

/// Memory that this process shares with others, as it arrived from one of them.
package struct SharedMemoryBlock: Sendable {
    let block: LentBlock

    /// Takes over the descriptor; nil if the memory cannot be mapped.
    package init?(descriptor: Int32) {
        guard let block = vts_block_open(descriptor) else { return nil }
        self.block = LentBlock(block, release: { vts_block_release($0) })
    }
}
