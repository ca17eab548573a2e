// SPDX-License-Identifier: BSD-3-Clause

#include "include/Sort.h"
#include "kernels.h"
#include "sort.h"
#include "team.h"

#include <stdlib.h>

// MARK: Lines along an axis

typedef enum { SORT, ARGSORT, TOPK, PARTITION } task;

typedef struct {
  task task;
  const va_view *a, *values, *places;
  int axis;
  int64_t n, k, lines, grouped;
  bool descending;
  const int64_t *wanted;  // the places of a partition
  int number;
  const va_detail *detail;
  _Atomic int status;
} work;

static va_status run_line(const work *work, int64_t number) {
  const va_view *a = work->a;
  size_t size = va_size(a->dtype);
  int64_t n = work->n;
  // The elements, and the places if they do not go straight to the output.
  char *line = malloc(size * (size_t)n + 1);
  bool whole = work->task == SORT || work->task == PARTITION;
  int64_t *places = whole ? NULL : malloc(sizeof *places * (size_t)n + 1);
  va_status status = VA_NO_MEMORY;
  if (line && (places || whole)) {
    va_gather(line, va_line_of(a, work->axis, number), a->strides[work->axis], size, n);
    if (work->task == SORT)
      status = va_sort_line(line, a->dtype, n, work->descending, work->detail);
    else if (work->task == PARTITION)
      status = va_partition_line(line, a->dtype, n, work->wanted, work->number, work->detail);
    else
      status = va_argsort_line(line, a->dtype, n, work->descending, places, work->detail);
  }
  if (status == VA_OK && work->places)
    va_scatter(va_line_of(work->places, work->axis, number), work->places->strides[work->axis],
               (const char *)places, sizeof *places, work->k);
  if (status == VA_OK && work->values) {
    char *out = va_line_of(work->values, work->axis, number);
    int64_t stride = work->values->strides[work->axis];
    if (whole) va_scatter(out, stride, line, size, n);
    else
      for (int64_t i = 0; i < work->k; i++)
        memcpy(out + i * stride, line + places[i] * (int64_t)size, size);
  }
  free(line);
  free(places);
  return status;
}

static void run_lines(void *context, int64_t chunk) {
  work *work = context;
  int64_t first = chunk * work->grouped, end = first + work->grouped;
  if (end > work->lines) end = work->lines;
  for (int64_t line = first; line < end; line++) {
    if (va_is_stopped(work->detail)) return;
    va_status status = run_line(work, line);
    if (status != VA_OK) work->status = status;
  }
}

static va_status run(work *work) {
  const va_view *a = work->a;
  work->n = work->axis < a->axes ? a->shape[work->axis] : 1;
  work->lines = 1;
  for (int i = 0; i < a->axes; i++)
    if (i != work->axis) work->lines *= a->shape[i];
  if (work->task != TOPK) work->k = work->n;
  if (work->lines == 0 || work->n == 0) return VA_OK;
  // A long line is itself computed by the team.
  if (work->n >= 1 << 18 || work->lines == 1) {
    for (int64_t line = 0; line < work->lines; line++) {
      va_status status = run_line(work, line);
      if (status != VA_OK) return status;
    }
    return VA_OK;
  }
  work->grouped = (1 << 15) / work->n + 1;
  va_status status = va_team_run(
      (work->lines + work->grouped - 1) / work->grouped,
      (double)work->lines * (double)work->n * 20, run_lines, work, work->detail);
  if (status == VA_OK) status = (va_status)work->status;
  return status == VA_OK && va_is_stopped(work->detail) ? VA_STOPPED : status;
}

va_status va_sort(
    const va_view *a, int axis, bool descending, const va_view *out, va_detail *detail) {
  work work = {.task = SORT, .a = a, .axis = axis, .values = out, .descending = descending,
               .detail = detail};
  return run(&work);
}

va_status va_argsort(
    const va_view *a, int axis, bool descending, const va_view *out, va_detail *detail) {
  work work = {.task = ARGSORT, .a = a, .axis = axis, .places = out, .descending = descending,
               .detail = detail};
  return run(&work);
}

va_status va_topk(
    const va_view *a, int axis, int64_t k, bool greatest, const va_view *values,
    const va_view *places, va_detail *detail) {
  work work = {.task = TOPK, .a = a, .axis = axis, .k = k, .values = values, .places = places,
               .descending = greatest, .detail = detail};
  return run(&work);
}

va_status va_partition(
    const va_view *a, int axis, const int64_t *places, int count, const va_view *out,
    va_detail *detail) {
  work work = {.task = PARTITION, .a = a, .axis = axis, .values = out, .wanted = places,
               .number = count, .detail = detail};
  return run(&work);
}

// MARK: Distinct elements

static bool is_equal(const char *line, va_dtype dtype, int64_t i, int64_t k) {
  switch (dtype) {
    case VA_COMPLEX64: {
      const float *p = (const float *)line;
      return p[2 * i] == p[2 * k] && p[2 * i + 1] == p[2 * k + 1];
    }
    case VA_COMPLEX128: {
      const double *p = (const double *)line;
      return p[2 * i] == p[2 * k] && p[2 * i + 1] == p[2 * k + 1];
    }
    case VA_FLOAT32: return ((const float *)line)[i] == ((const float *)line)[k];
    case VA_FLOAT64: return ((const double *)line)[i] == ((const double *)line)[k];
    default: return va_key(line, dtype, i, false) == va_key(line, dtype, k, false);
  }
}

static int64_t *place_in(const va_view *view, int64_t i) {
  return (int64_t *)(view->data + i * view->strides[0]);
}

va_status va_unique(
    const va_view *a, const va_view *values, const va_view *first, const va_view *inverse,
    const va_view *counts, int64_t *found, va_detail *detail) {
  int64_t n = a->shape[0];
  size_t size = va_size(a->dtype);
  *found = 0;
  if (n == 0) return VA_OK;
  char *line = malloc(size * (size_t)n);
  int64_t *places = malloc(sizeof *places * (size_t)n);
  va_status status = VA_NO_MEMORY;
  if (line && places) {
    va_gather(line, a->data, a->strides[0], size, n);
    status = va_argsort_line(line, a->dtype, n, false, places, detail);
  }
  int64_t distinct = -1;
  for (int64_t i = 0; i < n && status == VA_OK; i++) {
    if ((i & 0xFFFF) == 0 && va_is_stopped(detail)) status = VA_STOPPED;
    if (i == 0 || !is_equal(line, a->dtype, places[i - 1], places[i])) {
      distinct++;
      if (values)
        memcpy(values->data + distinct * values->strides[0], line + places[i] * (int64_t)size,
               size);
      if (first) *place_in(first, distinct) = places[i];
      if (counts) *place_in(counts, distinct) = 0;
    }
    if (counts) ++*place_in(counts, distinct);
    if (inverse) *place_in(inverse, places[i]) = distinct;
  }
  free(line);
  free(places);
  *found = distinct + 1;
  return status;
}
