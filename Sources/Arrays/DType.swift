// SPDX-License-Identifier: BSD-3-Clause

internal import CVTArrays

/// The type of an array's elements: the 13 of the Array API standard.
public enum DType: String, CaseIterable, Sendable, CustomStringConvertible {
    /// True or false, in a byte.
    case bool
    /// Signed integers of 8 to 64 bits.
    case int8, int16, int32, int64
    /// Unsigned integers of 8 to 64 bits.
    case uint8, uint16, uint32, uint64
    /// `Float` and `Double`.
    case float32, float64
    /// Pairs of `Float` and of `Double`.
    case complex64, complex128

    /// The name, such as `float64`.
    public var description: String { rawValue }

    /// The bytes of an element.
    public var size: Int { va_size(code) }

    var code: va_dtype {
        switch self {
        case .bool: VA_BOOL
        case .int8: VA_INT8
        case .int16: VA_INT16
        case .int32: VA_INT32
        case .int64: VA_INT64
        case .uint8: VA_UINT8
        case .uint16: VA_UINT16
        case .uint32: VA_UINT32
        case .uint64: VA_UINT64
        case .float32: VA_FLOAT32
        case .float64: VA_FLOAT64
        case .complex64: VA_COMPLEX64
        case .complex128: VA_COMPLEX128
        }
    }

    /// The type with the number that C gives it; nil if there is none.
    init?(_ code: va_dtype) {
        guard code.rawValue < VA_DTYPES.rawValue else { return nil }
        self = Self.allCases[Int(code.rawValue)]
    }

    /// True if the memory of an address is aligned for elements of this type.
    func isAligned(_ address: UnsafeRawPointer) -> Bool {
        let alignment = self == .complex64 || self == .complex128 ? size / 2 : size
        return UInt(bitPattern: address) % UInt(alignment) == 0
    }
}
