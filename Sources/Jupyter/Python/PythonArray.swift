// SPDX-License-Identifier: BSD-3-Clause

/// A numpy array of numbers or truths, row after row.
package struct PythonArray: Sendable, Equatable {
    /// As numpy writes it: byte order, kind and size, such as "<f8".
    package let dtype: String
    package let shape: [Int]
    package let data: [UInt8]

    /// Nil when the type is none of numbers, or the shape does not fit the data.
    package init?(dtype: String, shape: [Int], data: [UInt8]) {
        guard let type = Element(dtype), let count = Self.count(of: shape),
            type.size.multipliedReportingOverflow(by: count) == (data.count, false)
        else { return nil }
        self.dtype = type.name
        self.shape = shape
        self.data = data
    }

    package init(_ numbers: [Double]) {
        dtype = Element.float64.name
        shape = [numbers.count]
        data = numbers.withUnsafeBytes { Array($0) }
    }

    package init(_ numbers: [Int]) {
        dtype = Element.int64.name
        shape = [numbers.count]
        data = numbers.withUnsafeBytes { Array($0) }
    }

    /// The same with columns one after the other taken for rows.
    ///
    /// - Parameter data: in Fortran's order.
    init?(dtype: String, shape: [Int], columns data: [UInt8]) {
        self.init(dtype: dtype, shape: shape, data: data)
        if shape.count > 1, count > 0 {
            self.init(
                dtype: dtype, shape: shape, data: Self.transposed(data, shape, element.size))
        }
    }

    package var count: Int { shape.reduce(1, *) }

    var element: Element { Element(dtype) ?? .float64 }

    /// The largest number of dimensions that numpy has.
    private static let mostDimensions = 64
    /// How many rows there may be in which nothing is.
    private static let mostEmpty = 1 << 16

    /// Nil for what no array can have.
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
