// SPDX-License-Identifier: BSD-3-Clause

/// The discrete Fourier transform along an axis, of any length. Axes count from 0.
#ifndef VTLUA_CARRAYS_FOURIER_H
#define VTLUA_CARRAYS_FOURIER_H

#include "CArrays.h"

/// Transforms `a`, complex or real, to `out`, complex. The length of the transform is that of the
/// axis of `out`; elements of `a` beyond it are left out, and missing ones are 0. All other axes
/// are the same. The inverse has the sign + in its exponents. Results are multiplied by `scale`
/// (such as 1 / n). It is computed in float64 for every type. VA_NOT_DEFINED when `out` is not
/// complex.
va_status va_fft(
    const va_view *a, int axis, bool inverse, double scale, const va_view *out,
    va_detail *detail);

/// The first n / 2 + 1 results of a transform of `n` real numbers, which determine the others. The
/// axis of `out`, complex, has this length.
va_status va_rfft(
    const va_view *a, int axis, int64_t n, double scale, const va_view *out, va_detail *detail);

/// The real numbers whose transform begins with `a`: the inverse of va_rfft. Their count is the
/// length of the axis of `out`, float32 or float64.
va_status va_irfft(
    const va_view *a, int axis, double scale, const va_view *out, va_detail *detail);

#endif
