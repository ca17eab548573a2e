// SPDX-License-Identifier: BSD-3-Clause
//
// The Fourier transform of the lines of an array.

#include "fourier.h"
#include "kernels.h"
#include "team.h"

#include <stdlib.h>
#include <string.h>

typedef enum { COMPLEX, TO_REAL_HALF, FROM_REAL_HALF } task;

typedef struct {
  task task;
  const va_view *a, *out;
  int axis;
  int64_t n, lines, grouped;
  bool inverse;
  bool halved;  // 2 * n real numbers are transformed as n complex ones
  double scale;
  va_fft_plan *plan;
  const va_detail *detail;
  _Atomic int status;
} work;

static void read_line(
    const va_view *a, const char *at, int64_t stride, int64_t n, double *r, double *i) {
  for (int64_t k = 0; k < n; k++, at += stride) {
    i[k] = 0;
    switch (a->dtype) {
      case VA_FLOAT32: r[k] = (double)*(const float *)at; break;
      case VA_FLOAT64: r[k] = *(const double *)at; break;
      case VA_COMPLEX64:
        r[k] = (double)((const float *)at)[0];
        i[k] = (double)((const float *)at)[1];
        break;
      default:
        r[k] = ((const double *)at)[0];
        i[k] = ((const double *)at)[1];
    }
  }
}

static void write_line(
    const va_view *out, char *at, int64_t stride, int64_t n, const double *r, const double *i,
    double scale) {
  for (int64_t k = 0; k < n; k++, at += stride) {
    switch (out->dtype) {
      case VA_FLOAT32: *(float *)at = (float)(r[k] * scale); break;
      case VA_FLOAT64: *(double *)at = r[k] * scale; break;
      case VA_COMPLEX64:
        ((float *)at)[0] = (float)(r[k] * scale);
        ((float *)at)[1] = (float)(i[k] * scale);
        break;
      default:
        ((double *)at)[0] = r[k] * scale;
        ((double *)at)[1] = i[k] * scale;
    }
  }
}

// The rest of a line is the mirrored conjugate of its first half.
static void mirror(int64_t n, int64_t given, double *r, double *i) {
  int64_t half = n / 2 + 1;
  for (int64_t k = given; k < half; k++) r[k] = i[k] = 0;
  // They are real: an imaginary part is left out.
  i[0] = 0;
  if (n % 2 == 0) i[n / 2] = 0;
  for (int64_t k = half; k < n; k++) {
    r[k] = r[n - k];
    i[k] = -i[n - k];
  }
}

// MARK: Real numbers in pairs

enum { ROOTS = 256 };

// From the transform of pairs, the one of the numbers: `r` and `i` have n + 1 elements.
static void split(int64_t n, double *r, double *i) {
  double wr[ROOTS], wi[ROOTS];
  double first = r[0] + i[0], last = r[0] - i[0];
  for (int64_t k = 1; k <= n / 2; k++) {
    int64_t root = (k - 1) % ROOTS;
    if (root == 0) va_fft_roots(2 * n, k, ROOTS, wr, wi);
    double ar = r[k], ai = i[k], br = r[n - k], bi = -i[n - k];
    double er = 0.5 * (ar + br), ei = 0.5 * (ai + bi);
    double or = 0.5 * (ai - bi), oi = 0.5 * (br - ar);
    double tr = or * wr[root] - oi * wi[root], ti = or * wi[root] + oi * wr[root];
    r[k] = er + tr;
    i[k] = ei + ti;
    // The other one has the conjugates: root n - k is minus the conjugate of root k.
    r[n - k] = er - tr;
    i[n - k] = ti - ei;
  }
  r[0] = first;
  r[n] = last;
  i[0] = i[n] = 0;
}

// The reverse, times 2: from n + 1 elements to the transform of n pairs.
static void join(int64_t n, double *r, double *i) {
  double wr[ROOTS], wi[ROOTS];
  double first = r[0] + r[n], second = r[0] - r[n];
  for (int64_t k = 1; k <= n / 2; k++) {
    int64_t root = (k - 1) % ROOTS;
    if (root == 0) va_fft_roots(2 * n, k, ROOTS, wr, wi);
    double ar = r[k], ai = i[k], br = r[n - k], bi = -i[n - k];
    double er = ar + br, ei = ai + bi, dr = ar - br, di = ai - bi;
    double or = dr * wr[root] + di * wi[root], oi = di * wr[root] - dr * wi[root];
    r[k] = er - oi;
    i[k] = ei + or;
    r[n - k] = er + oi;
    i[n - k] = or - ei;
  }
  r[0] = first;
  i[0] = second;
}

