// SPDX-License-Identifier: BSD-3-Clause

package import CVTArrays

/// The memory of arrays, for the target that knows Lua.
extension AnyArray {
    /// An array of a view of a block. It becomes one of the block's owners.
    package init(sharing block: OpaquePointer, view: va_view) {
        var view = view
        let axes = Int(view.axes)
        func list(_ lengths: inout some Any) -> [Int] {
            withUnsafeBytes(of: &lengths) { bytes in
                (0..<axes).map { Int(bytes.load(fromByteOffset: $0 * 8, as: Int64.self)) }
            }
        }
        guard let dtype = DType(view.dtype) else { preconditionFailure("NDArray: no such dtype") }
        va_block_retain(block)
        let storage = ArrayStorage(owning: block)
        self.init(
            dtype: dtype, shape: list(&view.shape), strides: list(&view.strides), storage: storage,
            offset: UnsafeMutableRawPointer(view.data) - storage.data)
    }

    /// Calls `body` with the block and the view of the elements. Where axes are repeated, the elements
    /// are copied first, so that each has a place of its own.
    package func withBlock<Result, Failure: Error>(
        _ body: (OpaquePointer, UnsafePointer<va_view>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let isRepeated = zip(shape, strides).contains { $0 > 1 && $1 == 0 }
        let array = isRepeated ? compacted() : self
        var view = array.view
        defer { withExtendedLifetime(array) {} }
        return try body(array.storage.block, &view)
    }
}
