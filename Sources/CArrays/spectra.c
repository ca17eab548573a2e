// SPDX-License-Identifier: BSD-3-Clause
//
// Singular values and eigenvalues.

#include "lapack.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int wanted(const va_lapack *task, const va_z *size) {
  double length = task->is_complex ? __real__ size[0] : *(const double *)size;
  return length < 1 ? 1 : length < INT_MAX ? (int)length : INT_MAX;
}

// MARK: Singular values

static va_status svd(const va_lapack *task, int64_t batch) {
  int m = task->m, n = task->n, least = m < n ? m : n, most = m > n ? m : n, info = 0, query = -1;
  bool vectors = task->views[1] != NULL;
  int columns = vectors ? (int)task->views[1]->shape[task->views[1]->axes - 1] : 0;
  bool full = vectors && columns > least;
  int rows = vectors ? (int)task->views[3]->shape[task->views[3]->axes - 2] : 1;
  full |= vectors && rows > least;
  const char *job = !vectors ? "N" : full ? "A" : "S";
  int lead = m > 0 ? m : 1, lead_v = vectors ? (full ? n : least) : 1;
  if (lead_v < 1) lead_v = 1;
  void *a = va_elements(task, (int64_t)m * n);
  void *u = va_elements(task, vectors ? (int64_t)lead * (full ? m : least) : 1);
  void *v = va_elements(task, vectors ? (int64_t)lead_v * n : 1), *work = NULL;
  double *s = calloc((size_t)least + 1, sizeof *s);
  int *integers = malloc(sizeof *integers * (size_t)(8 * least + 1));
  size_t reals = (size_t)least * (size_t)(5 * (int64_t)least + 7 + 2 * ((int64_t)most + least)) + 1;
  double *real = task->is_complex ? malloc(sizeof *real * reals) : NULL;
  va_z size[2] = {0};
  va_status status = VA_NO_MEMORY;
  if (a && u && v && s && integers && (real || !task->is_complex)) {
    va_load(task, 0, batch, a, lead);
    if (least == 0) {
      // Orthogonal matrices of the whole spaces.
      for (int i = 0; full && i < m; i++)
        if (task->is_complex) ((va_z *)u)[(int64_t)i * lead + i] = 1;
        else ((double *)u)[(int64_t)i * lead + i] = 1;
      for (int i = 0; full && i < n; i++)
        if (task->is_complex) ((va_z *)v)[(int64_t)i * lead_v + i] = 1;
        else ((double *)v)[(int64_t)i * lead_v + i] = 1;
      status = VA_OK;
    } else if (!va_is_finite(task, a, (int64_t)m * n)) {
      status = VA_NOT_CONVERGED;
    } else {
      if (task->is_complex)
        task->blas->zgesdd_(job, &m, &n, a, &lead, s, u, &lead, v, &lead_v, size, &query, real,
                            integers, &info, 1);
      else
        task->blas->dgesdd_(job, &m, &n, a, &lead, s, u, &lead, v, &lead_v, (double *)size,
                            &query, integers, &info, 1);
      int length = wanted(task, size);
      work = va_elements(task, length);
      if (work && task->is_complex)
        task->blas->zgesdd_(job, &m, &n, a, &lead, s, u, &lead, v, &lead_v, work, &length, real,
                            integers, &info, 1);
      else if (work)
        task->blas->dgesdd_(job, &m, &n, a, &lead, s, u, &lead, v, &lead_v, work, &length,
                            integers, &info, 1);
      if (work) status = va_lapack_status(info);
    }
  }
  if (status == VA_OK) {
    if (vectors) va_store(task, 1, batch, u, lead);
    va_store_real(task, 2, batch, s);
    if (vectors) va_store(task, 3, batch, v, lead_v);
  }
  free(a);
  free(u);
  free(v);
  free(s);
  free(work);
  free(integers);
  free(real);
  return status;
}

va_status va_svd(
    const va_view *a, const va_view *u, const va_view *s, const va_view *vh, va_detail *detail) {
  va_lapack task = {.views = {a, u, s, vh}, .inputs = 1, .weight = 25,
                    .cores = {2, 2, 1, 2}, .detail = detail, .compute = svd};
  return va_lapack_run(&task);
}

// MARK: Eigenvalues

