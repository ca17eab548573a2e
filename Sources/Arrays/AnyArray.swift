// SPDX-License-Identifier: BSD-3-Clause

internal import CVTArrays

/// An array whose type of elements is known at run time: what Lua has.
///
/// A value: a copy is independent of the original. Copies share memory until one of them is changed.
public struct AnyArray: Sendable {
    /// The largest number of axes.
    public static let greatestRank = Int(VA_MAX_AXES)

    /// The type of the elements.
    public let dtype: DType
    /// The length of each axis.
    public let shape: [Int]
    /// The distance of neighbours on each axis, in bytes.
    @usableFromInline let strides: [Int]
    @usableFromInline var storage: ArrayStorage
    /// The first element, in bytes from the beginning of the block.
    @usableFromInline let offset: Int
    /// True if the elements lie one after another in row-major order.
    @usableFromInline let isContiguous: Bool

    /// The number of axes.
    public var rank: Int { shape.count }
    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }

    /// A view of a block.
    init(dtype: DType, shape: [Int], strides: [Int], storage: ArrayStorage, offset: Int) {
        self.dtype = dtype
        self.shape = shape
        self.strides = strides
        self.storage = storage
        self.offset = offset
        isContiguous =
            shape.contains(0)
            || zip(shape, zip(strides, Self.rowMajor(shape, dtype.size)))
                .allSatisfy { $0 == 1 || $1.0 == $1.1 }
    }

    /// An array in row-major order over the beginning of a block.
    init(dtype: DType, shape: [Int], storage: ArrayStorage) {
        self.init(
            dtype: dtype, shape: shape, strides: Self.rowMajor(shape, dtype.size),
            storage: storage, offset: 0)
    }

    /// A new array of zeros, or one whose elements the caller sets.
    init(dtype: DType, shape: [Int], zeros: Bool) {
        self.init(
            dtype: dtype, shape: shape,
            storage: ArrayStorage(bytes: Self.bytes(shape, dtype.size), zeros: zeros))
    }

    /// Creates an array of zeros.
    ///
    /// - Parameters:
    ///   - dtype: the type of the elements
    ///   - shape: at most ``greatestRank`` lengths of 0 or more
    public init(zeros dtype: DType, shape: [Int]) {
        self.init(dtype: dtype, shape: shape, zeros: true)
    }

    /// Creates an array with the elements of `array`, which it shares.
    public init<Element>(_ array: NDArray<Element>) { self = array.untyped }

    /// Row-major strides, in bytes.
    static func rowMajor(_ shape: [Int], _ size: Int) -> [Int] {
        var strides = shape
        var stride = size
        for axis in shape.indices.reversed() {
            strides[axis] = stride
            stride *= max(shape[axis], 1)
        }
        return strides
    }

    /// The bytes of the elements. Ends the program if the shape is not one, as Swift's own arrays do.
    static func bytes(_ shape: [Int], _ size: Int) -> Int {
        precondition(shape.count <= greatestRank, "NDArray: more than \(greatestRank) axes")
        precondition(shape.allSatisfy { $0 >= 0 }, "NDArray: a length is negative")
        // Lengths beside a 0 also make the strides, which must not overflow.
        var bytes = size
        for length in shape {
            let (product, overflow) = bytes.multipliedReportingOverflow(by: max(length, 1))
            precondition(!overflow, "NDArray: the shape has too many elements")
            bytes = product
        }
        return shape.contains(0) ? 0 : bytes
    }
}

// MARK: - Views of C

extension AnyArray {
    /// The view that kernels take. The caller keeps the storage alive.
    var view: va_view {
        var view = va_view()
        view.data = (storage.data + offset).assumingMemoryBound(to: CChar.self)
        view.dtype = dtype.code
        view.axes = Int32(shape.count)
        withUnsafeMutableBytes(of: &view.shape) { bytes in
            for axis in shape.indices {
                bytes.storeBytes(of: Int64(shape[axis]), toByteOffset: axis * 8, as: Int64.self)
            }
        }
        withUnsafeMutableBytes(of: &view.strides) { bytes in
            for axis in strides.indices {
                bytes.storeBytes(of: Int64(strides[axis]), toByteOffset: axis * 8, as: Int64.self)
            }
        }
        return view
    }

    /// The same elements in row-major order, in a block with no other owner: a copy if needed.
    func compacted(always: Bool = false) -> AnyArray {
        if isContiguous && !always { return self }
        let copy = AnyArray(dtype: dtype, shape: shape, zeros: false)
        var from = view
        var to = copy.view
        withExtendedLifetime((storage, copy.storage)) { va_assign(&from, &to) }
        return copy
    }

    /// Makes the elements contiguous, and the block the array's own, before they are written.
    @usableFromInline
    mutating func makeWritable() {
        if isContiguous && isKnownUniquelyReferenced(&storage) && storage.isOwn { return }
        self = compacted(always: true)
    }
}

// MARK: - Conversion

extension AnyArray {
    /// The array with elements of another type. Floats are truncated towards zero.
    ///
    /// - Throws: ``ArrayError`` with code `value` if an element does not fit, such as NaN as an
    ///   integer; with code `dtype` for complex numbers to real ones.
    public func converted(to dtype: DType) throws(ArrayError) -> AnyArray {
        if dtype == self.dtype { return self }
        let result = AnyArray(dtype: dtype, shape: shape, zeros: false)
        var from = view
        var to = result.view
        var detail = va_detail()
        let status = withExtendedLifetime((storage, result.storage)) {
            va_cast(&from, &to, VA_CAST_CHECKED, &detail)
        }
        if status == VA_NOT_DEFINED {
            throw ArrayError(.dtype, "converted: \(self.dtype) cannot become \(dtype)")
        }
        guard status == VA_OK else { throw ArrayError(status, "converted", detail, shape, dtype) }
        return result
    }
}

extension AnyArray: CustomStringConvertible {
    /// The elements in NumPy's layout, abridged from 1,000 elements on.
    public var description: String {
        var view = view
        var options = va_format_options(
            digits: 8, width: 75, threshold: 1000, suppress: false, stop: nil)
        var length = 0
        return withExtendedLifetime(storage) {
            guard let text = va_format(&view, &options, &length) else { return "not enough memory" }
            defer { text.deallocate() }
            let bytes = UnsafeRawBufferPointer(start: text, count: length)
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
