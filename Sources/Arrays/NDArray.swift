// SPDX-License-Identifier: BSD-3-Clause

internal import CVTArrays

/// A typed array with any number of axes.
///
/// A value: a copy is independent of the original, and shares its memory until one of them is changed.
/// Arrays that Lua has given, or was given, share memory with Lua in the same way. Indices and axes
/// count from 0, as everywhere in Swift; Lua counts the same ones from 1.
///
/// ```swift
/// var a = NDArray<Double>(shape: [3, 4], repeating: 0)
/// a[1, 2] = 5
/// let sums = try a.sum(axis: 0)  // shape [4]
/// ```
public struct NDArray<Element: ArrayElement>: Sendable {
    @usableFromInline var untyped: AnyArray

    /// The length of each axis.
    public var shape: [Int] { untyped.shape }
    /// The number of axes.
    public var rank: Int { untyped.rank }
    /// The number of elements.
    public var count: Int { untyped.count }

    init(unchecked untyped: AnyArray) { self.untyped = untyped }

    /// Creates an array with one value for all elements.
    ///
    /// - Parameters:
    ///   - shape: at most ``AnyArray/greatestRank`` lengths of 0 or more. Without lengths, the array
    ///     has one element.
    ///   - value: the value of each element
    public init(shape: [Int], repeating value: Element) {
        untyped = AnyArray(dtype: Element.dtype, shape: shape, zeros: false)
        var view = untyped.view
        withExtendedLifetime(untyped.storage) {
            withUnsafeBytes(of: value) { va_fill(&view, $0.baseAddress) }
        }
    }

    /// Creates an array of one axis.
    public init(_ elements: some Collection<Element>) {
        self.init(copying: Array(elements), shape: [elements.count])
    }

    /// Creates an array from its elements in row-major order.
    ///
    /// - Throws: ``ArrayError`` with code `shape` if there are more or fewer elements than the shape
    ///   has.
    public init(_ elements: some Collection<Element>, shape: [Int]) throws(ArrayError) {
        try Self.check(shape, elements.count, "NDArray")
        self.init(copying: Array(elements), shape: shape)
    }

    /// Creates an array of two axes from rows of one length.
    ///
    /// - Throws: ``ArrayError`` with code `shape` if the rows have different lengths.
    public init(rows: [[Element]]) throws(ArrayError) {
        let columns = rows.first?.count ?? 0
        for (index, row) in rows.enumerated() where row.count != columns {
            throw ArrayError(
                .shape,
                "NDArray: row \(index) has \(row.count) elements, where row 0 has \(columns)")
        }
        self.init(copying: Array(rows.joined()), shape: [rows.count, columns])
    }

    /// Creates an array of the elements at a type known at run time, which it shares.
    ///
    /// - Throws: ``ArrayError`` with code `dtype` if `array` has another type. ``AnyArray/converted(to:)``
    ///   converts it.
    public init(_ array: AnyArray) throws(ArrayError) {
        guard array.dtype == Element.dtype else {
            throw ArrayError(
                .dtype,
                "an array of \(Element.dtype) expected, got \(array.dtype) of shape "
                    + "\(ArrayError.text(array.shape)); convert it: "
                    + "array.converted(to: .\(Element.dtype))")
        }
        untyped = array
    }

    /// Copies elements in row-major order, of which there are as many as the shape has.
    private init(copying elements: [Element], shape: [Int]) {
        untyped = AnyArray(dtype: Element.dtype, shape: shape, zeros: false)
        let to = untyped.storage.data
        elements.withUnsafeBytes { bytes in
            if let from = bytes.baseAddress { to.copyMemory(from: from, byteCount: bytes.count) }
        }
    }

    /// Throws if a shape does not have the number of elements.
    static func check(_ shape: [Int], _ count: Int, _ operation: String) throws(ArrayError) {
        var product: Int? = 1
        for length in shape {
            let (next, overflow) = (product ?? 0).multipliedReportingOverflow(by: length)
            product = overflow || product == nil || length < 0 ? nil : next
        }
        if shape.count <= AnyArray.greatestRank && product == count { return }
        throw ArrayError(
            .shape,
            "\(operation): \(count) elements do not fit shape \(ArrayError.text(shape))")
    }
}

