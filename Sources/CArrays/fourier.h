// SPDX-License-Identifier: BSD-3-Clause

/// Plans and stages of the Fourier transform. Real and imaginary parts are in arrays of their own.
#ifndef VTLUA_CARRAYS_FOURIER_PLANS_H
#define VTLUA_CARRAYS_FOURIER_PLANS_H

#include "include/Fourier.h"

enum {
  VA_MOST_FACTORS = 64,
  VA_LARGEST_FACTOR = 50,
  // Numbers between arrays, so that those at one place do not compete for the same lines of a
  // cache when the length is a power of two.
  VA_FFT_GAP = 136,
  // Columns or rows of a long transform that are computed at once.
  VA_FFT_LANES = 8,
};

/// A stage of Stockham's algorithm: `l` groups of `factor` rows of `m` elements, n = factor * l *
/// m.
typedef struct {
  const double *xr, *xi;
  double *yr, *yi;
  const double *wr, *wi;  // exp(-2 pi i j k / (factor * l)) at (k - 1) * step + j
  const double *rr, *ri;  // exp(-2 pi i k / factor), for large factors
  int64_t step, l, m;
  int factor;
} va_fft_stage;

/// Computes the groups from j0 and the columns from q0 on, without the ends.
typedef void (*va_fft_run)(
    const va_fft_stage *stage, int64_t j0, int64_t j1, int64_t q0, int64_t q1);
void va_fft_run_base(const va_fft_stage *, int64_t, int64_t, int64_t, int64_t);
void va_fft_run_avx2(const va_fft_stage *, int64_t, int64_t, int64_t, int64_t);
void va_fft_run_avx512(const va_fft_stage *, int64_t, int64_t, int64_t, int64_t);

typedef struct va_fft_plan va_fft_plan;
struct va_fft_plan {
  int64_t n;
  int factors;
  int factor[VA_MOST_FACTORS];
  int64_t table;          // numbers of wr
  double *wr, *wi;        // of all stages, one after another
  double *rr, *ri;        // VA_LARGEST_FACTOR numbers for each stage, or NULL
  // For a length with a large prime factor (Bluestein): the transform of `longer` numbers, the
  // chirp, and the transform of its conjugate.
  va_fft_plan *longer;
  double *chirp_r, *chirp_i, *filter_r, *filter_i;
  // For a long transform, as a matrix of first->n rows and second->n columns: the plans of a column and
  // of a row. wr and wi have the roots between them, by blocks of columns.
  va_fft_plan *first, *second;
  int buffers;  // for threads that compute blocks: 1 to 64
  int users;
};

/// Numbers of a long transform, `stride` bytes apart.
typedef struct {
  char *r, *i;  // the first parts; the imaginary ones may be NULL where they are read: zeros
  int64_t stride;
  int64_t given;   // zeros follow
  va_dtype dtype;  // of a part
} va_fft_line;

typedef struct {
  const va_fft_plan *plan;
  va_fft_line from, to;
  double scale;
  double *between;  // 2 * n numbers
} va_fft_long;

/// VA_FFT_LANES lines of one length, without a plan for long ones: the first one of them, and the bytes
/// from one to the next.
typedef struct {
  const va_fft_plan *plan;
  va_fft_line from, to;
  int64_t from_next, to_next;
  double scale;
} va_fft_group;

/// Computes a block of columns or rows; `x` has room for 4 * VA_FFT_LANES columns or rows.
typedef struct {
  void (*columns)(const va_fft_long *, int64_t block, double *x);
  void (*rows)(const va_fft_long *, int64_t block, double *x);
  void (*group)(const va_fft_group *, double *x);
} va_fft_blocks;
void va_fft_columns_base(const va_fft_long *, int64_t, double *);
void va_fft_columns_avx2(const va_fft_long *, int64_t, double *);
void va_fft_columns_avx512(const va_fft_long *, int64_t, double *);
void va_fft_rows_base(const va_fft_long *, int64_t, double *);
void va_fft_rows_avx2(const va_fft_long *, int64_t, double *);
void va_fft_rows_avx512(const va_fft_long *, int64_t, double *);
void va_fft_group_base(const va_fft_group *, double *);
void va_fft_group_avx2(const va_fft_group *, double *);
void va_fft_group_avx512(const va_fft_group *, double *);

/// The functions for this processor.
const va_fft_blocks *va_fft_blocks_used(void);

/// The transform of a line by a plan that has `first`; `to` may be `from`. `memory` has room for
/// va_fft_memory(plan) numbers.
void va_fft_long_transform(
    const va_fft_plan *plan, const va_fft_line *from, const va_fft_line *to, double scale,
    double *memory, const va_detail *detail);
int64_t va_fft_long_memory(const va_fft_plan *plan);

/// The distance of rows in a table.
static inline int64_t va_fft_step(int64_t l) { return l < 512 ? l : l + VA_FFT_GAP / 2; }

/// exp(-2 pi i k / n) for `count` numbers k from `first` on.
void va_fft_roots(int64_t n, int64_t first, int64_t count, double *r, double *i);

/// A plan for the length, made or from a cache; NULL without memory.
va_fft_plan *va_fft_take_plan(int64_t n);
void va_fft_return_plan(va_fft_plan *plan);

/// The transform of the n numbers in `r` and `i`, in place; `memory` has room for
/// va_fft_memory(plan) numbers.
void va_fft_transform(
    const va_fft_plan *plan, double *r, double *i, double *memory, const va_detail *detail);
int64_t va_fft_memory(const va_fft_plan *plan);

#endif
