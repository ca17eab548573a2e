// SPDX-License-Identifier: BSD-3-Clause

/// Reductions over axes, and cumulative sums.
#ifndef VTLUA_CARRAYS_REDUCE_H
#define VTLUA_CARRAYS_REDUCE_H

#include "CArrays.h"

typedef enum {
  VA_SUM, VA_PROD, VA_MEAN, VA_VAR, VA_STD, VA_MIN, VA_MAX, VA_ANY, VA_ALL, VA_COUNT_NONZERO,
  VA_ARGMIN, VA_ARGMAX,
  VA_REDUCTIONS,  // the number of reductions
} va_reduction;

/// The type of the result: integers and booleans are summed as int64 or uint64, and their mean is
/// float64; the variance of complex numbers is real. VA_DTYPES when it is not defined (the least
/// and the greatest complex number).
va_dtype va_reduction_result(va_reduction reduction, va_dtype dtype);

typedef struct {
  uint32_t axes;      ///< bit i: axis i, counted from 0, is reduced
  bool skipnan;       ///< NaN counts as if it were not there
  double correction;  ///< of `var` and `std`: the divisor is the count less this
} va_reduction_options;

/// Reduces axes of `a`. `out` has the axes that remain, in their order, and the type of
/// va_reduction_result; it does not overlap `a`. The bits do not depend on the number of threads.
///
/// VA_ARGMIN and VA_ARGMAX give the place among the reduced axes in row-major order, from 0; of
/// several the first; NaN is less and greater than any number. VA_EMPTY: VA_MIN and VA_MAX over
/// no elements, and the place where there is none. The least of only NaN, skipped, is NaN.
va_status va_reduce(
    va_reduction reduction, const va_view *a, const va_reduction_options *options,
    const va_view *out, va_detail *detail);

/// The sums (VA_SUM) or products (VA_PROD) of the elements up to each along an axis, counted from
/// 0. `out` has the shape of `a` and the type of va_reduction_result. With `skipnan`, NaN is 0 or
/// 1.
va_status va_cumulate(
    va_reduction reduction, const va_view *a, int axis, bool skipnan, const va_view *out,
    va_detail *detail);

#endif
