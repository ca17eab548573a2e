// SPDX-License-Identifier: BSD-3-Clause

internal import CVTArrays

extension NDArray {
    /// An array of one element without axes, which is broadcast to any shape.
    init(scalar value: Element) { self.init(shape: [], repeating: value) }

    static func apply<Result: ArrayElement>(
        _ operation: va_operation, _ inputs: NDArray..., as text: String,
        result: Result.Type = Result.self
    ) throws(ArrayError) -> NDArray<Result> {
        NDArray<Result>(unchecked: try Kernels.apply(operation, inputs.map(\.untyped), text))
    }

    /// The operation of an array and one number, whose shapes always fit.
    static func scalar<Result: ArrayElement>(
        _ operation: va_operation, _ a: NDArray, _ b: NDArray, result: Result.Type = Result.self
    ) -> NDArray<Result> {
        do throws(ArrayError) {
            return try apply(operation, a, b, as: "a scalar operation")
        } catch {
            // These operators do not throw: the program ends, as with Swift's own.
            fatalError(error.message)
        }
    }

    /// An operation of one array that is defined for its type.
    static func unary<Result: ArrayElement>(
        _ operation: va_operation, _ a: NDArray, result: Result.Type = Result.self
    ) -> NDArray<Result> {
        do throws(ArrayError) {
            return try apply(operation, a, as: String(cString: va_operation_name(operation)))
        } catch {
            // These operators do not throw: the program ends, as with Swift's own.
            fatalError(error.message)
        }
    }

    /// `a` becomes the result of the operation, in the same memory if that is its own.
    static func update(
        _ operation: va_operation, _ a: inout NDArray, _ b: NDArray, _ text: String
    ) throws(ArrayError) {
        let shape = try AnyArray.common(a.shape, b.shape, text)
        guard shape == a.shape else {
            throw ArrayError(
                .shape,
                "\(text): shape \(ArrayError.text(b.shape)) does not fit into "
                    + ArrayError.text(a.shape))
        }
        // `b` may be a view of the same memory: then this makes a copy, since both own it.
        a.untyped.makeWritable()
        _ = try Kernels.apply(operation, [a.untyped, b.untyped], text, into: a.untyped)
    }
}

/// Arithmetic, element by element. Arrays are broadcast to a common shape: an axis of length 1, or one
/// that is missing at the front, is repeated. Integers wrap, as Lua's do. Operators of two arrays
/// throw ``ArrayError`` with code `shape` when the shapes do not fit.
extension NDArray where Element: NumericArrayElement {
    /// The sums of the elements of two arrays.
    public static func + (a: NDArray, b: NDArray) throws(ArrayError) -> NDArray {
        try apply(VA_ADD, a, b, as: "a + b")
    }
    /// The differences of the elements of two arrays.
    public static func - (a: NDArray, b: NDArray) throws(ArrayError) -> NDArray {
        try apply(VA_SUBTRACT, a, b, as: "a - b")
    }
    /// The products of the elements of two arrays.
    public static func * (a: NDArray, b: NDArray) throws(ArrayError) -> NDArray {
        try apply(VA_MULTIPLY, a, b, as: "a * b")
    }
    /// Adds the elements of `b`, which are broadcast to the shape of `a`.
    public static func += (a: inout NDArray, b: NDArray) throws(ArrayError) {
        try update(VA_ADD, &a, b, "a += b")
    }
    /// Subtracts the elements of `b`, which are broadcast to the shape of `a`.
    public static func -= (a: inout NDArray, b: NDArray) throws(ArrayError) {
        try update(VA_SUBTRACT, &a, b, "a -= b")
    }
    /// Multiplies by the elements of `b`, which are broadcast to the shape of `a`.
    public static func *= (a: inout NDArray, b: NDArray) throws(ArrayError) {
        try update(VA_MULTIPLY, &a, b, "a *= b")
    }

    /// The sums of each element and a number.
    public static func + (a: NDArray, b: Element) -> NDArray {
        scalar(VA_ADD, a, NDArray(scalar: b))
    }
    /// The sums of a number and each element.
    public static func + (a: Element, b: NDArray) -> NDArray {
        scalar(VA_ADD, NDArray(scalar: a), b)
    }
    /// The differences of each element and a number.
    public static func - (a: NDArray, b: Element) -> NDArray {
        scalar(VA_SUBTRACT, a, NDArray(scalar: b))
    }
    /// The differences of a number and each element.
    public static func - (a: Element, b: NDArray) -> NDArray {
        scalar(VA_SUBTRACT, NDArray(scalar: a), b)
    }
    /// The products of each element and a number.
    public static func * (a: NDArray, b: Element) -> NDArray {
        scalar(VA_MULTIPLY, a, NDArray(scalar: b))
    }
    /// The products of a number and each element.
    public static func * (a: Element, b: NDArray) -> NDArray {
        scalar(VA_MULTIPLY, NDArray(scalar: a), b)
    }
    /// Unary minus. The least integer, and unsigned ones, wrap.
    public static prefix func - (a: NDArray) -> NDArray { unary(VA_NEGATIVE, a) }
}

/// Division.
extension NDArray where Element: FloatingArrayElement {
    /// The quotients of the elements of two arrays.
    public static func / (a: NDArray, b: NDArray) throws(ArrayError) -> NDArray {
        try apply(VA_DIVIDE, a, b, as: "a / b")
    }
    /// Divides by the elements of `b`, which are broadcast to the shape of `a`.
    public static func /= (a: inout NDArray, b: NDArray) throws(ArrayError) {
        try update(VA_DIVIDE, &a, b, "a /= b")
    }
    /// The quotients of each element and a number.
    public static func / (a: NDArray, b: Element) -> NDArray {
        scalar(VA_DIVIDE, a, NDArray(scalar: b))
    }
    /// The quotients of a number and each element.
    public static func / (a: Element, b: NDArray) -> NDArray {
        scalar(VA_DIVIDE, NDArray(scalar: a), b)
    }
}
