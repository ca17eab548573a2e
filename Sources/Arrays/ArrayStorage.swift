// SPDX-License-Identifier: BSD-3-Clause

internal import CVTArrays

/// A reference to a block of memory, which arrays of Swift and of Lua states can share.
///
/// Sendable: the block counts its owners atomically, and memory that has more than one owner is not
/// written.
@usableFromInline
final class ArrayStorage: @unchecked Sendable {  // shared memory is not written
    let block: OpaquePointer
    @usableFromInline let data: UnsafeMutableRawPointer

    /// Takes over one reference of the caller.
    init(owning block: OpaquePointer) {
        self.block = block
        data = UnsafeMutableRawPointer(va_block_data(block))
    }

    /// A block of zeros, or one that the caller overwrites completely. Ends the program without memory,
    /// as Swift's own arrays do.
    convenience init(bytes: Int, zeros: Bool) {
        guard let block = zeros ? va_block_new(bytes) : va_block_new_unset(bytes) else {
            // Swift's own arrays end the program without memory, too.
            fatalError("NDArray: not enough memory for \(bytes) bytes")
        }
        self.init(owning: block)
    }

    deinit { va_block_release(block) }

    /// True if the memory has no other owner than this object.
    @usableFromInline var isOwn: Bool { va_block_is_own(block) }
}
