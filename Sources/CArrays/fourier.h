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
  int users;
};

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
