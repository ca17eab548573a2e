// SPDX-License-Identifier: BSD-3-Clause

internal import CVTArrays

/// Calls of the kernels of CArrays.
enum Kernels {
    /// The elementwise operation of arrays of one type, broadcast to each other. Each call of this makes
    /// a new array, unless `into` is given: an array of the common shape that nothing else uses.
    static func apply(
        _ operation: va_operation, _ inputs: [AnyArray], _ text: String, into: AnyArray? = nil
    ) throws(ArrayError) -> AnyArray {
        var shape = inputs[0].shape
        for input in inputs.dropFirst() {
            shape = try AnyArray.common(shape, input.shape, text)
        }
        let dtype = inputs[inputs.count - 1].dtype
        guard let type = DType(va_operation_result(operation, dtype.code)) else {
            throw ArrayError(.dtype, "\(text): not defined for \(dtype)")
        }
        let out = into ?? AnyArray(dtype: type, shape: shape, zeros: false)
        // Broadcasting has been checked; the product of two shapes may still be too large.
        let views = inputs.compactMap { $0.broadcast(to: shape)?.view }
        precondition(views.count == inputs.count, "NDArray: the shape has too many elements")
        var outView = out.view
        var detail = va_detail()
        let status = withExtendedLifetime((inputs, out.storage)) {
            views.withUnsafeBufferPointer { views in
                withUnsafeTemporaryAllocation(
                    of: UnsafePointer<va_view>?.self, capacity: views.count
                ) { pointers in
                    for index in views.indices {
                        pointers.initializeElement(
                            at: index, to: views.baseAddress.map { $0 + index })
                    }
                    return va_apply(operation, pointers.baseAddress, &outView, &detail)
                }
            }
        }
        guard status == VA_OK else { throw ArrayError(status, text, detail, shape, dtype) }
        return out
    }

    /// The reduction of one axis, or of all when `axis` is nil.
    static func reduce(
        _ reduction: va_reduction, _ array: AnyArray, axis: Int?, _ text: String,
        correction: Double = 0, skippingNaN: Bool = false
    ) throws(ArrayError) -> AnyArray {
        var shape: [Int] = []
        var options = va_reduction_options()
        options.skipnan = skippingNaN
        options.correction = correction
        if let axis {
            shape = array.shape
            shape.remove(at: axis)
            options.axes = 1 << UInt32(axis)
        } else {
            options.axes = 1 << UInt32(array.rank) - 1
        }
        guard let type = DType(va_reduction_result(reduction, array.dtype.code)) else {
            throw ArrayError(.dtype, "\(text): not defined for \(array.dtype)")
        }
        let out = AnyArray(dtype: type, shape: shape, zeros: false)
        var view = array.view
        var outView = out.view
        var detail = va_detail()
        let status = withExtendedLifetime((array.storage, out.storage)) {
            va_reduce(reduction, &view, &options, &outView, &detail)
        }
        guard status == VA_OK else { throw ArrayError(status, text, detail, shape, array.dtype) }
        return out
    }
}
