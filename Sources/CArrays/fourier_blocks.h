// SPDX-License-Identifier: BSD-3-Clause

/// Blocks of long transforms for one kind of processor: VA_FFT_LANES columns or rows at once. The
/// vectors have VA_FFT_BYTES bytes.
#include "fourier_stages.h"

#include <stdlib.h>

#ifndef VA_FFT_BYTES
#define VA_FFT_BYTES 16
#endif

typedef double fft_vector __attribute__((vector_size(VA_FFT_BYTES), aligned(8)));
typedef double fft_eight __attribute__((vector_size(64), aligned(8)));

// A stage of factor 4 over columns whose number is a multiple of VA_FFT_LANES.
static void fft_four_wide(const va_fft_stage *s) {
  FFT_ARRAYS
  enum { STEP = VA_FFT_BYTES / 8 };
  int64_t m = s->m, next = m * l;
  for (int64_t j = 0; j < l; j++) {
    double w1r = wr[j], w1i = wi[j], w2r = wr[step + j], w2i = wi[step + j];
    double w3r = wr[2 * step + j], w3i = wi[2 * step + j];
    for (int64_t q = 0; q < m; q += STEP) {
#define READ(ARRAY, K) (*(const fft_vector *)((ARRAY) + m * j + (K) * next + q))
#define WRITE(ARRAY, K) (*(fft_vector *)((ARRAY) + m * (4 * j + (K)) + q))
      fft_vector ar = READ(xr, 0), ai = READ(xi, 0), br = READ(xr, 1), bi = READ(xi, 1);
      fft_vector cr = READ(xr, 2), ci = READ(xi, 2), dr = READ(xr, 3), di = READ(xi, 3);
      fft_vector sr = ar + cr, si = ai + ci, tr = ar - cr, ti = ai - ci;
      fft_vector ur = br + dr, ui = bi + di, vr = bi - di, vi = dr - br;
      fft_vector er = tr + vr, ei = ti + vi, fr = sr - ur, fi = si - ui;
      fft_vector gr = tr - vr, gi = ti - vi;
      WRITE(yr, 0) = sr + ur;
      WRITE(yi, 0) = si + ui;
      WRITE(yr, 1) = er * w1r - ei * w1i;
      WRITE(yi, 1) = er * w1i + ei * w1r;
      WRITE(yr, 2) = fr * w2r - fi * w2i;
      WRITE(yi, 2) = fr * w2i + fi * w2r;
      WRITE(yr, 3) = gr * w3r - gi * w3i;
      WRITE(yi, 3) = gr * w3i + gi * w3r;
#undef READ
#undef WRITE
    }
  }
}

#ifdef VA_FFT_RUN
// Transforms the columns in the first of two buffers, which may end in the second; returns where.
static double *fft_columns(const va_fft_plan *plan, double *x, double *y) {
  int64_t size = plan->n * VA_FFT_LANES, l = plan->n, m = VA_FFT_LANES, table = 0;
  for (int f = 0; f < plan->factors; f++) {
    int factor = plan->factor[f];
    l /= factor;
    int64_t step = va_fft_step(l);
    va_fft_stage stage = {
        x, x + size, y, y + size, plan->wr + table, plan->wi + table,
        plan->rr + f * VA_LARGEST_FACTOR, plan->ri + f * VA_LARGEST_FACTOR, step, l, m, factor};
    if (factor == 4) fft_four_wide(&stage);
    else VA_FFT_RUN(&stage, 0, l, 0, m);
    m *= factor;
    table += (factor - 1) * step;
    double *swap = x;
    x = y;
    y = swap;
  }
  return x;
}

// MARK: Lines

static double fft_part(const char *at, va_dtype dtype) {
  return dtype == VA_FLOAT64 ? *(const double *)at : (double)*(const float *)at;
}