static void run_halved(const work *work, int64_t line, double *r, double *i, double *memory) {
  const va_view *a = work->a, *out = work->out;
  int axis = work->axis;
  int64_t n = work->n, stride = a->strides[axis], length = a->shape[axis];
  char *from = va_line_of(a, axis, line), *to = va_line_of(out, axis, line);
  if (work->task == TO_REAL_HALF) {
    int64_t given = length < 2 * n ? length : 2 * n, even = (given + 1) / 2, odd = given / 2;
    memset(r, 0, sizeof *r * (size_t)n);
    read_line(a, from, 2 * stride, even, r, i);
    // The imaginary parts that are read are 0, and are not used.
    read_line(a, from + stride, 2 * stride, odd, i, memory);
    memset(i + odd, 0, sizeof *i * (size_t)(n - odd));
    va_fft_transform(work->plan, r, i, memory, work->detail);
    if (va_is_stopped(work->detail)) return;
    split(n, r, i);
    write_line(out, to, out->strides[axis], n + 1, r, i, work->scale);
    return;
  }
  int64_t given = length < n + 1 ? length : n + 1;
  read_line(a, from, stride, given, r, i);
  memset(r + given, 0, sizeof *r * (size_t)(n + 1 - given));
  memset(i + given, 0, sizeof *i * (size_t)(n + 1 - given));
  join(n, r, i);
  va_fft_transform(work->plan, i, r, memory, work->detail);
  if (va_is_stopped(work->detail)) return;
  write_line(out, to, 2 * out->strides[axis], n, r, i, work->scale);
  write_line(out, to + out->strides[axis], 2 * out->strides[axis], n, i, r, work->scale);
}

// MARK: Lines

/// The parts of the numbers of a view along an axis; the inverse transform exchanges them.
static va_fft_line parts_of(const work *work, const va_view *view, int64_t line) {
  char *at = va_line_of(view, work->axis, line);
  int64_t length = view->shape[work->axis];
  size_t size = va_size(view->dtype);
  bool complex = va_is_complex(view->dtype);
  char *other = complex ? at + size / 2 : NULL;
  return (va_fft_line){
      .r = work->inverse ? other : at, .i = work->inverse ? at : other,
      .stride = view->strides[work->axis], .given = length < work->n ? length : work->n,
      .dtype = size == (complex ? 16 : 8) ? VA_FLOAT64 : VA_FLOAT32};
}

static void run_long(const work *work, int64_t line, double *memory) {
  va_fft_line from = parts_of(work, work->a, line), to = parts_of(work, work->out, line);
  va_fft_long_transform(work->plan, &from, &to, work->scale, memory, work->detail);
}

static void run_line(const work *work, int64_t line, double *r, double *i, double *memory) {
  const va_view *a = work->a, *out = work->out;
  int axis = work->axis;
  int64_t n = work->n, given = a->shape[axis] < n ? a->shape[axis] : n;
  if (work->task == FROM_REAL_HALF && given > n / 2 + 1) given = n / 2 + 1;
  read_line(a, va_line_of(a, axis, line), a->strides[axis], given, r, i);
  if (work->task == FROM_REAL_HALF) {
    mirror(n, given, r, i);
  } else {
    memset(r + given, 0, sizeof *r * (size_t)(n - given));
    memset(i + given, 0, sizeof *i * (size_t)(n - given));
  }
  // The inverse transform exchanges the parts.
  va_fft_transform(work->plan, work->inverse ? i : r, work->inverse ? r : i, memory,
                   work->detail);
  if (va_is_stopped(work->detail)) return;
  write_line(out, va_line_of(out, axis, line), out->strides[axis], out->shape[axis], r, i,
             work->scale);
}

// The lines of a group are computed at once where their numbers fit into a cache.
enum { LONGEST_GROUPED = 2048 };

static bool is_grouped(const work *work) {
  return work->task == COMPLEX && work->n >= 2 && work->n <= LONGEST_GROUPED &&
         work->lines >= VA_FFT_LANES && !work->plan->longer && !work->plan->first;
}

/// The bytes from each line of a group to the next one; false if they differ.
static bool find_step(const work *work, const va_view *view, int64_t line, int64_t *step) {
  char *first = va_line_of(view, work->axis, line);
  *step = va_line_of(view, work->axis, line + 1) - first;
  for (int64_t i = 2; i < VA_FFT_LANES; i++)
    if (va_line_of(view, work->axis, line + i) - first != i * *step) return false;
  return true;
}

