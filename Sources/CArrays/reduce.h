// SPDX-License-Identifier: BSD-3-Clause

/// Reductions of a block of elements that lie one after another.
#ifndef VTLUA_CARRAYS_REDUCE_BLOCKS_H
#define VTLUA_CARRAYS_REDUCE_BLOCKS_H

#include "include/CArrays.h"

/// The result for some of the elements. Integers are in `i` (those without a sign as the same
/// bits), floats in `re`.
typedef struct {
  union {
    double re;
    int64_t i;
    uint64_t u;
  };
  double im;
  double squares;  // the sum of squared differences from the mean, which is (re, im)
  int64_t n;       // the elements that count
} va_partial;

typedef enum {
  VA_BLOCK_SUM, VA_BLOCK_PROD, VA_BLOCK_LEAST, VA_BLOCK_GREATEST, VA_BLOCK_COUNT,
  VA_BLOCK_MOMENTS, VA_BLOCKS,
} va_block_kind;

typedef void (*va_block_function)(const char *p, int64_t n, va_partial *result);

/// The functions by kind, type, and whether NaN is skipped; NULL where it is not defined.
typedef va_block_function va_block_table[VA_BLOCKS][VA_DTYPES][2];
extern const va_block_table va_blocks_base, va_blocks_avx2;

/// Adds `rows` rows of `columns` elements, `stride` bytes apart, to the sums (double, or uint64_t
/// for integers), or keeps the least or greatest. Only for the three kinds; NULL for complex.
typedef void (*va_columns_function)(
    const char *p, int64_t stride, int64_t rows, int64_t columns, void *results);
typedef va_columns_function va_columns_table[VA_BLOCK_GREATEST + 1][VA_DTYPES];
extern const va_columns_table va_columns_base, va_columns_avx2;

#endif
