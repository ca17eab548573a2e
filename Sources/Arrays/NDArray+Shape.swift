// SPDX-License-Identifier: BSD-3-Clause

internal import CVTArrays

/// Views: arrays with other axes over the same memory, which is copied when one of them is changed.
extension NDArray {
    private func with(_ shape: [Int], _ strides: [Int], offset: Int = 0) -> NDArray {
        NDArray(
            unchecked: AnyArray(
                dtype: untyped.dtype, shape: shape, strides: strides, storage: untyped.storage,
                offset: untyped.offset + offset))
    }

    /// Throws if the array has no such axis.
    func check(axis: Int, _ operation: String) throws(ArrayError) {
        guard shape.indices.contains(axis) else {
            throw ArrayError(
                .axis,
                "\(operation): there is no axis \(axis) in an array of shape "
                    + ArrayError.text(shape) + "; axes count from 0")
        }
    }

    /// The elements, in row-major order, in another shape.
    ///
    /// - Throws: ``ArrayError`` with code `shape` if it has more or fewer elements.
    public func reshaped(to shape: [Int]) throws(ArrayError) -> NDArray {
        try Self.check(shape, count, "reshaped")
        let array = untyped.compacted()
        return NDArray(
            unchecked: AnyArray(
                dtype: array.dtype, shape: shape,
                strides: AnyArray.rowMajor(shape, array.dtype.size), storage: array.storage,
                offset: array.offset))
    }

    /// The array with its axes in the opposite order: of two axes, rows become columns.
    public func transposed() -> NDArray { with(shape.reversed(), untyped.strides.reversed()) }

    /// The array with its axes in another order.
    ///
    /// - Parameter axes: each axis once.
    /// - Throws: ``ArrayError`` with code `axis`.
    public func permuted(axes: [Int]) throws(ArrayError) -> NDArray {
        guard axes.sorted() == Array(shape.indices) else {
            throw ArrayError(
                .axis,
                "permuted: \(ArrayError.text(axes)) does not have each axis of an array of shape "
                    + "\(ArrayError.text(shape)) once")
        }
        return with(axes.map { shape[$0] }, axes.map { untyped.strides[$0] })
    }

    /// The elements at one index of an axis, without that axis: `a.row(2)` is the third row.
    ///
    /// - Throws: ``ArrayError`` with code `axis` if there is no such axis or index.
    public func row(_ index: Int, axis: Int = 0) throws(ArrayError) -> NDArray {
        let slice = try slice(index..<index + 1, axis: axis, "row", "index \(index) is")
        var shape = shape
        var strides = untyped.strides
        shape.remove(at: axis)
        strides.remove(at: axis)
        return with(shape, strides, offset: slice.untyped.offset - untyped.offset)
    }

    /// The elements at a range of indices of an axis: `a.slice(0..<2)` has the first two rows.
    ///
    /// - Throws: ``ArrayError`` with code `axis` if there is no such axis or index.
    public func slice(_ range: Range<Int>, axis: Int = 0) throws(ArrayError) -> NDArray {
        try slice(range, axis: axis, "slice", "the range \(range) is")
    }

    private func slice(
        _ range: Range<Int>, axis: Int, _ operation: String, _ what: String
    ) throws(ArrayError) -> NDArray {
        try check(axis: axis, operation)
        guard range.lowerBound >= 0 && range.upperBound <= shape[axis] else {
            throw ArrayError(
                .axis,
                "\(operation): \(what) out of bounds for axis \(axis) of length \(shape[axis]), "
                    + "shape \(ArrayError.text(shape))")
        }
        var shape = shape
        shape[axis] = range.count
        // A view of no elements begins at the beginning, which is in the block.
        let first = shape.contains(0) ? 0 : range.lowerBound
        return with(shape, untyped.strides, offset: first * untyped.strides[axis])
    }

    /// The array repeated along new axes at the front, and along axes of length 1.
    ///
    /// - Throws: ``ArrayError`` with code `shape` if an axis has another length.
    public func broadcast(to shape: [Int]) throws(ArrayError) -> NDArray {
        guard let view = untyped.broadcast(to: shape) else {
            throw ArrayError(
                .shape,
                "broadcast: shape \(ArrayError.text(self.shape)) does not fit "
                    + ArrayError.text(shape))
        }
        return NDArray(unchecked: view)
    }
}

extension AnyArray {
    /// The view of another shape; nil if it does not fit.
    func broadcast(to shape: [Int]) -> AnyArray? {
        if shape == self.shape { return self }
        let new = shape.count - rank
        guard new >= 0, shape.count <= Self.greatestRank, shape.allSatisfy({ $0 >= 0 }) else {
            return nil
        }
        var strides = [Int](repeating: 0, count: shape.count)
        for axis in self.shape.indices {
            if self.shape[axis] == shape[new + axis] {
                strides[new + axis] = self.strides[axis]
            } else if self.shape[axis] != 1 {
                return nil
            }
        }
        var elements = 1
        for length in shape {
            let (product, overflow) = elements.multipliedReportingOverflow(by: max(length, 1))
            guard !overflow else { return nil }
            elements = product
        }
        guard elements <= Int.max / dtype.size else { return nil }
        return AnyArray(
            dtype: dtype, shape: shape, strides: strides, storage: storage, offset: offset)
    }

    /// The shape to which both arrays are broadcast.
    ///
    /// - Throws: ``ArrayError`` with code `shape`, beginning with `operation`, such as "a + b".
    static func common(
        _ a: [Int], _ b: [Int], _ operation: String
    ) throws(ArrayError) -> [Int] {
        if a == b { return a }
        var shape = [Int](repeating: 1, count: max(a.count, b.count))
        for axis in shape.indices {
            let first = axis - (shape.count - a.count)
            let second = axis - (shape.count - b.count)
            let x = first >= 0 ? a[first] : 1
            let y = second >= 0 ? b[second] : 1
            guard x == y || x == 1 || y == 1 else {
                throw ArrayError(
                    .shape,
                    "\(operation): shapes \(ArrayError.text(a)) and \(ArrayError.text(b)) do not "
                        + "fit: axis \(axis) is \(x) and \(y)" + Self.hint(a, b))
            }
            shape[axis] = x == 1 ? y : x
        }
        return shape
    }

    /// The remedy when a shorter shape equals the leading axes of the other.
    private static func hint(_ a: [Int], _ b: [Int]) -> String {
        let (short, long, name) = a.count < b.count ? (a, b, "a") : (b, a, "b")
        guard !short.isEmpty, short.count < long.count, long.starts(with: short) else { return "" }
        let ones = [Int](repeating: 1, count: long.count - short.count)
        return ". To repeat \(name) along the last axes: \(name).reshaped(to: \(short + ones))"
    }
}
