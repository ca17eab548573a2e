// SPDX-License-Identifier: BSD-3-Clause

internal import CVTArrays

/// Reductions: over one axis, which the result does not have, or over all elements. The result has
/// the same bits on any number of threads. Those over an axis throw ``ArrayError`` with code `axis` if
/// the array has no such axis.
extension NDArray {
    private func reduced<Result: ArrayElement>(
        _ reduction: va_reduction, _ axis: Int, _ name: String, correction: Double = 0,
        skippingNaN: Bool = false, as type: Result.Type = Result.self
    ) throws(ArrayError) -> NDArray<Result> {
        try check(axis: axis, name)
        return NDArray<Result>(
            unchecked: try Kernels.reduce(
                reduction, untyped, axis: axis, name, correction: correction,
                skippingNaN: skippingNaN))
    }

    /// A reduction of all elements; nil if none has the result.
    private func reduced<Result: ArrayElement>(
        _ reduction: va_reduction, correction: Double = 0, skippingNaN: Bool = false,
        as type: Result.Type = Result.self
    ) -> Result? {
        do throws(ArrayError) {
            let result = try Kernels.reduce(
                reduction, untyped, axis: nil, "a reduction", correction: correction,
                skippingNaN: skippingNaN)
            return NDArray<Result>(unchecked: result).load(0)
        } catch {
            if case .value = error.code { return nil }
            // Without memory the program ends, as with Swift's own arrays.
            fatalError(error.message)
        }
    }

    private func total<Result: ArrayElement>(
        _ reduction: va_reduction, correction: Double = 0, skippingNaN: Bool = false,
        as type: Result.Type = Result.self
    ) -> Result {
        guard
            let result: Result = reduced(
                reduction, correction: correction, skippingNaN: skippingNaN)
        else { fatalError("NDArray: a reduction has no result") }
        return result
    }

    /// The sum of all elements: 0 if there are none.
    ///
    /// Integers are summed as 64-bit integers, which wrap; `Float` in double precision.
    ///
    /// - Parameter skippingNaN: NaN counts as if it were not there.
    public func sum(skippingNaN: Bool = false) -> Element.Sum {
        total(VA_SUM, skippingNaN: skippingNaN)
    }

    /// The sums along an axis: of shape [3, 4], over axis 0, an array of shape [4].
    public func sum(axis: Int, skippingNaN: Bool = false) throws(ArrayError) -> NDArray<Element.Sum>
    {
        try reduced(VA_SUM, axis, "sum", skippingNaN: skippingNaN)
    }

    /// The product of all elements: 1 if there are none.
    public func product() -> Element.Sum { total(VA_PROD) }

    /// The products along an axis.
    public func product(axis: Int) throws(ArrayError) -> NDArray<Element.Sum> {
        try reduced(VA_PROD, axis, "product")
    }

    /// The mean of all elements: NaN if there are none.
    public func mean(skippingNaN: Bool = false) -> Element.Mean {
        total(VA_MEAN, skippingNaN: skippingNaN)
    }

    /// The means along an axis.
    public func mean(
        axis: Int, skippingNaN: Bool = false
    ) throws(ArrayError) -> NDArray<Element.Mean> {
        try reduced(VA_MEAN, axis, "mean", skippingNaN: skippingNaN)
    }

    /// The number of elements that are not 0 or `false`.
    public func countNonzero() -> Int { Int(total(VA_COUNT_NONZERO, as: Int64.self)) }
}

extension NDArray where Element: OrderedArrayElement {
    /// The least element, or NaN if an element is NaN; nil if there are no elements.
    public func min() -> Element? { reduced(VA_MIN) }

    /// The greatest element, or NaN if an element is NaN; nil if there are no elements.
    public func max() -> Element? { reduced(VA_MAX) }

    /// The least elements along an axis.
    ///
    /// - Throws: ``ArrayError`` with code `axis`, or with code `value` if the axis is empty.
    public func min(axis: Int) throws(ArrayError) -> NDArray {
        try reduced(VA_MIN, axis, "min")
    }

    /// The greatest elements along an axis.
    ///
    /// - Throws: ``ArrayError`` with code `axis`, or with code `value` if the axis is empty.
    public func max(axis: Int) throws(ArrayError) -> NDArray {
        try reduced(VA_MAX, axis, "max")
    }

    /// The place of the first least element in row-major order, from 0; nil if there are no elements.
    public func argmin() -> Int? { reduced(VA_ARGMIN, as: Int64.self).map { Int($0) } }

    /// The place of the first greatest element in row-major order, from 0; nil if there are no
    /// elements.
    public func argmax() -> Int? { reduced(VA_ARGMAX, as: Int64.self).map { Int($0) } }

    /// The places of the first least elements along an axis, from 0.
    ///
    /// - Throws: ``ArrayError`` with code `axis`, or with code `value` if the axis is empty.
    public func argmin(axis: Int) throws(ArrayError) -> NDArray<Int64> {
        try reduced(VA_ARGMIN, axis, "argmin")
    }

    /// The places of the first greatest elements along an axis, from 0.
    ///
    /// - Throws: ``ArrayError`` with code `axis`, or with code `value` if the axis is empty.
    public func argmax(axis: Int) throws(ArrayError) -> NDArray<Int64> {
        try reduced(VA_ARGMAX, axis, "argmax")
    }
}

extension NDArray where Element: BinaryFloatingPoint & FloatingArrayElement {
    /// The variance of all elements.
    ///
    /// - Parameter correction: the divisor is the number of elements less this: 0 for a population, 1
    ///   for a sample.
    public func variance(correction: Double = 0) -> Element {
        total(VA_VAR, correction: correction)
    }

    /// The variances along an axis.
    public func variance(axis: Int, correction: Double = 0) throws(ArrayError) -> NDArray {
        try reduced(VA_VAR, axis, "variance", correction: correction)
    }

    /// The standard deviation of all elements.
    public func standardDeviation(correction: Double = 0) -> Element {
        total(VA_STD, correction: correction)
    }

    /// The standard deviations along an axis.
    public func standardDeviation(axis: Int, correction: Double = 0) throws(ArrayError) -> NDArray {
        try reduced(VA_STD, axis, "standardDeviation", correction: correction)
    }
}

extension NDArray where Element == Bool {
    /// True if all elements are true, or there are none.
    public func all() -> Bool { total(VA_ALL) }

    /// True if an element is true.
    public func any() -> Bool { total(VA_ANY) }

    /// True where all elements along an axis are true.
    public func all(axis: Int) throws(ArrayError) -> NDArray { try reduced(VA_ALL, axis, "all") }

    /// True where an element along an axis is true.
    public func any(axis: Int) throws(ArrayError) -> NDArray { try reduced(VA_ANY, axis, "any") }
}
