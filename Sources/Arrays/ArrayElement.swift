// SPDX-License-Identifier: BSD-3-Clause

/// A type that an ``NDArray`` can hold. The 13 types of ``DType`` conform; a program adds no others.
public protocol ArrayElement: BitwiseCopyable, Codable, Equatable, Sendable, SendableMetatype {
    /// The type's name at run time.
    static var dtype: DType { get }
    /// The type of a sum: `Int64` and `UInt64` for integers, `Int64` for `Bool`, else the type itself.
    associatedtype Sum: ArrayElement
    /// The type of a mean: `Double` for integers and `Bool`, else the type itself.
    associatedtype Mean: ArrayElement
}

/// An element with arithmetic: every type but `Bool`. Integers wrap.
public protocol NumericArrayElement: ArrayElement {}

/// An element with an order: integers, `Float` and `Double`.
public protocol OrderedArrayElement: NumericArrayElement {}

/// An element that can be divided: `Float`, `Double` and complex numbers.
public protocol FloatingArrayElement: NumericArrayElement {}

extension Bool: ArrayElement {
    /// The type `bool`.
    public static var dtype: DType { .bool }
    /// The type of a sum: `Int64`.
    public typealias Sum = Int64
    /// The type of a mean: `Double`.
    public typealias Mean = Double
}
extension Int8: OrderedArrayElement {
    /// The type `int8`.
    public static var dtype: DType { .int8 }
    /// The type of a sum: `Int64`.
    public typealias Sum = Int64
    /// The type of a mean: `Double`.
    public typealias Mean = Double
}
extension Int16: OrderedArrayElement {
    /// The type `int16`.
    public static var dtype: DType { .int16 }
    /// The type of a sum: `Int64`.
    public typealias Sum = Int64
    /// The type of a mean: `Double`.
    public typealias Mean = Double
}
extension Int32: OrderedArrayElement {
    /// The type `int32`.
    public static var dtype: DType { .int32 }
    /// The type of a sum: `Int64`.
    public typealias Sum = Int64
    /// The type of a mean: `Double`.
    public typealias Mean = Double
}
extension Int64: OrderedArrayElement {
    /// The type `int64`.
    public static var dtype: DType { .int64 }
    /// The type of a sum: `Int64`.
    public typealias Sum = Int64
    /// The type of a mean: `Double`.
    public typealias Mean = Double
}
extension UInt8: OrderedArrayElement {
    /// The type `uint8`.
    public static var dtype: DType { .uint8 }
    /// The type of a sum: `UInt64`.
    public typealias Sum = UInt64
    /// The type of a mean: `Double`.
    public typealias Mean = Double
}
extension UInt16: OrderedArrayElement {
    /// The type `uint16`.
    public static var dtype: DType { .uint16 }
    /// The type of a sum: `UInt64`.
    public typealias Sum = UInt64
    /// The type of a mean: `Double`.
    public typealias Mean = Double
}
extension UInt32: OrderedArrayElement {
    /// The type `uint32`.
    public static var dtype: DType { .uint32 }
    /// The type of a sum: `UInt64`.
    public typealias Sum = UInt64
    /// The type of a mean: `Double`.
    public typealias Mean = Double
}
extension UInt64: OrderedArrayElement {
    /// The type `uint64`.
    public static var dtype: DType { .uint64 }
    /// The type of a sum: `UInt64`.
    public typealias Sum = UInt64
    /// The type of a mean: `Double`.
    public typealias Mean = Double
}
extension Float: OrderedArrayElement, FloatingArrayElement {
    /// The type `float32`.
    public static var dtype: DType { .float32 }
    /// The type of a sum: `Float`.
    public typealias Sum = Float
    /// The type of a mean: `Float`.
    public typealias Mean = Float
}
extension Double: OrderedArrayElement, FloatingArrayElement {
    /// The type `float64`.
    public static var dtype: DType { .float64 }
    /// The type of a sum: `Double`.
    public typealias Sum = Double
    /// The type of a mean: `Double`.
    public typealias Mean = Double
}
extension Complex: FloatingArrayElement {
    /// The type `complex64` or `complex128`.
    public static var dtype: DType { Real.complex }
    /// The type of a sum: `Complex<Real>`.
    public typealias Sum = Complex<Real>
    /// The type of a mean: `Complex<Real>`.
    public typealias Mean = Complex<Real>
}

/// The type of the parts of a complex element: `Float` or `Double`.
public protocol ComplexPart: BinaryFloatingPoint, BitwiseCopyable, Codable, Sendable,
    SendableMetatype
{
    /// The type of the complex element.
    static var complex: DType { get }
}
extension Float: ComplexPart {
    /// The type `complex64`.
    public static var complex: DType { .complex64 }
}
extension Double: ComplexPart {
    /// The type `complex128`.
    public static var complex: DType { .complex128 }
}
