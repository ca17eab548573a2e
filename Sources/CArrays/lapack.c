// SPDX-License-Identifier: BSD-3-Clause

#include "lapack.h"

#include "team.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>

static char *batch_of(const va_view *view, int core, int64_t batch) {
  char *at = view->data;
  for (int axis = view->axes - core - 1; axis >= 0; axis--) {
    at += batch % view->shape[axis] * view->strides[axis];
    batch /= view->shape[axis];
  }
  return at;
}

static va_z read_element(const char *at, va_dtype dtype) {
  switch (dtype) {
    case VA_FLOAT32: return (double)*(const float *)at;
    case VA_FLOAT64: return *(const double *)at;
    case VA_COMPLEX64:
      return __builtin_complex((double)((const float *)at)[0], (double)((const float *)at)[1]);
    default: return *(const va_z *)at;
  }
}

static void write_element(char *at, va_dtype dtype, va_z x) {
  switch (dtype) {
    case VA_INT64: *(int64_t *)at = (int64_t)__real__ x; break;
    case VA_FLOAT32: *(float *)at = (float)__real__ x; break;
    case VA_FLOAT64: *(double *)at = __real__ x; break;
    case VA_COMPLEX64:
      ((float *)at)[0] = (float)__real__ x;
      ((float *)at)[1] = (float)__imag__ x;
      break;
    default: *(va_z *)at = x;
  }
}

// The rows, columns and strides of a matrix, or of a vector as one column.
static void measure(const va_view *view, int core, int64_t shape[2], int64_t strides[2]) {
  int first = view->axes - core;
  for (int i = 0; i < 2; i++) {
    shape[i] = i < core ? view->shape[first + i] : 1;
    strides[i] = i < core ? view->strides[first + i] : 0;
  }
}

void va_load(const va_lapack *task, int view, int64_t batch, void *to, int64_t distance) {
  const va_view *v = task->views[view];
  int64_t shape[2], strides[2];
  measure(v, task->cores[view], shape, strides);
  const char *data = batch_of(v, task->cores[view], batch);
  // By tiles, which stay in the cache while columns become rows.
  enum { TILE = 32 };
  if (v->dtype == VA_FLOAT64) {
    for (int64_t top = 0; top < shape[0]; top += TILE)
      for (int64_t left = 0; left < shape[1]; left += TILE)
        for (int64_t column = left; column < left + TILE && column < shape[1]; column++) {
          const char *from = data + top * strides[0] + column * strides[1];
          double *at = (double *)to + column * distance + top;
          for (int64_t row = 0; row < TILE && top + row < shape[0]; row++)
            at[row] = *(const double *)(from + row * strides[0]);
        }
    return;
  }
  for (int64_t column = 0; column < shape[1]; column++)
    for (int64_t row = 0; row < shape[0]; row++) {
      va_z x = read_element(data + row * strides[0] + column * strides[1], v->dtype);
      if (task->is_complex) ((va_z *)to)[column * distance + row] = x;
      else ((double *)to)[column * distance + row] = __real__ x;
    }
}

void va_store(const va_lapack *task, int view, int64_t batch, const void *from, int64_t distance) {
  const va_view *v = task->views[view];
  if (!v) return;
  int64_t shape[2], strides[2];
  measure(v, task->cores[view], shape, strides);
  char *data = batch_of(v, task->cores[view], batch);
  for (int64_t column = 0; column < shape[1]; column++)
    for (int64_t row = 0; row < shape[0]; row++) {
      int64_t place = column * distance + row;
      va_z x = task->is_complex ? ((const va_z *)from)[place] : ((const double *)from)[place];
      write_element(data + row * strides[0] + column * strides[1], v->dtype, x);
    }
}

void va_store_real(const va_lapack *task, int view, int64_t batch, const double *from) {
  const va_view *v = task->views[view];
  if (!v) return;
  int64_t shape[2], strides[2];
  measure(v, task->cores[view], shape, strides);
  char *data = batch_of(v, task->cores[view], batch);
  for (int64_t row = 0; row < shape[0]; row++)
    write_element(data + row * strides[0], v->dtype, from[row]);
}

void *va_elements(const va_lapack *task, int64_t count) {
  size_t size = task->is_complex ? sizeof(va_z) : sizeof(double);
  return calloc((size_t)(count > 0 ? count : 1), size);
}

bool va_is_finite(const va_lapack *task, const void *elements, int64_t count) {
  const double *x = elements;
  if (task->is_complex) count *= 2;
  for (int64_t i = 0; i < count; i++)
    if (!isfinite(x[i])) return false;
  return true;
}

typedef struct {
  va_lapack *task;
  _Atomic int status;
} work;

static void run_batch(void *context, int64_t batch) {
  work *work = context;
  va_status status = work->task->compute(work->task, batch);
  if (status != VA_OK && work->status == VA_OK) work->status = status;
}

static va_status run_batches(va_lapack *task) {
  const va_view *a = task->views[0];
  int64_t batches = 1;
  for (int axis = 0; axis < a->axes - 2; axis++) batches *= a->shape[axis];
  work work = {.task = task};
  double size = (double)(task->m > task->n ? task->m : task->n);
  va_status status =
      va_team_run(batches, (double)batches * size * size * size, run_batch, &work, task->detail);
  return status == VA_OK ? (va_status)work.status : status;
}

// Work of about a quarter of a second.
static const double multiplications_to_stop = 2.5e9;

// Fortran counts rows and columns with ints.
static bool fits_integers(const va_lapack *task) {
  for (int i = 0; i < VA_LAPACK_VIEWS; i++) {
    const va_view *view = task->views[i];
    for (int core = 1; view && core <= task->cores[i]; core++)
      if (view->shape[view->axes - core] > INT_MAX) return false;
  }
  return true;
}

va_status va_lapack_run(va_lapack *task) {
  const va_view *a = task->views[0];
  if (!va_is_floating(a->dtype)) return VA_NOT_DEFINED;
  if (!fits_integers(task)) return VA_NO_MEMORY;
  task->blas = va_take_blas(task->detail);
  if (!task->blas) return VA_NO_LIBRARY;
  task->is_complex = va_is_complex(a->dtype);
  task->m = (int)a->shape[a->axes - 2];
  task->n = (int)a->shape[a->axes - 1];
  double m = task->m, n = task->n, least = m < n ? m : n;
  double count = (task->weight ? task->weight : 2) * least * m * n;
  if (count > multiplications_to_stop && task->detail && task->detail->stop)
    return va_lapack_run_apart(task, run_batches);
  return run_batches(task);
}