// Reads VA_FFT_LANES numbers of a line from `k` on.
FFT_INLINE void fft_read(const va_fft_line *line, int64_t k, double *r, double *i) {
  if (line->dtype == VA_FLOAT64 && k + VA_FFT_LANES <= line->given) {
    if (line->stride == 8 && line->r && line->i) {
      *(fft_eight *)r = *(const fft_eight *)(line->r + k * 8);
      *(fft_eight *)i = *(const fft_eight *)(line->i + k * 8);
      return;
    }
    if (line->stride == 8 && line->r) {
      *(fft_eight *)r = *(const fft_eight *)(line->r + k * 8);
      *(fft_eight *)i = (fft_eight){0};
      return;
    }
    if (line->stride == 16 && line->r && line->i &&
        (line->i == line->r + 8 || line->r == line->i + 8)) {
      bool exchanged = line->r > line->i;
      const fft_eight *at = (const fft_eight *)((exchanged ? line->i : line->r) + k * 16);
      *(fft_eight *)(exchanged ? i : r) =
          __builtin_shufflevector(at[0], at[1], 0, 2, 4, 6, 8, 10, 12, 14);
      *(fft_eight *)(exchanged ? r : i) =
          __builtin_shufflevector(at[0], at[1], 1, 3, 5, 7, 9, 11, 13, 15);
      return;
    }
  }
  for (int64_t lane = 0; lane < VA_FFT_LANES; lane++) {
    bool given = k + lane < line->given;
    int64_t at = (k + lane) * line->stride;
    r[lane] = given && line->r ? fft_part(line->r + at, line->dtype) : 0;
    i[lane] = given && line->i ? fft_part(line->i + at, line->dtype) : 0;
  }
}

FFT_INLINE void fft_write(
    const va_fft_line *line, int64_t k, const double *r, const double *i, double scale) {
  fft_eight re = *(const fft_eight *)r * scale, im = *(const fft_eight *)i * scale;
  if (line->dtype == VA_FLOAT64 && line->stride == 8) {
    *(fft_eight *)(line->r + k * 8) = re;
    *(fft_eight *)(line->i + k * 8) = im;
  } else if (line->dtype == VA_FLOAT64 && line->stride == 16 && line->i == line->r + 8) {
    fft_eight *at = (fft_eight *)(line->r + k * 16);
    at[0] = __builtin_shufflevector(re, im, 0, 8, 1, 9, 2, 10, 3, 11);
    at[1] = __builtin_shufflevector(re, im, 4, 12, 5, 13, 6, 14, 7, 15);
  } else {
    for (int64_t lane = 0; lane < VA_FFT_LANES; lane++) {
      int64_t at = (k + lane) * line->stride;
      if (line->dtype == VA_FLOAT64) {
        *(double *)(line->r + at) = re[lane];
        *(double *)(line->i + at) = im[lane];
      } else {
        *(float *)(line->r + at) = (float)re[lane];
        *(float *)(line->i + at) = (float)im[lane];
      }
    }
  }
}

// MARK: Blocks

void VA_FFT_COLUMNS(const va_fft_long *t, int64_t block, double *x) {
  const va_fft_plan *plan = t->plan;
  int64_t n1 = plan->first->n, n2 = plan->second->n, size = n1 * VA_FFT_LANES;
  for (int64_t row = 0; row < n1; row++)
    fft_read(&t->from, row * n2 + block * VA_FFT_LANES, x + row * VA_FFT_LANES,
             x + size + row * VA_FFT_LANES);
  const double *r = fft_columns(plan->first, x, x + 2 * size), *i = r + size;
  const double *wr = plan->wr + block * size, *wi = plan->wi + block * size;
  double *restrict yr = t->between + block * size, *restrict yi = yr + plan->n;
  for (int64_t k = 0; k < size; k += VA_FFT_BYTES / 8) {
#define AT(ARRAY) (*(const fft_vector *)((ARRAY) + k))
    fft_vector ar = AT(r), ai = AT(i), br = AT(wr), bi = AT(wi);
#undef AT
    *(fft_vector *)(yr + k) = ar * br - ai * bi;
    *(fft_vector *)(yi + k) = ar * bi + ai * br;
  }
}