static va_status eigh(const va_lapack *task, int64_t batch) {
  int n = task->n, info = 0, query = -1, small = 0;
  if (n == 0) return VA_OK;
  const char *job = task->views[2] ? "V" : "N";
  void *a = va_elements(task, (int64_t)n * n), *work = NULL;
  double *values = calloc((size_t)n, sizeof *values), *real = NULL;
  int *integers = NULL;
  va_z size[2] = {0};
  double real_size = 0;
  va_status status = VA_NO_MEMORY;
  if (a && values) {
    va_load(task, 0, batch, a, n);
    if (!va_is_finite(task, a, (int64_t)n * n)) {
      status = VA_NOT_CONVERGED;
    } else {
      if (task->is_complex)
        task->blas->zheevd_(job, "L", &n, a, &n, values, size, &query, &real_size, &query, &small,
                            &query, &info, 1, 1);
      else
        task->blas->dsyevd_(job, "L", &n, a, &n, values, (double *)size, &query, &small, &query,
                            &info, 1, 1);
      int length = wanted(task, size), reals = (int)real_size + 1, smalls = small + 1;
      work = va_elements(task, length);
      integers = malloc(sizeof *integers * (size_t)smalls);
      real = malloc(sizeof *real * (size_t)reals);
      if (work && integers && real) {
        if (task->is_complex)
          task->blas->zheevd_(job, "L", &n, a, &n, values, work, &length, real, &reals, integers,
                              &smalls, &info, 1, 1);
        else
          task->blas->dsyevd_(job, "L", &n, a, &n, values, work, &length, integers, &smalls, &info,
                              1, 1);
        status = va_lapack_status(info);
      }
    }
  }
  if (status == VA_OK) {
    va_store_real(task, 1, batch, values);
    if (task->views[2]) va_store(task, 2, batch, a, n);
  }
  free(a);
  free(work);
  free(values);
  free(real);
  free(integers);
  return status;
}

va_status va_eigh(
    const va_view *a, const va_view *values, const va_view *vectors, va_detail *detail) {
  va_lapack task = {.views = {a, values, vectors}, .inputs = 1, .weight = 25,
                    .cores = {2, 1, 2}, .detail = detail, .compute = eigh};
  return va_lapack_run(&task);
}

// A pair of conjugate eigenvalues of a real matrix has its vectors in two columns: the real and
// the imaginary part.
static void unite(int n, const double *values_r, const double *values_i, const double *vectors,
                  va_z *values, va_z *united) {
  for (int j = 0; j < n; j++) values[j] = __builtin_complex(values_r[j], values_i[j]);
  if (!vectors) return;
  for (int64_t j = 0; j < n; j++) {
    bool pair = values_i[j] > 0 && j + 1 < n;
    for (int64_t row = 0; row < n; row++) {
      double re = vectors[j * n + row], im = pair ? vectors[(j + 1) * n + row] : 0;
      united[j * n + row] = __builtin_complex(re, im);
      if (pair) united[(j + 1) * n + row] = __builtin_complex(re, -im);
    }
    if (pair) j++;
  }
}

static va_status eig(const va_lapack *task, int64_t batch) {
  int n = task->n, info = 0, query = -1, one = 1;
  if (n == 0) return VA_OK;
  bool wants = task->views[2] != NULL;
  const char *job = wants ? "V" : "N";
  size_t count = (size_t)n * (size_t)n;
  void *a = va_elements(task, (int64_t)count), *work = NULL;
  double *reals = calloc(2 * (size_t)n + count, sizeof *reals);
  va_z *values = calloc((size_t)n, sizeof *values), *vectors = calloc(count, sizeof *vectors);
  va_z size[2] = {0};
  va_status status = VA_NO_MEMORY;
  if (a && reals && values && vectors) {
    double *re = reals, *im = reals + n, *v = reals + 2 * n;
    va_load(task, 0, batch, a, n);
    for (int pass = 0; pass < 2; pass++) {
      int length = pass ? wanted(task, size) : query;
      if (pass && !(work = va_elements(task, length))) break;
      void *to = pass ? work : (void *)size;
      if (!va_is_finite(task, a, (int64_t)count)) {
        status = VA_NOT_CONVERGED;
        break;
      }
      if (task->is_complex)
        task->blas->zgeev_("N", job, &n, a, &n, values, NULL, &one, vectors, &n, to, &length,
                           reals, &info, 1, 1);
      else
        task->blas->dgeev_("N", job, &n, a, &n, re, im, NULL, &one, v, &n, to, &length, &info, 1,
                           1);
      if (pass) status = va_lapack_status(info);
    }
    if (status == VA_OK && !task->is_complex) unite(n, re, im, wants ? v : NULL, values, vectors);
  }
  if (status == VA_OK) {
    va_lapack complex = *task;
    complex.is_complex = true;
    va_store(&complex, 1, batch, values, n);
    if (wants) va_store(&complex, 2, batch, vectors, n);
  }
  free(a);
  free(work);
  free(reals);
  free(values);
  free(vectors);
  return status;
}

va_status va_eig(
    const va_view *a, const va_view *values, const va_view *vectors, va_detail *detail) {
  va_lapack task = {.views = {a, values, vectors}, .inputs = 1, .weight = 25,
                    .cores = {2, 1, 2}, .detail = detail, .compute = eig};
  return va_lapack_run(&task);
}
