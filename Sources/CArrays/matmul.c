// SPDX-License-Identifier: BSD-3-Clause

#include "blas.h"
#include "kernels.h"
#include "team.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
  // Rows of a panel; they are cut at multiples of 64, which keeps the bits. A stop is noticed
  // between panels.
  FEWEST_ROWS = 256,
  MOST_ROWS = 512,
};

typedef struct {
  const va_blas *blas;
  va_dtype dtype;
  int64_t n, m, k, batches, panels, panel;
  const va_view *a, *b, *out;
  const va_detail *detail;
  _Atomic int status;
} work;

static char *batch_of(const va_view *view, int64_t batch) {
  char *at = view->data;
  for (int axis = view->axes - 3; axis >= 0; axis--) {
    at += batch % view->shape[axis] * view->strides[axis];
    batch /= view->shape[axis];
  }
  return at;
}

// A matrix as Fortran takes it: where it begins, and the distance of rows or columns.
typedef struct {
  const char *data;
  char *copy;
  char transposed;
  int distance;
} matrix;

static bool take(matrix *matrix, const char *data, va_dtype dtype, int64_t rows, int64_t columns,
                 int64_t row_stride, int64_t stride) {
  int64_t size = (int64_t)va_size(dtype);
  matrix->data = data;
  matrix->copy = NULL;
  if (stride == size || columns == 1) {
    int64_t distance = rows == 1 ? columns : row_stride / size;
    if (row_stride % size == 0 && distance >= columns && distance <= INT_MAX) {
      matrix->transposed = 'N';
      matrix->distance = (int)distance;
      return true;
    }
  }
  if (row_stride == size || rows == 1) {
    int64_t distance = columns == 1 ? rows : stride / size;
    if (stride % size == 0 && distance >= rows && distance <= INT_MAX) {
      matrix->transposed = 'T';
      matrix->distance = (int)distance;
      return true;
    }
  }
  char *copy = malloc((size_t)(rows * columns * size) + 1);
  if (!copy) return false;
  for (int64_t row = 0; row < rows; row++)
    va_gather(copy + row * columns * size, data + row * row_stride, stride, (size_t)size, columns);
  matrix->data = matrix->copy = copy;
  matrix->transposed = 'N';
  matrix->distance = (int)columns;
  return true;
}

// Fortran stores by columns: it computes the transposed product, b' * a'.
#define GEMM(S, T)                                                                             \
  {                                                                                            \
    const T one = 1, zero = 0;                                                                 \
    work->blas->S##gemm_(                                                                      \
        &b->transposed, &a->transposed, &m, &n, &k, &one, (const T *)b->data, &b->distance,    \
        (const T *)a->data, &a->distance, &zero, (T *)out, &distance, 1, 1);                   \
    break;                                                                                     \
  }
static void multiply(const work *work, const matrix *a, const matrix *b, char *out, int n,
                     int distance) {
  int m = (int)work->m, k = (int)work->k;
  switch (work->dtype) {
    case VA_FLOAT32: GEMM(s, float)
    case VA_FLOAT64: GEMM(d, double)
    case VA_COMPLEX64: GEMM(c, float _Complex)
    default: GEMM(z, va_z)
  }
}

static va_status run_panel(const work *work, int64_t batch, int64_t first, int64_t n) {
  const va_view *va = work->a, *vb = work->b, *vo = work->out;
  int rows = va->axes - 2;
  int64_t size = (int64_t)va_size(work->dtype);
  matrix a, b = {0};
  char *out = batch_of(vo, batch) + first * vo->strides[rows];
  // Results that cannot be written by rows go through a buffer.
  int64_t distance = n == 1 ? work->m : vo->strides[rows] / size;
  bool direct = (vo->strides[rows + 1] == size || work->m == 1) && distance >= work->m &&
                vo->strides[rows] % size == 0 && distance <= INT_MAX;
  char *buffer = direct ? NULL : malloc((size_t)(n * work->m * size));
  bool ok = (direct || buffer) &&
            take(&a, batch_of(va, batch) + first * va->strides[rows], work->dtype, n, work->k,
                 va->strides[rows], va->strides[rows + 1]);
  if (ok) {
    ok = take(&b, batch_of(vb, batch), work->dtype, work->k, work->m, vb->strides[rows],
              vb->strides[rows + 1]);
    if (!direct) distance = work->m;
    if (ok) multiply(work, &a, &b, direct ? out : buffer, (int)n, (int)distance);
    free(a.copy);
    free(b.copy);
  }
  if (ok && !direct)
    for (int64_t row = 0; row < n; row++)
      va_scatter(out + row * vo->strides[rows], vo->strides[rows + 1],
                 buffer + row * work->m * size, (size_t)size, work->m);
  free(buffer);
  return ok ? VA_OK : VA_NO_MEMORY;
}

