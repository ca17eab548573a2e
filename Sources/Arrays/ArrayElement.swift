// SPDX-License-Identifier: BSD-3-Clause

/// A type that an ``NDArray`` can hold. The 13 types of ``DType`` conform; a program adds no others.
public protocol ArrayElement: BitwiseCopyable, Equatable, Sendable, SendableMetatype {
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
    public static var dtype: DType { .bool }
    public typealias Sum = Int64
    public typealias Mean = Double
}
extension Int8: OrderedArrayElement {
    public static var dtype: DType { .int8 }
    public typealias Sum = Int64
    public typealias Mean = Double
}
extension Int16: OrderedArrayElement {
    public static var dtype: DType { .int16 }
    public typealias Sum = Int64
    public typealias Mean = Double
}
extension Int32: OrderedArrayElement {
    public static var dtype: DType { .int32 }
    public typealias Sum = Int64
    public typealias Mean = Double
}
extension Int64: OrderedArrayElement {
    public static var dtype: DType { .int64 }
    public typealias Sum = Int64
    public typealias Mean = Double
}
extension UInt8: OrderedArrayElement {
    public static var dtype: DType { .uint8 }
    public typealias Sum = UInt64
    public typealias Mean = Double
}
extension UInt16: OrderedArrayElement {
    public static var dtype: DType { .uint16 }
    public typealias Sum = UInt64
    public typealias Mean = Double
}
extension UInt32: OrderedArrayElement {
    public static var dtype: DType { .uint32 }
    public typealias Sum = UInt64
    public typealias Mean = Double
}
extension UInt64: OrderedArrayElement {
    public static var dtype: DType { .uint64 }
    public typealias Sum = UInt64
    public typealias Mean = Double
}
extension Float: OrderedArrayElement, FloatingArrayElement {
    public static var dtype: DType { .float32 }
    public typealias Sum = Float
    public typealias Mean = Float
}
extension Double: OrderedArrayElement, FloatingArrayElement {
    public static var dtype: DType { .float64 }
    public typealias Sum = Double
    public typealias Mean = Double
}
extension Complex: FloatingArrayElement {
    public static var dtype: DType { Real.complex }
    public typealias Sum = Complex<Real>
    public typealias Mean = Complex<Real>
}

/// The type of the parts of a complex element: `Float` or `Double`.
public protocol ComplexPart: BinaryFloatingPoint, BitwiseCopyable, Sendable, SendableMetatype {
    /// The type of the complex element.
    static var complex: DType { get }
}
extension Float: ComplexPart {
    public static var complex: DType { .complex64 }
}
extension Double: ComplexPart {
    public static var complex: DType { .complex128 }
}