// Eight rows of eight numbers become columns.
FFT_INLINE void fft_transpose(const double *from, double *to) {
  fft_eight a[8], b[8], c[8];
  for (int k = 0; k < 8; k++) a[k] = ((const fft_eight *)from)[k];
  for (int k = 0; k < 8; k += 2) {
    b[k] = __builtin_shufflevector(a[k], a[k + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    b[k + 1] = __builtin_shufflevector(a[k], a[k + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (int k = 0; k < 8; k += 4)
    for (int odd = 0; odd < 2; odd++) {
      fft_eight x = b[k + odd], y = b[k + 2 + odd];
      c[k + odd] = __builtin_shufflevector(x, y, 0, 1, 8, 9, 4, 5, 12, 13);
      c[k + 2 + odd] = __builtin_shufflevector(x, y, 2, 3, 10, 11, 6, 7, 14, 15);
    }
  for (int k = 0; k < 4; k++) {
    ((fft_eight *)to)[k] = __builtin_shufflevector(c[k], c[k + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    ((fft_eight *)to)[k + 4] = __builtin_shufflevector(c[k], c[k + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
}

void VA_FFT_ROWS(const va_fft_long *t, int64_t block, double *x) {
  enum { TILE = VA_FFT_LANES * VA_FFT_LANES };
  const va_fft_plan *plan = t->plan;
  int64_t n1 = plan->first->n, n2 = plan->second->n, size = n2 * VA_FFT_LANES;
  for (int64_t tile = 0; tile < n2 / VA_FFT_LANES; tile++) {
    const double *from = t->between + tile * n1 * VA_FFT_LANES + block * TILE;
    fft_transpose(from, x + tile * TILE);
    fft_transpose(from + plan->n, x + size + tile * TILE);
  }
  const double *r = fft_columns(plan->second, x, x + 2 * size), *i = r + size;
  for (int64_t row = 0; row < n2; row++)
    fft_write(&t->to, row * n1 + block * VA_FFT_LANES, r + row * VA_FFT_LANES,
              i + row * VA_FFT_LANES, t->scale);
}

// MARK: Groups of lines

FFT_INLINE va_fft_line fft_moved(const va_fft_line *line, int64_t bytes) {
  va_fft_line moved = *line;
  moved.r = line->r ? line->r + bytes : NULL;
  moved.i = line->i ? line->i + bytes : NULL;
  return moved;
}

// The numbers at place `k` of the lines of a group.
FFT_INLINE va_fft_line fft_across(const va_fft_line *line, int64_t next, int64_t k) {
  va_fft_line across = fft_moved(line, k * line->stride);
  across.given = k < line->given ? VA_FFT_LANES : 0;
  across.stride = next;
  return across;
}

// True if the lines lie beside each other rather than one after another.
static bool fft_are_beside(const va_fft_line *line, int64_t next) {
  return llabs(next) < llabs(line->stride);
}

void VA_FFT_GROUP(const va_fft_group *group, double *x) {
  enum { TILE = VA_FFT_LANES * VA_FFT_LANES };
  const va_fft_line *from = &group->from, *to = &group->to;
  int64_t n = group->plan->n, size = n * VA_FFT_LANES, k = 0;
  double tile[2][TILE];
  for (; k + VA_FFT_LANES <= n && !fft_are_beside(from, group->from_next); k += VA_FFT_LANES) {
    for (int64_t lane = 0; lane < VA_FFT_LANES; lane++) {
      va_fft_line line = fft_moved(from, lane * group->from_next);
      fft_read(&line, k, tile[0] + lane * VA_FFT_LANES, tile[1] + lane * VA_FFT_LANES);
    }
    fft_transpose(tile[0], x + k * VA_FFT_LANES);
    fft_transpose(tile[1], x + size + k * VA_FFT_LANES);
  }
  for (; k < n; k++) {
    va_fft_line across = fft_across(from, group->from_next, k);
    fft_read(&across, 0, x + k * VA_FFT_LANES, x + size + k * VA_FFT_LANES);
  }
  const double *r = fft_columns(group->plan, x, x + 2 * size), *i = r + size;
  for (k = 0; k + VA_FFT_LANES <= n && !fft_are_beside(to, group->to_next); k += VA_FFT_LANES) {
    fft_transpose(r + k * VA_FFT_LANES, tile[0]);
    fft_transpose(i + k * VA_FFT_LANES, tile[1]);
    for (int64_t lane = 0; lane < VA_FFT_LANES; lane++) {
      va_fft_line line = fft_moved(to, lane * group->to_next);
      fft_write(&line, k, tile[0] + lane * VA_FFT_LANES, tile[1] + lane * VA_FFT_LANES,
                group->scale);
    }
  }
  for (; k < n; k++) {
    va_fft_line across = fft_across(to, group->to_next, k);
    fft_write(&across, 0, r + k * VA_FFT_LANES, i + k * VA_FFT_LANES, group->scale);
  }
}
#endif