// MARK: - Memory of the host

extension NDArray {
    /// Creates an array over memory of the program, without copying it.
    ///
    /// The array and its copies keep `owner` and read the memory. The first change of an array copies
    /// it, so that the memory itself is never written.
    ///
    /// - Parameters:
    ///   - bytes: the elements in row-major order, aligned for `Element`. They must not change while
    ///     `owner` is kept.
    ///   - owner: the object that keeps the memory alive. It may be released on any thread.
    ///   - shape: a shape with exactly as many bytes.
    public init(adopting bytes: UnsafeRawBufferPointer, owner: AnyObject, shape: [Int]) {
        let needed = AnyArray.bytes(shape, MemoryLayout<Element>.size)
        precondition(
            bytes.count == needed, "NDArray: \(bytes.count) bytes for a shape of \(needed)")
        guard let address = bytes.baseAddress, needed > 0 else {
            untyped = AnyArray(dtype: Element.dtype, shape: shape, zeros: true)
            return
        }
        precondition(
            Element.dtype.isAligned(address), "NDArray: the memory is not aligned for the elements")
        let context = Unmanaged.passRetained(owner)
        // The block is never written: it is not its owner's own.
        let block = va_block_lend(
            UnsafeMutableRawPointer(mutating: address), bytes.count,
            { if let context = $0 { Unmanaged<AnyObject>.fromOpaque(context).release() } },
            context.toOpaque())
        guard let block else {
            context.release()
            // Swift's own arrays end the program without memory, too.
            fatalError("NDArray: not enough memory")
        }
        untyped = AnyArray(
            dtype: Element.dtype, shape: shape, storage: ArrayStorage(owning: block))
    }
}

// MARK: - All elements

extension NDArray {
    /// Calls `body` with the elements in row-major order. They are copied first if the array is a view
    /// whose elements do not lie so in memory, such as a transposed one.
    public func withSpan<Result, Failure: Error>(
        _ body: (Span<Element>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let array = untyped.compacted()
        let start = (array.storage.data + array.offset).assumingMemoryBound(to: Element.self)
        defer { withExtendedLifetime(array) {} }
        return try body(UnsafeBufferPointer(start: start, count: count).span)
    }

    /// Calls `body` with the elements in row-major order, to change them. They are copied first if the
    /// memory is shared.
    public mutating func withMutableSpan<Result, Failure: Error>(
        _ body: (inout MutableSpan<Element>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        untyped.makeWritable()
        let array = untyped.storage.data + untyped.offset
        let start = array.assumingMemoryBound(to: Element.self)
        let storage = untyped.storage
        defer { withExtendedLifetime(storage) {} }
        var span = UnsafeMutableBufferPointer(start: start, count: count).mutableSpan
        return try body(&span)
    }

    /// The elements in row-major order.
    public var elements: [Element] {
        withSpan { span in
            [Element](unsafeUninitializedCapacity: span.count) { buffer, count in
                for index in span.indices { buffer.initializeElement(at: index, to: span[index]) }
                count = span.count
            }
        }
    }

    /// An array of the results of `transform`, in the same shape.
    public func map<Other: ArrayElement, Failure: Error>(
        _ transform: (Element) throws(Failure) -> Other
    ) throws(Failure) -> NDArray<Other> {
        let result = NDArray<Other>(
            unchecked: AnyArray(dtype: Other.dtype, shape: shape, zeros: false))
        let to = result.untyped.storage.data.assumingMemoryBound(to: Other.self)
        try withSpan { (span) throws(Failure) in
            for index in span.indices { to[index] = try transform(span[index]) }
        }
        return result
    }

    /// The array with elements of another type. Floats are truncated towards zero.
    ///
    /// - Throws: ``ArrayError`` with code `value` if an element does not fit; with code `dtype` for
    ///   complex numbers to real ones.
    public func converted<Other: ArrayElement>(
        to type: Other.Type = Other.self
    ) throws(ArrayError) -> NDArray<Other> {
        NDArray<Other>(unchecked: try untyped.converted(to: Other.dtype))
    }
}

extension NDArray: CustomStringConvertible {
    /// The elements in NumPy's layout, abridged from 1,000 elements on.
    public var description: String { untyped.description }
}
