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
  double scale;
  va_fft_plan *plan;
  const va_detail *detail;
  _Atomic int status;
} work;

static char *line_of(const va_view *view, int axis, int64_t line) {
  char *at = view->data;
  for (int i = view->axes - 1; i >= 0; i--) {
    if (i == axis) continue;
    at += line % view->shape[i] * view->strides[i];
    line /= view->shape[i];
  }
  return at;
}

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

static void run_line(const work *work, int64_t line, double *r, double *i, double *memory) {
  const va_view *a = work->a, *out = work->out;
  int axis = work->axis;
  int64_t n = work->n, given = a->shape[axis] < n ? a->shape[axis] : n;
  if (work->task == FROM_REAL_HALF && given > n / 2 + 1) given = n / 2 + 1;
  read_line(a, line_of(a, axis, line), a->strides[axis], given, r, i);
  if (work->task == FROM_REAL_HALF) {
    mirror(n, given, r, i);
  } else {
    memset(r + given, 0, sizeof *r * (size_t)(n - given));
    memset(i + given, 0, sizeof *i * (size_t)(n - given));
  }
  // The inverse transform exchanges the parts.
  va_fft_transform(work->plan, work->inverse ? i : r, work->inverse ? r : i, memory,
                   work->detail);
  write_line(out, line_of(out, axis, line), out->strides[axis], out->shape[axis], r, i,
             work->scale);
}

static void run_lines(void *context, int64_t chunk) {
  work *work = context;
  size_t n = (size_t)work->n;
  double *r = malloc(sizeof *r * (2 * n + (size_t)va_fft_memory(work->plan)));
  if (!r) {
    work->status = VA_NO_MEMORY;
    return;
  }
  int64_t first = chunk * work->grouped, end = first + work->grouped;
  if (end > work->lines) end = work->lines;
  for (int64_t line = first; line < end; line++) run_line(work, line, r, r + n, r + 2 * n);
  free(r);
}

static va_status run(work *work) {
  const va_view *out = work->out;
  work->lines = 1;
  for (int i = 0; i < out->axes; i++)
    if (i != work->axis) work->lines *= out->shape[i];
  if (work->lines == 0 || work->n == 0) return VA_OK;
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
    work->grouped = (1 << 14) / work->n + 1;
    status = va_team_run((work->lines + work->grouped - 1) / work->grouped,
                         (double)work->lines * (double)work->n * 20, run_lines, work,
                         work->detail);
  }
  va_fft_return_plan(work->plan);
  return status == VA_OK ? (va_status)work->status : status;
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
