// SPDX-License-Identifier: BSD-3-Clause

internal import CVTArrays

extension NDArray: Equatable {
    /// True if the shapes and all elements are equal. NaN is not equal to itself.
    public static func == (a: NDArray, b: NDArray) -> Bool {
        guard a.shape == b.shape else { return false }
        return scalar(VA_EQUAL, a, b, result: Bool.self).all()
    }

    /// True for each pair of equal elements.
    public static func .== (a: NDArray, b: NDArray) throws(ArrayError) -> NDArray<Bool> {
        try apply(VA_EQUAL, a, b, as: "a .== b")
    }
    /// True for each pair of different elements.
    public static func .!= (a: NDArray, b: NDArray) throws(ArrayError) -> NDArray<Bool> {
        try apply(VA_NOT_EQUAL, a, b, as: "a .!= b")
    }
    /// True where the element of `a` is equal to `b`.
    public static func .== (a: NDArray, b: Element) -> NDArray<Bool> {
        scalar(VA_EQUAL, a, NDArray(scalar: b))
    }
    /// True where the element of `a` is different from `b`.
    public static func .!= (a: NDArray, b: Element) -> NDArray<Bool> {
        scalar(VA_NOT_EQUAL, a, NDArray(scalar: b))
    }
}

/// Comparisons, element by element, named as those of Swift's SIMD types. Arrays are broadcast.
extension NDArray where Element: OrderedArrayElement {
    /// True where the element of `a` is less than that of `b`.
    public static func .< (a: NDArray, b: NDArray) throws(ArrayError) -> NDArray<Bool> {
        try apply(VA_LESS, a, b, as: "a .< b")
    }
    /// True where the element of `a` is less than or equal to that of `b`.
    public static func .<= (a: NDArray, b: NDArray) throws(ArrayError) -> NDArray<Bool> {
        try apply(VA_LESS_EQUAL, a, b, as: "a .<= b")
    }
    /// True where the element of `a` is greater than that of `b`.
    public static func .> (a: NDArray, b: NDArray) throws(ArrayError) -> NDArray<Bool> {
        try apply(VA_GREATER, a, b, as: "a .> b")
    }
    /// True where the element of `a` is greater than or equal to that of `b`.
    public static func .>= (a: NDArray, b: NDArray) throws(ArrayError) -> NDArray<Bool> {
        try apply(VA_GREATER_EQUAL, a, b, as: "a .>= b")
    }
    /// True where the element of `a` is less than `b`.
    public static func .< (a: NDArray, b: Element) -> NDArray<Bool> {
        scalar(VA_LESS, a, NDArray(scalar: b))
    }
    /// True where the element of `a` is less than or equal to `b`.
    public static func .<= (a: NDArray, b: Element) -> NDArray<Bool> {
        scalar(VA_LESS_EQUAL, a, NDArray(scalar: b))
    }
    /// True where the element of `a` is greater than `b`.
    public static func .> (a: NDArray, b: Element) -> NDArray<Bool> {
        scalar(VA_GREATER, a, NDArray(scalar: b))
    }
    /// True where the element of `a` is greater than or equal to `b`.
    public static func .>= (a: NDArray, b: Element) -> NDArray<Bool> {
        scalar(VA_GREATER_EQUAL, a, NDArray(scalar: b))
    }
}

/// Logic, element by element.
extension NDArray where Element == Bool {
    /// True where both elements are true.
    public static func .& (a: NDArray, b: NDArray) throws(ArrayError) -> NDArray {
        try apply(VA_LOGICAL_AND, a, b, as: "a .& b")
    }
    /// True where one of two elements is true.
    public static func .| (a: NDArray, b: NDArray) throws(ArrayError) -> NDArray {
        try apply(VA_LOGICAL_OR, a, b, as: "a .| b")
    }
    /// True where exactly one of two elements is true.
    public static func .^ (a: NDArray, b: NDArray) throws(ArrayError) -> NDArray {
        try apply(VA_LOGICAL_XOR, a, b, as: "a .^ b")
    }
    /// True where the element is false.
    public static prefix func .! (a: NDArray) -> NDArray { unary(VA_LOGICAL_NOT, a) }

    /// The elements of `a` where this array is true, and those of `b` elsewhere. All are broadcast.
    ///
    /// - Throws: ``ArrayError`` with code `shape`.
    public func select<Other>(
        _ a: NDArray<Other>, else b: NDArray<Other>
    ) throws(ArrayError) -> NDArray<Other> {
        NDArray<Other>(
            unchecked: try Kernels.apply(
                VA_WHERE, [untyped, a.untyped, b.untyped], "select(a, else: b)"))
    }
}
