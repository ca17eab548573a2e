// SPDX-License-Identifier: BSD-3-Clause

internal import CVTArrays

/// A function of one real number that is computed for each element, in less than one unit in the last
/// place.
public enum ElementwiseFunction: String, CaseIterable, Sendable {
    /// Magnitude, sign, powers and roots, and rounding to integers: `round` to the nearest, halves to even.
    case abs, sign, square, sqrt, cbrt, reciprocal, ceil, floor, trunc, round
    /// Exponential functions and logarithms.
    case exp, exp2, expm1, log, log1p, log2, log10
    /// Trigonometric and hyperbolic functions, and their inverses.
    case sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, asinh, acosh, atanh
    /// The error function and its complement, the gamma function and its logarithm.
    case erf, erfc, gamma, lgamma
}

extension NDArray where Element: BinaryFloatingPoint & FloatingArrayElement {
    /// The results of a function, such as `a.applying(.exp)`.
    ///
    /// Where libsleef3 is not installed, the functions use the C library: slower, and the last digits
    /// may differ.
    public func applying(_ function: ElementwiseFunction) -> NDArray {
        Self.unary(va_operation_named(function.rawValue), self)
    }

    /// The elements to the power of an exponent.
    public func power(_ exponent: Element) -> NDArray {
        Self.scalar(VA_POW, self, NDArray(scalar: exponent))
    }
}

/// The product of matrices, or of a matrix and a vector.
///
/// - Parameters:
///   - a: an array of shape [n, k], or [k]
///   - b: an array of shape [k, m], or [k]
/// - Returns: an array of shape [n, m], without the axes that a vector does not have.
/// - Throws: ``ArrayError`` with code `shape`; with code `library` if OpenBLAS is not installed, which
///   integers do not need.
public func matmul<Element: NumericArrayElement>(
    _ a: NDArray<Element>, _ b: NDArray<Element>
) throws(ArrayError) -> NDArray<Element> {
    let shapes = "matmul: shapes \(ArrayError.text(a.shape)) and \(ArrayError.text(b.shape))"
    guard (1...2).contains(a.rank) && (1...2).contains(b.rank) else {
        throw ArrayError(.shape, "\(shapes): arrays of 1 or 2 axes expected")
    }
    let left = a.rank == 2 ? a : try a.reshaped(to: [1, a.count])
    let right = b.rank == 2 ? b : try b.reshaped(to: [b.count, 1])
    guard left.shape[1] == right.shape[0] else {
        throw ArrayError(
            .shape,
            "\(shapes) do not fit: \(left.shape[1]) columns and \(right.shape[0]) rows")
    }
    let out = AnyArray(
        dtype: Element.dtype, shape: [left.shape[0], right.shape[1]], zeros: false)
    var leftView = left.untyped.view
    var rightView = right.untyped.view
    var outView = out.view
    var detail = va_detail()
    let status = withExtendedLifetime((left, right, out.storage)) {
        va_matmul(&leftView, &rightView, &outView, &detail)
    }
    guard status == VA_OK else {
        throw ArrayError(status, "matmul", detail, out.shape, Element.dtype)
    }
    let product = NDArray<Element>(unchecked: out)
    let shape = (a.rank == 2 ? [a.shape[0]] : []) + (b.rank == 2 ? [b.shape[1]] : [])
    return try product.reshaped(to: shape)
}