// MARK: Integers

#define INTEGER_PRODUCT(TYPE)                                                                  \
  for (int64_t column = 0; column < work->m; column++) sums[column] = 0;                       \
  for (int64_t k = 0; k < work->k; k++) {                                                      \
    uint64_t x = (uint64_t)*(const TYPE *)(a + k * va->strides[rows + 1]);                     \
    const char *row = b + k * vb->strides[rows];                                               \
    int64_t stride = vb->strides[rows + 1];                                                    \
    if (stride == (int64_t)sizeof(TYPE))                                                       \
      for (int64_t i = 0; i < work->m; i++) sums[i] += x * (uint64_t)((const TYPE *)row)[i];   \
    else                                                                                       \
      for (int64_t i = 0; i < work->m; i++)                                                    \
        sums[i] += x * (uint64_t)*(const TYPE *)(row + i * stride);                            \
  }                                                                                            \
  for (int64_t i = 0; i < work->m; i++)                                                        \
    *(TYPE *)(out + i * vo->strides[rows + 1]) = (TYPE)sums[i];                                \
  break;

static va_status run_integers(const work *work, int64_t batch, int64_t first, int64_t n) {
  const va_view *va = work->a, *vb = work->b, *vo = work->out;
  int rows = va->axes - 2;
  uint64_t *sums = malloc(sizeof *sums * (size_t)work->m);
  if (!sums) return VA_NO_MEMORY;
  const char *b = batch_of(vb, batch);
  for (int64_t row = first; row < first + n && !va_is_stopped(work->detail); row++) {
    const char *a = batch_of(va, batch) + row * va->strides[rows];
    char *out = batch_of(vo, batch) + row * vo->strides[rows];
    switch (va_size(work->dtype)) {
      case 1: INTEGER_PRODUCT(uint8_t)
      case 2: INTEGER_PRODUCT(uint16_t)
      case 4: INTEGER_PRODUCT(uint32_t)
      default: INTEGER_PRODUCT(uint64_t)
    }
  }
  free(sums);
  return VA_OK;
}

static void run_chunk(void *context, int64_t chunk) {
  work *work = context;
  int64_t batch = chunk / work->panels, first = chunk % work->panels * work->panel;
  int64_t n = work->n - first < work->panel ? work->n - first : work->panel;
  va_status status = va_is_integer(work->dtype) ? run_integers(work, batch, first, n)
                                                : run_panel(work, batch, first, n);
  if (status != VA_OK) work->status = status;
}

va_status va_matmul(const va_view *a, const va_view *b, const va_view *out, va_detail *detail) {
  int rows = a->axes - 2;
  va_dtype dtype = a->dtype;
  if (va_is_bool(dtype)) return VA_NOT_DEFINED;
  work work = {.dtype = dtype, .n = a->shape[rows], .k = a->shape[rows + 1],
               .m = b->shape[rows + 1], .a = a, .b = b, .out = out, .batches = 1, .detail = detail};
  if (va_is_floating(dtype) && !(work.blas = va_take_blas(detail))) return VA_NO_LIBRARY;
  for (int axis = 0; axis < rows; axis++) work.batches *= a->shape[axis];
  if (work.batches == 0 || work.n == 0 || work.m == 0) return VA_OK;
  if (work.k == 0) {
    _Alignas(16) char zero[16] = {0};
    va_fill(out, zero);
    return VA_OK;
  }
  if (work.n > INT_MAX || work.m > INT_MAX || work.k > INT_MAX) return VA_NO_MEMORY;
  double flops = 2.0 * (double)work.n * (double)work.m * (double)work.k;
  work.panel = work.n;
  // A product of more than about a millisecond is cut.
  if (flops > 4e7) {
    work.panel = (work.n / 8 + 63) / 64 * 64;
    if (work.panel < FEWEST_ROWS) work.panel = FEWEST_ROWS;
    if (work.panel > MOST_ROWS) work.panel = MOST_ROWS;
    // A panel of large factors takes at most about a second.
    while (work.panel > 64 && 2.0 * (double)work.panel * (double)work.m * (double)work.k > 1e10)
      work.panel -= 64;
    if (va_is_integer(dtype)) work.panel = 16;
  }
  work.panels = (work.n + work.panel - 1) / work.panel;
  double cost = flops * (double)work.batches * (va_is_integer(dtype) ? 0.3 : 0.03);
  va_status status = va_team_run(work.batches * work.panels, cost, run_chunk, &work, detail);
  if (status == VA_OK) status = (va_status)work.status;
  return status == VA_OK && va_is_stopped(detail) ? VA_STOPPED : status;
}
