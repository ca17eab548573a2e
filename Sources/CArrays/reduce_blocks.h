// SPDX-License-Identifier: BSD-3-Clause

/// The blocks for one kind of processor; the tables are VA_BLOCK_TABLE and VA_COLUMN_TABLE. Sums
/// have 32 lanes on every processor, so that the bits are the same.
#include "loops.h"
#include "reduce.h"

#pragma STDC FP_CONTRACT OFF

enum { REDUCE_LANES = 32 };

// The order of integers does not matter.
#define LANES_OF_double REDUCE_LANES
#ifdef VA_FMA
#define LANES_OF_uint64_t 32
#define LANES_OF_int64_t 32
#else
#define LANES_OF_uint64_t 8
#define LANES_OF_int64_t 8
#endif

// T: elements; A: sums; VT and VA: vectors of them; M: the mask of a comparison of VA.
#define VECTORS(TYPE, SUM, MASKTYPE)                                                           \
  typedef TYPE T;                                                                              \
  typedef SUM A;                                                                               \
  typedef TYPE VT                                                                              \
      __attribute__((vector_size(LANES_OF_##SUM * sizeof(TYPE)), aligned(sizeof(TYPE))));        \
  typedef SUM VA __attribute__((vector_size(LANES_OF_##SUM * sizeof(SUM))));                     \
  typedef MASKTYPE M __attribute__((vector_size(LANES_OF_##SUM * sizeof(SUM))));                 \
  const T *a = (const T *)p;

#define SELECT(MASK, YES, NO) ((VA)(((MASK) & (M)(YES)) | (~(MASK) & (M)(NO))))

// `s` is the accumulator, `x` the next elements, `lanes` the folded result.
#define FOLD_BLOCK(NAME, TYPE, SUM, MASKTYPE, START, STEP, FOLD, FINISH)                       \
  static void NAME(const char *p, int64_t n, va_partial *o) {                                  \
    VECTORS(TYPE, SUM, MASKTYPE)                                                               \
    VA s = (VA){0} + (SUM)(START);                                                             \
    M skipped = {0};                                                                           \
    int64_t i = 0;                                                                             \
    for (; i + LANES_OF_##SUM <= n; i += LANES_OF_##SUM) {                                         \
      VA x = __builtin_convertvector(*(const VT *)(a + i), VA);                                \
      STEP                                                                                     \
    }                                                                                          \
    if (i < n) {                                                                               \
      A rest[LANES_OF_##SUM];                                                                    \
      for (int k = 0; k < LANES_OF_##SUM; k++) rest[k] = (A)(START);                             \
      for (int k = 0; i + k < n; k++) rest[k] = (A)a[i + k];                                   \
      VA x;                                                                                    \
      memcpy(&x, rest, sizeof x);                                                              \
      STEP                                                                                     \
    }                                                                                          \
    A lanes[LANES_OF_##SUM];                                                                     \
    memcpy(lanes, &s, sizeof lanes);                                                           \
    for (int w = LANES_OF_##SUM / 2; w; w /= 2)                                                  \
      for (int k = 0; k < w; k++) {                                                            \
        A l = lanes[k], r = lanes[k + w];                                                      \
        lanes[k] = FOLD;                                                                       \
      }                                                                                        \
    int64_t valid = n;                                                                         \
    for (int k = 0; k < LANES_OF_##SUM; k++) valid += skipped[k];                                \
    o->n = valid;                                                                              \
    o->FINISH = lanes[0];                                                                      \
  }
#define SKIP(INSTEAD)                                                                          \
  M real = (M)(x == x);                                                                        \
  skipped += ~real;                                                                            \
  x = SELECT(real, x, (VA){0} + (INSTEAD));

#define INTEGER_FOLDS(TAG, TYPE, WIDE, REAL, SUM, MASKTYPE)                                    \
  FOLD_BLOCK(sum_##TAG, TYPE, uint64_t, uint64_t, 0, s += x;, l + r, u)                        \
  FOLD_BLOCK(prod_##TAG, TYPE, uint64_t, uint64_t, 1, s *= x;, l *r, u)                        \
  FOLD_BLOCK(                                                                                  \
      least_##TAG, TYPE, SUM, int64_t, a[0], s = SELECT(x < s, x, s);, l < r ? l : r, FIELD_##SUM) \
  FOLD_BLOCK(greatest_##TAG, TYPE, SUM, int64_t, a[0], s = SELECT(x > s, x, s);                \
             , l > r ? l : r, FIELD_##SUM)
#define FIELD_int64_t i
#define FIELD_uint64_t u
#define FIELD_double re
SIGNED(INTEGER_FOLDS, int64_t, int64_t)
UNSIGNED(INTEGER_FOLDS, uint64_t, int64_t)
INTEGER_FOLDS(BOOL, uint8_t, unsigned, uint8_t, uint64_t, int64_t)

// A NaN stays.
#define LESS_OR_NAN(A, B) (((A) <= (B)) | ((A) != (A)))
#define MORE_OR_NAN(A, B) (((A) >= (B)) | ((A) != (A)))
#define FLOAT_FOLDS(TAG, TYPE, WIDE, REAL, UNUSED)                                             \
  FOLD_BLOCK(sum_##TAG, TYPE, double, int64_t, 0, s += x;, l + r, re)                          \
  FOLD_BLOCK(prod_##TAG, TYPE, double, int64_t, 1, s *= x;, l *r, re)                          \
  FOLD_BLOCK(least_##TAG, TYPE, double, int64_t, a[0], s = SELECT(LESS_OR_NAN(s, x), s, x);    \
             , LESS_OR_NAN(l, r) ? l : r, re)                                                  \
  FOLD_BLOCK(greatest_##TAG, TYPE, double, int64_t, a[0], s = SELECT(MORE_OR_NAN(s, x), s, x); \
             , MORE_OR_NAN(l, r) ? l : r, re)                                                  \
  FOLD_BLOCK(sum_skip_##TAG, TYPE, double, int64_t, 0, SKIP(0) s += x;, l + r, re)             \
  FOLD_BLOCK(prod_skip_##TAG, TYPE, double, int64_t, 1, SKIP(1) s *= x;, l *r, re)             \
  FOLD_BLOCK(least_skip_##TAG, TYPE, double, int64_t, (double)INFINITY,                        \
             SKIP((double)INFINITY) s = SELECT(s <= x, s, x);, l <= r ? l : r, re)             \
  FOLD_BLOCK(greatest_skip_##TAG, TYPE, double, int64_t, -(double)INFINITY,                    \
             SKIP(-(double)INFINITY) s = SELECT(s >= x, s, x);, l >= r ? l : r, re)
FLOATS(FLOAT_FOLDS, )

#define COUNT_BLOCK(TAG, TYPE, WIDE, REAL, NAME, COUNTS, VALID)                                \
  static void NAME##_##TAG(const char *p, int64_t n, va_partial *o) {                          \
    const TYPE *a = (const TYPE *)p;                                                           \
    int64_t count = 0, valid = 0;                                                              \
    for (int64_t i = 0; i < n; i++) {                                                          \
      TYPE x = a[i];                                                                           \
      count += (COUNTS);                                                                       \
      valid += (VALID);                                                                        \
    }                                                                                          \
    o->i = count;                                                                              \
    o->n = valid;                                                                              \
  }
BOOLEAN(COUNT_BLOCK, count, x != 0, 1)
INTEGERS(COUNT_BLOCK, count, x != 0, 1)
FLOATS(COUNT_BLOCK, count, x != 0, 1)
COMPLEXES(COUNT_BLOCK, count, x != 0, 1)
FLOATS(COUNT_BLOCK, count_skip, (x != 0) & (x == x), x == x)
COMPLEXES(COUNT_BLOCK, count_skip, (x != 0) & (x == x), x == x)

// The mean of the block first, then the differences from it.
#define MOMENTS_BLOCK(TAG, TYPE, SUMS, SUM_OF, SKIPS)                                          \
  static void moments##SKIPS##_##TAG(const char *p, int64_t n, va_partial *o) {                \
    VECTORS(TYPE, double, int64_t)                                                             \
    va_partial sum;                                                                            \
    sum##SKIPS##_##TAG(p, n, &sum);                                                            \
    o->n = sum.n;                                                                              \
    double mean = sum.n ? (double)(SUM_OF) / (double)sum.n : 0;                                \
    o->re = mean;                                                                              \
    VA s = {0};                                                                                \
    int64_t i = 0;                                                                             \
    for (; i + REDUCE_LANES <= n; i += REDUCE_LANES) {                                         \
      VA x = __builtin_convertvector(*(const VT *)(a + i), VA) - mean;                         \
      x = x * x;                                                                               \
      if (sizeof #SKIPS > 1) x = SELECT((M)(x == x), x, (VA){0});                              \
      s += x;                                                                                  \
    }                                                                                          \
    A lanes[REDUCE_LANES];                                                                     \
    memcpy(lanes, &s, sizeof lanes);                                                           \
    for (int k = 0; i < n; i++, k++) {                                                         \
      A x = (A)a[i] - mean;                                                                    \
      if (sizeof #SKIPS > 1 && x != x) continue;                                               \
      lanes[k] += x * x;                                                                       \
    }                                                                                          \
    for (int w = REDUCE_LANES / 2; w; w /= 2)                                                  \
      for (int k = 0; k < w; k++) lanes[k] += lanes[k + w];                                    \
    o->squares = lanes[0];                                                                     \
  }
// The sum of a block of integers may wrap: it is added as floats.
#define INTEGER_MOMENTS(TAG, TYPE, WIDE, REAL, UNUSED)                                         \
  FOLD_BLOCK(sum_float_##TAG, TYPE, double, int64_t, 0, s += x;, l + r, re)                    \
  MOMENTS_BLOCK(TAG, TYPE, , sum.re, _float)
BOOLEAN(INTEGER_MOMENTS, )
INTEGERS(INTEGER_MOMENTS, )
MOMENTS_BLOCK(FLOAT32, float, , sum.re, )
MOMENTS_BLOCK(FLOAT64, double, , sum.re, )
MOMENTS_BLOCK(FLOAT32, float, , sum.re, _skip)
MOMENTS_BLOCK(FLOAT64, double, , sum.re, _skip)

// MARK: Complex numbers

#define COMPLEX_BLOCKS(TAG, TYPE, WIDE, REAL, SKIPS)                                           \
  static void sum##SKIPS##_##TAG(const char *p, int64_t n, va_partial *o) {                    \
    const REAL *a = (const REAL *)p;                                                           \
    enum { PAIRS = REDUCE_LANES / 2 };                                                         \
    double re[PAIRS] = {0}, im[PAIRS] = {0};                                                   \
    int64_t valid = 0;                                                                         \
    for (int64_t i = 0; i < n; i++) {                                                          \
      double x = (double)a[2 * i], y = (double)a[2 * i + 1];                                   \
      if (sizeof #SKIPS > 1 && (x != x || y != y)) continue;                                   \
      valid++;                                                                                 \
      re[i % PAIRS] += x;                                                                      \
      im[i % PAIRS] += y;                                                                      \
    }                                                                                          \
    for (int w = PAIRS / 2; w; w /= 2)                                                         \
      for (int k = 0; k < w; k++) re[k] += re[k + w], im[k] += im[k + w];                      \
    o->re = re[0];                                                                             \
    o->im = im[0];                                                                             \
    o->n = valid;                                                                              \
  }                                                                                            \
  static void prod##SKIPS##_##TAG(const char *p, int64_t n, va_partial *o) {                   \
    const REAL *a = (const REAL *)p;                                                           \
    double re = 1, im = 0;                                                                     \
    o->n = 0;                                                                                  \
    for (int64_t i = 0; i < n; i++) {                                                          \
      double x = (double)a[2 * i], y = (double)a[2 * i + 1];                                   \
      if (sizeof #SKIPS > 1 && (x != x || y != y)) continue;                                   \
      o->n++;                                                                                  \
      double next = re * x - im * y;                                                           \
      im = re * y + im * x;                                                                    \
      re = next;                                                                               \
    }                                                                                          \
    o->re = re;                                                                                \
    o->im = im;                                                                                \
  }                                                                                            \
  static void moments##SKIPS##_##TAG(const char *p, int64_t n, va_partial *o) {                \
    const REAL *a = (const REAL *)p;                                                           \
    sum##SKIPS##_##TAG(p, n, o);                                                               \
    if (o->n) o->re /= (double)o->n, o->im /= (double)o->n;                                    \
    double squares[REDUCE_LANES] = {0};                                                        \
    for (int64_t i = 0; i < n; i++) {                                                          \
      double x = (double)a[2 * i] - o->re, y = (double)a[2 * i + 1] - o->im;                   \
      if (sizeof #SKIPS > 1 && (x != x || y != y)) continue;                                   \
      squares[i % REDUCE_LANES] += x * x + y * y;                                              \
    }                                                                                          \
    for (int w = REDUCE_LANES / 2; w; w /= 2)                                                  \
      for (int k = 0; k < w; k++) squares[k] += squares[k + w];                                \
    o->squares = squares[0];                                                                   \
  }
COMPLEXES(COMPLEX_BLOCKS, )
COMPLEXES(COMPLEX_BLOCKS, _skip)

// MARK: Columns

#define COLUMNS(NAME, TYPE, SUM, STEP)                                                         \
  static void NAME(                                                                            \
      const char *p, int64_t stride, int64_t rows, int64_t columns, void *results) {           \
    SUM *restrict sums = (SUM *)results;                                                       \
    int64_t row = 0;                                                                           \
    for (; row + 4 <= rows; row += 4, p += 4 * stride) {                                       \
      const TYPE *a = (const TYPE *)p, *b = (const TYPE *)(p + stride);                        \
      const TYPE *c = (const TYPE *)(p + 2 * stride), *d = (const TYPE *)(p + 3 * stride);     \
      for (int64_t i = 0; i < columns; i++) {                                                  \
        SUM s = sums[i], x = (SUM)a[i];                                                        \
        s = STEP;                                                                              \
        x = (SUM)b[i];                                                                         \
        s = STEP;                                                                              \
        x = (SUM)c[i];                                                                         \
        s = STEP;                                                                              \
        x = (SUM)d[i];                                                                         \
        sums[i] = STEP;                                                                        \
      }                                                                                        \
    }                                                                                          \
    for (; row < rows; row++, p += stride) {                                                   \
      const TYPE *a = (const TYPE *)p;                                                         \
      for (int64_t i = 0; i < columns; i++) {                                                  \
        SUM x = (SUM)a[i], s = sums[i];                                                        \
        sums[i] = STEP;                                                                        \
      }                                                                                        \
    }                                                                                          \
  }
#define INTEGER_COLUMNS(TAG, TYPE, WIDE, REAL, SUM)                                            \
  COLUMNS(sum_columns_##TAG, TYPE, uint64_t, s + x)                                            \
  COLUMNS(least_columns_##TAG, TYPE, SUM, x < s ? x : s)                                       \
  COLUMNS(greatest_columns_##TAG, TYPE, SUM, x > s ? x : s)
BOOLEAN(INTEGER_COLUMNS, uint64_t)
SIGNED(INTEGER_COLUMNS, int64_t)
UNSIGNED(INTEGER_COLUMNS, uint64_t)
#define FLOAT_COLUMNS(TAG, TYPE, WIDE, REAL, UNUSED)                                           \
  COLUMNS(sum_columns_##TAG, TYPE, double, s + x)                                              \
  COLUMNS(least_columns_##TAG, TYPE, double, LESS_OR_NAN(s, x) ? s : x)                        \
  COLUMNS(greatest_columns_##TAG, TYPE, double, MORE_OR_NAN(s, x) ? s : x)
FLOATS(FLOAT_COLUMNS, )

#ifdef VA_BLOCK_TABLE
#define BLOCK_ENTRY(TAG, TYPE, WIDE, REAL, NAME) [VA_##TAG] = {NAME##_##TAG, NAME##_##TAG},
#define SKIP_ENTRY(TAG, TYPE, WIDE, REAL, NAME) [VA_##TAG] = {NAME##_##TAG, NAME##_skip_##TAG},
#define REALS_OF(NAME) BOOLEAN(ENTRY, NAME) INTEGERS(ENTRY, NAME) FLOATS(ENTRY, NAME)
#define REAL_BLOCKS(NAME)                                                                      \
  BOOLEAN(BLOCK_ENTRY, NAME) INTEGERS(BLOCK_ENTRY, NAME) FLOATS(SKIP_ENTRY, NAME)
const va_block_table VA_BLOCK_TABLE = {
    [VA_BLOCK_SUM] = {REAL_BLOCKS(sum) COMPLEXES(SKIP_ENTRY, sum)},
    [VA_BLOCK_PROD] = {REAL_BLOCKS(prod) COMPLEXES(SKIP_ENTRY, prod)},
    [VA_BLOCK_LEAST] = {REAL_BLOCKS(least)},
    [VA_BLOCK_GREATEST] = {REAL_BLOCKS(greatest)},
    [VA_BLOCK_COUNT] = {REAL_BLOCKS(count) COMPLEXES(SKIP_ENTRY, count)},
    [VA_BLOCK_MOMENTS] = {BOOLEAN(BLOCK_ENTRY, moments_float) INTEGERS(BLOCK_ENTRY, moments_float)
                              FLOATS(SKIP_ENTRY, moments) COMPLEXES(SKIP_ENTRY, moments)},
};
const va_columns_table VA_COLUMN_TABLE = {
    [VA_BLOCK_SUM] = {REALS_OF(sum_columns)},
    [VA_BLOCK_LEAST] = {REALS_OF(least_columns)},
    [VA_BLOCK_GREATEST] = {REALS_OF(greatest_columns)},
};
#endif
