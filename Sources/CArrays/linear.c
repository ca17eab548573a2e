// SPDX-License-Identifier: BSD-3-Clause
//
// Systems of equations and factors of matrices.

#include "lapack.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static va_status fail(const va_lapack *task, va_status status, int row) {
  if (task->detail) task->detail->place = row;
  return status;
}

// Calls the function of the task's type: the pointers fit either.
#define CALL(NAME_D, NAME_Z, ...)                                                              \
  (task->is_complex ? task->blas->NAME_Z(__VA_ARGS__) : task->blas->NAME_D(__VA_ARGS__))

// MARK: Equations

enum { LEAST_IN_BLOCKS = 256 };

static va_status solve(const va_lapack *task, int64_t batch) {
  int n = task->n, k = task->k, info = 0;
  if (n == 0 || k == 0) return VA_OK;
  void *a = va_elements(task, (int64_t)n * n), *b = va_elements(task, (int64_t)n * k);
  int *pivots = malloc(sizeof *pivots * (size_t)n);
  va_status status = VA_NO_MEMORY;
  if (a && b && pivots) {
    va_load(task, 0, batch, a, n);
    if (task->views[1]) va_load(task, 1, batch, b, n);
    else
      for (int i = 0; i < n; i++)
        if (task->is_complex) ((va_z *)b)[(int64_t)i * n + i] = 1;
        else ((double *)b)[(int64_t)i * n + i] = 1;
    status = VA_OK;
    if (n >= LEAST_IN_BLOCKS) status = va_lu_solve(task, a, b, pivots, &info);
    else CALL(dgesv_, zgesv_, &n, &k, a, &n, pivots, b, &n, &info);
    if (info > 0) status = fail(task, VA_SINGULAR, info - 1);
    if (status == VA_OK) va_store(task, 2, batch, b, n);
  }
  free(a);
  free(b);
  free(pivots);
  return status;
}

va_status va_solve(const va_view *a, const va_view *b, const va_view *out, va_detail *detail) {
  va_lapack task = {.views = {a, b, out}, .inputs = 2, .cores = {2, 2, 2}, .detail = detail,
                    .compute = solve, .k = (int)b->shape[b->axes - 1]};
  return va_lapack_run(&task);
}

va_status va_inverse(const va_view *a, const va_view *out, va_detail *detail) {
  va_lapack task = {.views = {a, NULL, out}, .inputs = 2, .cores = {2, 2, 2}, .detail = detail,
                    .compute = solve, .k = (int)a->shape[a->axes - 1]};
  return va_lapack_run(&task);
}

// MARK: Determinant

static va_status determinant(const va_lapack *task, int64_t batch) {
  int n = task->n, info = 0;
  void *a = va_elements(task, (int64_t)n * n);
  int *pivots = malloc(sizeof *pivots * (size_t)(n + 1));
  va_status status = VA_NO_MEMORY;
  if (a && pivots) {
    va_load(task, 0, batch, a, n);
    if (n > 0) CALL(dgetrf_, zgetrf_, &n, &n, a, &n, pivots, &info);
    va_z product = 1, sign = 1;
    double logarithm = 0;
    for (int i = 0; i < n; i++) {
      int64_t place = (int64_t)i * n + i;
      va_z x = task->is_complex ? ((va_z *)a)[place] : ((double *)a)[place];
      double size = hypot(__real__ x, __imag__ x);
      va_z direction = size == 0 ? 0 : x / size;
      if (pivots[i] != i + 1) {
        product = -product;
        sign = -sign;
      }
      product *= x;
      sign *= direction;
      logarithm += log(size);
    }
    double real = __real__ product, real_sign = __real__ sign;
    va_store(task, 1, batch, task->is_complex ? (void *)&product : &real, 1);
    va_store(task, 2, batch, task->is_complex ? (void *)&sign : &real_sign, 1);
    va_store_real(task, 3, batch, &logarithm);
    status = VA_OK;
  }
  free(a);
  free(pivots);
  return status;
}

va_status va_determinant(
    const va_view *a, const va_view *out, const va_view *sign, const va_view *logarithm,
    va_detail *detail) {
  va_lapack task = {.views = {a, out, sign, logarithm}, .inputs = 1, .cores = {2, 0, 0, 0},
                    .detail = detail, .compute = determinant};
  return va_lapack_run(&task);
}

// MARK: Cholesky

static void set_zero(const va_lapack *task, void *a, int64_t place) {
  if (task->is_complex) ((va_z *)a)[place] = 0;
  else ((double *)a)[place] = 0;
}

static va_status cholesky(const va_lapack *task, int64_t batch) {
  int n = task->n, info = 0;
  if (n == 0) return VA_OK;
  void *a = va_elements(task, (int64_t)n * n);
  if (!a) return VA_NO_MEMORY;
  va_load(task, 0, batch, a, n);
  CALL(dpotrf_, zpotrf_, task->flag ? "U" : "L", &n, a, &n, &info, 1);
  for (int64_t column = 0; column < n; column++)
    for (int64_t row = 0; row < n; row++)
      if (task->flag ? row > column : row < column) set_zero(task, a, column * n + row);
  va_status status = info > 0 ? fail(task, VA_NOT_POSITIVE, info - 1) : VA_OK;
  if (status == VA_OK) va_store(task, 1, batch, a, n);
  free(a);
  return status;
}

va_status va_cholesky(const va_view *a, bool upper, const va_view *out, va_detail *detail) {
  va_lapack task = {.views = {a, out}, .inputs = 1, .cores = {2, 2}, .flag = upper,
                    .detail = detail, .compute = cholesky};
  return va_lapack_run(&task);
}

