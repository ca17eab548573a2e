// SPDX-License-Identifier: BSD-3-Clause

/// Numbers as unsigned integers of the same order.
#ifndef VTLUA_CARRAYS_SORT_LINES_H
#define VTLUA_CARRAYS_SORT_LINES_H

#include "include/CArrays.h"

#include <string.h>

/// Element `place` of elements that lie one after another as a key. NaN is the greatest. The two
/// zeros are equal if `zeros` is set.
static inline uint64_t va_key(const char *p, va_dtype dtype, int64_t place, bool zeros) {
  switch (dtype) {
    case VA_INT8: return (uint8_t)(((const uint8_t *)p)[place] ^ 0x80);
    case VA_INT16: return (uint16_t)(((const uint16_t *)p)[place] ^ 0x8000);
    case VA_INT32: return ((const uint32_t *)p)[place] ^ UINT32_C(0x80000000);
    case VA_INT64: return ((const uint64_t *)p)[place] ^ UINT64_C(0x8000000000000000);
    case VA_BOOL:
    case VA_UINT8: return ((const uint8_t *)p)[place];
    case VA_UINT16: return ((const uint16_t *)p)[place];
    case VA_UINT32: return ((const uint32_t *)p)[place];
    case VA_UINT64: return ((const uint64_t *)p)[place];
    case VA_FLOAT32: {
      float x = ((const float *)p)[place];
      uint32_t bits;
      if (zeros) x += 0;  // -0.0 becomes 0.0
      memcpy(&bits, &x, sizeof bits);
      if (x != x) return UINT32_MAX;
      return bits ^ ((uint32_t)((int32_t)bits >> 31) | UINT32_C(0x80000000));
    }
    default: {
      double x = ((const double *)p)[place];
      uint64_t bits;
      if (zeros) x += 0;
      memcpy(&bits, &x, sizeof bits);
      if (x != x) return UINT64_MAX;
      return bits ^ ((uint64_t)((int64_t)bits >> 63) | UINT64_C(0x8000000000000000));
    }
  }
}

/// The bits of the element with the key. A key of NaN gives a NaN.
static inline uint64_t va_unkey(uint64_t key, va_dtype dtype) {
  switch (dtype) {
    case VA_INT8: return key ^ 0x80;
    case VA_INT16: return key ^ 0x8000;
    case VA_INT32: return key ^ 0x80000000;
    case VA_INT64: return key ^ UINT64_C(0x8000000000000000);
    case VA_FLOAT32: {
      uint32_t k = (uint32_t)key;
      if (k == UINT32_MAX) return 0x7FC00000;
      return k & UINT32_C(0x80000000) ? k ^ UINT32_C(0x80000000) : ~k;
    }
    case VA_FLOAT64:
      if (key == UINT64_MAX) return UINT64_C(0x7FF8000000000000);
      return key >> 63 ? key ^ UINT64_C(0x8000000000000000) : ~key;
    default: return key;
  }
}

/// The order of descending elements, with NaN last.
static inline uint64_t va_reverse_key(uint64_t key, va_dtype dtype) {
  uint64_t most = va_size(dtype) == 8 ? UINT64_MAX : (UINT64_C(1) << (8 * va_size(dtype))) - 1;
  if (va_is_real(dtype)) return key == most ? most : most - 1 - key;
  return most - key;
}

/// Complex numbers with NaN follow the others: 1 if only the imaginary part of element `place` is
/// NaN, 2 if only the real part is, 3 if both are.
static inline uint8_t va_nan_class(const char *p, va_dtype dtype, int64_t place) {
  double re, im;
  if (dtype == VA_COMPLEX64) {
    re = (double)((const float *)p)[2 * place];
    im = (double)((const float *)p)[2 * place + 1];
  } else {
    re = ((const double *)p)[2 * place];
    im = ((const double *)p)[2 * place + 1];
  }
  return (uint8_t)((im != im) + 2 * (re != re));
}

/// The elements of a line in sorted order. `line` has `n` elements one after another, which it
/// overwrites.
va_status va_sort_line(
    char *line, va_dtype dtype, int64_t n, bool descending, const va_detail *detail);
/// The places of a line's elements in sorted order.
va_status va_argsort_line(
    const char *line, va_dtype dtype, int64_t n, bool descending, int64_t *places,
    const va_detail *detail);
/// Puts the elements that sorting would have at `places`, which increase, there, with no greater
/// element before and no lesser one after them.
va_status va_partition_line(
    char *line, va_dtype dtype, int64_t n, const int64_t *places, int count,
    const va_detail *detail);

#endif