/// Computes the lines of a group; false if they do not lie at equal distances.
static bool run_group(const work *work, int64_t line, double *memory) {
  va_fft_group group = {.plan = work->plan, .from = parts_of(work, work->a, line),
                        .to = parts_of(work, work->out, line), .scale = work->scale};
  if (!find_step(work, work->a, line, &group.from_next) ||
      !find_step(work, work->out, line, &group.to_next))
    return false;
  va_fft_blocks_used()->group(&group, memory);
  return true;
}

static void run_lines(void *context, int64_t chunk) {
  work *work = context;
  size_t n = (size_t)work->n;
  // Memory that was used before has pages.
  size_t numbers = 2 * (n + VA_FFT_GAP) + (size_t)va_fft_memory(work->plan);
  bool grouped = is_grouped(work);
  va_block *block = va_block_new_unset(
      sizeof(double) * (numbers + (grouped ? 4 * VA_FFT_LANES * n : 0)));
  if (!block) {
    work->status = VA_NO_MEMORY;
    return;
  }
  double *r = (double *)va_block_data(block);
  int64_t first = chunk * work->grouped, end = first + work->grouped;
  if (end > work->lines) end = work->lines;
  double *i = r + n + VA_FFT_GAP, *memory = i + n + VA_FFT_GAP;
  for (int64_t line = first; line < end; line++)
    if (grouped && line + VA_FFT_LANES <= end && run_group(work, line, r + numbers))
      line += VA_FFT_LANES - 1;
    else if (work->task == COMPLEX && work->plan->first) run_long(work, line, r);
    else if (work->halved) run_halved(work, line, r, i, memory);
    else run_line(work, line, r, i, memory);
  va_block_release(block);
}

static va_status run(work *work) {
  const va_view *out = work->out;
  work->lines = 1;
  for (int i = 0; i < out->axes; i++)
    if (i != work->axis) work->lines *= out->shape[i];
  if (work->lines == 0 || work->n == 0) return VA_OK;
  if (work->task != COMPLEX && work->n % 2 == 0) {
    work->halved = true;
    work->n /= 2;
  }
  work->plan = va_fft_take_plan(work->n);
  if (!work->plan) return VA_NO_MEMORY;
  va_status status = VA_OK;
  if (work->lines == 1 || work->n >= 1 << 16) {
    // The team computes each stage of a long line.
    work->grouped = 1;
    for (int64_t line = 0; line < work->lines && status == VA_OK; line++) {
      run_lines(work, line);
      if (va_is_stopped(work->detail)) status = VA_STOPPED;
    }
  } else {
    // A multiple of VA_FFT_LANES.
    work->grouped = ((1 << 14) / work->n + VA_FFT_LANES) / VA_FFT_LANES * VA_FFT_LANES;
    status = va_team_run((work->lines + work->grouped - 1) / work->grouped,
                         (double)work->lines * (double)work->n * 20, run_lines, work,
                         work->detail);
  }
  va_fft_return_plan(work->plan);
  if (status == VA_OK) status = (va_status)work->status;
  return status == VA_OK && va_is_stopped(work->detail) ? VA_STOPPED : status;
}

va_status va_fft(
    const va_view *a, int axis, bool inverse, double scale, const va_view *out,
    va_detail *detail) {
  if (!va_is_complex(out->dtype) || !va_is_floating(a->dtype)) return VA_NOT_DEFINED;
  work work = {.task = COMPLEX, .a = a, .out = out, .axis = axis, .n = out->shape[axis],
               .inverse = inverse, .scale = scale, .detail = detail};
  return run(&work);
}

va_status va_rfft(
    const va_view *a, int axis, int64_t n, double scale, const va_view *out, va_detail *detail) {
  if (!va_is_complex(out->dtype) || !va_is_real(a->dtype)) return VA_NOT_DEFINED;
  work work = {.task = TO_REAL_HALF, .a = a, .out = out, .axis = axis, .n = n, .scale = scale,
               .detail = detail};
  return run(&work);
}

va_status va_irfft(
    const va_view *a, int axis, double scale, const va_view *out, va_detail *detail) {
  if (!va_is_floating(a->dtype) || !va_is_real(out->dtype)) return VA_NOT_DEFINED;
  work work = {.task = FROM_REAL_HALF, .a = a, .out = out, .axis = axis, .n = out->shape[axis],
               .inverse = true, .scale = scale, .detail = detail};
  return run(&work);
}
