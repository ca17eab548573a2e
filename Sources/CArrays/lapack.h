// SPDX-License-Identifier: BSD-3-Clause

/// Decompositions, matrix by matrix, as columns of double or of complex double.
#ifndef VTLUA_CARRAYS_LAPACK_H
#define VTLUA_CARRAYS_LAPACK_H

#include "blas.h"

enum { VA_LAPACK_VIEWS = 5 };

typedef struct va_lapack va_lapack;
struct va_lapack {
  const va_blas *blas;
  bool is_complex;
  int m, n, k;  // the shape of the first matrix; the columns of the second one
  bool flag;
  int weight;  // multiplications, for each n * n * n: 0 stands for 2
  double number;
  const va_view *views[VA_LAPACK_VIEWS];  // NULL: not wanted
  int inputs;                             // the number of views that are read; the others are written
  int cores[VA_LAPACK_VIEWS];             // the axes of a matrix, a vector or a number
  va_detail *detail;
  /// Computes one matrix.
  va_status (*compute)(const va_lapack *task, int64_t batch);
};

/// Computes all batches.
va_status va_lapack_run(va_lapack *task);
/// Calls `run` with the task on another thread, and waits for it. VA_STOPPED when the caller was
/// stopped before it ended.
va_status va_lapack_run_apart(va_lapack *task, va_status (*run)(va_lapack *task));

/// Reads a matrix to columns, `distance` elements apart; writes one from them.
void va_load(const va_lapack *task, int view, int64_t batch, void *to, int64_t distance);
void va_store(const va_lapack *task, int view, int64_t batch, const void *from, int64_t distance);
/// Writes real numbers to a vector or number.
void va_store_real(const va_lapack *task, int view, int64_t batch, const double *from);

/// Memory for `count` elements of the task's type, at least one; NULL without memory.
void *va_elements(const va_lapack *task, int64_t count);
/// True if no element is infinite or NaN: LAPACK may not end with these, or may print errors.
bool va_is_finite(const va_lapack *task, const void *elements, int64_t count);

/// The status of a function that has ended with `info`. A negative one names an argument: the length of the
/// work does not fit an int.
static inline va_status va_lapack_status(int info) {
  return info == 0 ? VA_OK : info > 0 ? VA_NOT_CONVERGED : VA_NO_MEMORY;
}

/// Solves the equations of n columns in `a` for the right-hand sides in `b`, as dgesv. `info`: the column,
/// from 1, where the matrix is singular; 0 otherwise.
va_status va_lu_solve(const va_lapack *task, void *a, void *b, int *pivots, int *info);

#endif
