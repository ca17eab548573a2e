// SPDX-License-Identifier: BSD-3-Clause

/// Counts by intervals, convolution and interpolation. The views have one axis, or are as large as
/// each other, and their elements lie one after another.
#ifndef VTLUA_CARRAYS_SERIES_H
#define VTLUA_CARRAYS_SERIES_H

#include "CArrays.h"

/// Counts the numbers of `a` (float64) in each interval between two of the `bins` + 1 edges, which
/// do not decrease. An interval includes its lower edge, and the last one both. NaN and numbers
/// outside count nowhere. With `weights` (float64, as many as `a` has) their sums go to `sums`
/// (float64); otherwise `counts` (int64) is set. `regular`: the edges have equal distances.
va_status va_histogram(
    const va_view *a, const va_view *weights, const double *edges, int64_t bins, bool regular,
    const va_view *counts, const va_view *sums, va_detail *detail);

/// out[i] = the sum of b[j] * a[first + i - j] over all j for which there are both. One type, no
/// bool. Integers wrap; float32 is accumulated in float64.
va_status va_convolve(
    const va_view *a, const va_view *b, int64_t first, const va_view *out, va_detail *detail);

/// The straight lines between the points (places[i], values[i]): `n` points, at least 1, whose
/// places increase. `left` and `right` are the values before the first place and after the last.
/// `x` and `out` are float64 views of one shape.
va_status va_interpolate(
    const va_view *x, const double *places, const double *values, int64_t n, double left,
    double right, const va_view *out, va_detail *detail);

#endif