// MARK: QR

// The memory that a function asks for is the first element of its work.
static int wanted(const va_lapack *task, const void *work) {
  double size = task->is_complex ? __real__ *(const va_z *)work : *(const double *)work;
  return size < 1 ? 1 : size < INT_MAX ? (int)size : INT_MAX;
}

static va_status qr(const va_lapack *task, int64_t batch) {
  int m = task->m, n = task->n, least = m < n ? m : n, info = 0, query = -1, k = task->k;
  int columns = k > n ? k : n, lead = m > 0 ? m : 1;
  void *a = va_elements(task, (int64_t)m * columns), *tau = va_elements(task, least);
  void *r = va_elements(task, (int64_t)k * n), *work = NULL, *work2 = NULL;
  va_z size[2] = {0};
  va_status status = VA_NO_MEMORY;
  if (a && tau && r) {
    va_load(task, 0, batch, a, lead);
    CALL(dgeqrf_, zgeqrf_, &m, &n, a, &lead, tau, (void *)&size[0], &query, &info);
    int length = wanted(task, size);
    work = va_elements(task, length);
    if (work && m > 0 && n > 0)
      CALL(dgeqrf_, zgeqrf_, &m, &n, a, &lead, tau, work, &length, &info);
    for (int64_t column = 0; column < n && work; column++)
      for (int64_t row = 0; row < k && row <= column; row++) {
        int64_t from = column * lead + row, to = column * k + row;
        if (task->is_complex) ((va_z *)r)[to] = ((va_z *)a)[from];
        else ((double *)r)[to] = ((double *)a)[from];
      }
    if (work) va_store(task, 2, batch, r, k);
    if (work && task->views[1] && m > 0 && k > 0) {
      CALL(dorgqr_, zungqr_, &m, &k, &least, a, &lead, tau, (void *)&size[0], &query, &info);
      length = wanted(task, size);
      work2 = va_elements(task, length);
      if (work2) CALL(dorgqr_, zungqr_, &m, &k, &least, a, &lead, tau, work2, &length, &info);
      if (work2) va_store(task, 1, batch, a, lead);
      status = work2 ? VA_OK : VA_NO_MEMORY;
    } else if (work) {
      status = VA_OK;
    }
  }
  free(a);
  free(tau);
  free(r);
  free(work);
  free(work2);
  return status;
}

va_status va_qr(const va_view *a, const va_view *q, const va_view *r, va_detail *detail) {
  va_lapack task = {.views = {a, q, r}, .inputs = 1, .cores = {2, 2, 2}, .detail = detail,
                    .compute = qr, .k = (int)r->shape[r->axes - 2]};
  return va_lapack_run(&task);
}

// MARK: Least squares

static va_status lstsq(const va_lapack *task, int64_t batch) {
  int m = task->m, n = task->n, k = task->k, info = 0, query = -1, rank = 0, small = 0;
  int lead = m > 0 ? m : 1, tall = m > n ? m : n > 0 ? n : 1, least = m < n ? m : n;
  void *a = va_elements(task, (int64_t)m * n), *b = va_elements(task, (int64_t)tall * k);
  double *s = calloc((size_t)least + 1, sizeof *s), *real = NULL;
  void *work = NULL;
  int *integers = NULL;
  va_z size[2] = {0};
  double real_size[2] = {0};
  va_status status = VA_NO_MEMORY;
  if (a && b && s) {
    va_load(task, 0, batch, a, lead);
    va_load(task, 1, batch, b, tall);
    double smallest = task->number;
    if (!va_is_finite(task, a, (int64_t)m * n)) {
      status = VA_NOT_CONVERGED;
    } else if (least > 0 && k > 0) {
      if (task->is_complex)
        task->blas->zgelsd_(&m, &n, &k, a, &lead, b, &tall, s, &smallest, &rank, size, &query,
                            real_size, &small, &info);
      else
        task->blas->dgelsd_(&m, &n, &k, a, &lead, b, &tall, s, &smallest, &rank,
                            (double *)size, &query, &small, &info);
      int length = wanted(task, size);
      work = va_elements(task, length);
      integers = malloc(sizeof *integers * (size_t)(small + 1));
      real = malloc(sizeof *real * ((size_t)real_size[0] + 1));
      if (work && integers && real) {
        if (task->is_complex)
          task->blas->zgelsd_(&m, &n, &k, a, &lead, b, &tall, s, &smallest, &rank, work,
                              &length, real, integers, &info);
        else
          task->blas->dgelsd_(&m, &n, &k, a, &lead, b, &tall, s, &smallest, &rank, work,
                              &length, integers, &info);
        status = va_lapack_status(info);
      }
    } else {
      memset(b, 0, (task->is_complex ? sizeof(va_z) : sizeof(double)) * (size_t)tall * (size_t)k);
      status = VA_OK;
    }
  }
  if (status == VA_OK) {
    double number = rank;
    va_store(task, 2, batch, b, tall);
    va_store_real(task, 3, batch, &number);
    va_store_real(task, 4, batch, s);
  }
  free(a);
  free(b);
  free(s);
  free(work);
  free(integers);
  free(real);
  return status;
}

va_status va_lstsq(
    const va_view *a, const va_view *b, double smallest, const va_view *x, const va_view *rank,
    const va_view *singular, va_detail *detail) {
  va_lapack task = {.views = {a, b, x, rank, singular}, .inputs = 2, .weight = 25,
                    .cores = {2, 2, 2, 0, 1},
                    .number = smallest, .detail = detail, .compute = lstsq,
                    .k = (int)b->shape[b->axes - 1]};
  return va_lapack_run(&task);
}
