// SPDX-License-Identifier: BSD-3-Clause

extension DType {
    /// The type of the elements in Swift.
    public var elementType: any ArrayElement.Type {
        switch self {
        case .bool: Bool.self
        case .int8: Int8.self
        case .int16: Int16.self
        case .int32: Int32.self
        case .int64: Int64.self
        case .uint8: UInt8.self
        case .uint16: UInt16.self
        case .uint32: UInt32.self
        case .uint64: UInt64.self
        case .float32: Float.self
        case .float64: Double.self
        case .complex64: Complex<Float>.self
        case .complex128: Complex<Double>.self
        }
    }
}

extension AnyArray: Equatable {
    /// True if the types of elements, the shapes and all elements are equal. NaN is not equal to
    /// itself.
    public static func == (a: AnyArray, b: AnyArray) -> Bool {
        guard a.dtype == b.dtype, a.shape == b.shape else { return false }
        func areEqual<Element: ArrayElement>(_ type: Element.Type) -> Bool {
            NDArray<Element>(unchecked: a) == NDArray<Element>(unchecked: b)
        }
        return areEqual(a.dtype.elementType)
    }
}

extension AnyArray {
    /// The type and the shape, such as `float64 3 x 4`; only the type for an array without axes.
    package var summary: String {
        let lengths = shape.map(String.init).joined(separator: " x ")
        return lengths.isEmpty ? dtype.description : "\(dtype) \(lengths)"
    }

    /// The array at an index of the first axis, from 0, which shares the memory.
    package func part(at index: Int) -> AnyArray {
        AnyArray(
            dtype: dtype, shape: Array(shape.dropFirst()), strides: Array(strides.dropFirst()),
            storage: storage, offset: offset + index * strides[0])
    }

    /// The elements in row-major order.
    package func elements<Element: ArrayElement>(of type: Element.Type) -> [Element] {
        precondition(type.dtype == dtype, "AnyArray: the elements are \(dtype)")
        return NDArray<Element>(unchecked: self).elements
    }
}
