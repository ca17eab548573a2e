// SPDX-License-Identifier: BSD-3-Clause

/// A numpy array of numbers or booleans in row-major order.
package struct PythonArray: Sendable, Equatable {
    /// The type of the elements in numpy's notation: byte order, kind and size, such as "<f8".
    package let dtype: String
    /// The number of elements in each dimension.
    package let shape: [Int]
    /// The elements in row-major order.
    package let data: [UInt8]

    /// Nil if the type is not one of numbers or booleans, or the shape does not fit the data.
    package init?(dtype: String, shape: [Int], data: [UInt8]) {
        guard let type = Element(dtype), let count = Self.count(of: shape),
            type.size.multipliedReportingOverflow(by: count) == (data.count, false)
        else { return nil }
        self.dtype = type.name
        self.shape = shape
        self.data = data
    }

    /// A one-dimensional array of 64-bit floats.
    package init(_ numbers: [Double]) {
        dtype = Element.float64.name
        shape = [numbers.count]
        data = numbers.withUnsafeBytes { Array($0) }
    }

    /// A one-dimensional array of 64-bit integers.
    package init(_ numbers: [Int]) {
        dtype = Element.int64.name
        shape = [numbers.count]
        data = numbers.withUnsafeBytes { Array($0) }
    }

    /// Converts an array in column-major order.
    ///
    /// - Parameter data: the elements in Fortran order.
    init?(dtype: String, shape: [Int], columns data: [UInt8]) {
        self.init(dtype: dtype, shape: shape, data: data)
        if shape.count > 1, count > 0 {
            self.init(
                dtype: dtype, shape: shape, data: Self.transposed(data, shape, element.size))
        }
    }

    /// The number of elements.
    package var count: Int { shape.reduce(1, *) }

    package var element: Element { Element(dtype) ?? .float64 }

    /// The largest number of dimensions that numpy has.
    private static let mostDimensions = 64
    /// The largest number of rows of length zero.
    private static let mostEmpty = 1 << 16

    /// Returns the number of elements; nil if no array can have this shape.
    private static func count(of shape: [Int]) -> Int? {
        guard shape.count <= mostDimensions, shape.allSatisfy({ $0 >= 0 }) else { return nil }
        var count = 1
        for size in shape where size > 0 {
            let (product, overflow) = count.multipliedReportingOverflow(by: size)
            if overflow { return nil }
            count = product
        }
        if !shape.contains(0) { return count }
        return count <= mostEmpty ? 0 : nil
    }

    private static func transposed(_ data: [UInt8], _ shape: [Int], _ size: Int) -> [UInt8] {
        var strides: [Int] = []
        var stride = size
        for length in shape {
            strides.append(stride)
            stride *= length
        }
        var out: [UInt8] = []
        out.reserveCapacity(data.count)
        var index = [Int](repeating: 0, count: shape.count)
        var offset = 0
        while out.count < data.count {
            out.append(contentsOf: data[offset..<(offset + size)])
            for axis in shape.indices.reversed() {
                index[axis] += 1
                offset += strides[axis]
                if index[axis] < shape[axis] { break }
                offset -= strides[axis] * shape[axis]
                index[axis] = 0
            }
        }
        return out
    }
}
