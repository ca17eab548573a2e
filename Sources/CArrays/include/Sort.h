// SPDX-License-Identifier: BSD-3-Clause

/// Sorting, searching and selecting. NaN is last, in both directions; complex numbers are ordered
/// by their real parts, then by their imaginary ones. Places and axes count from 0.
#ifndef VTLUA_CARRAYS_SORT_H
#define VTLUA_CARRAYS_SORT_H

#include "CArrays.h"

#include <math.h>

/// The mean of two numbers.
static inline double va_middle(double low, double high) {
  if (low == high) return low;
  double sum = low + high;
  return isinf(sum) ? low / 2 + high / 2 : sum / 2;
}

/// Sorts along an axis. `out` has the shape and type of `a`; it may be the same memory.
va_status va_sort(
    const va_view *a, int axis, bool descending, const va_view *out, va_detail *detail);

/// The places, along an axis, of the elements in sorted order; equal elements keep their order.
/// `out` is int64, with the shape of `a`.
va_status va_argsort(
    const va_view *a, int axis, bool descending, const va_view *out, va_detail *detail);

/// The `k` greatest or least elements along an axis, sorted, and their places. `values` and
/// `places` (int64; either may be NULL) have the shape of `a` with `k` instead of the axis'
/// length.
va_status va_topk(
    const va_view *a, int axis, int64_t k, bool greatest, const va_view *values,
    const va_view *places, va_detail *detail);

/// Puts the elements that sorting along an axis would have at `places`, which increase, there, with
/// no greater element before and no lesser one after them. `out` has the shape and type of `a`.
va_status va_partition(
    const va_view *a, int axis, const int64_t *places, int count, const va_view *out,
    va_detail *detail);

/// The distinct elements of `a`, which has one axis, in sorted order. Each NaN is distinct. Each
/// of the results has one axis with room for as many elements as `a`, or is NULL: `values` with
/// the type of `a`, and as int64 `first` (the place of the first occurrence), `inverse` (which of
/// `values` an element is) and `counts`. `found` is set to the number of distinct elements.
va_status va_unique(
    const va_view *a, const va_view *values, const va_view *first, const va_view *inverse,
    const va_view *counts, int64_t *found, va_detail *detail);

/// For each element of `values`: the place in `sorted`, which has one axis and the same type,
/// before which it belongs; with `right`, after elements that are equal. `out` is int64.
va_status va_searchsorted(
    const va_view *sorted, const va_view *values, bool right, const va_view *out,
    va_detail *detail);

/// Copies the elements of `a` where `mask`, a bool array of the same shape, is true, in row-major
/// order, to `out`, which has one axis of as many elements, one after another.
va_status va_compress(
    const va_view *mask, const va_view *a, const va_view *out, va_detail *detail);

#endif
