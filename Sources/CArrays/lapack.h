// SPDX-License-Identifier: BSD-3-Clause

/// Decompositions, matrix by matrix, as columns of double or of complex double.
#ifndef VTLUA_CARRAYS_LAPACK_H
#define VTLUA_CARRAYS_LAPACK_H

#include "blas.h"

typedef struct va_lapack va_lapack;
struct va_lapack {
  const va_blas *blas;
  bool is_complex;
  int m, n, k;  // the shape of the first matrix; the columns of the second one
  bool flag;
  double number;
  const va_view *views[5];  // NULL: not wanted
  int cores[5];             // the axes of a matrix, a vector or a number
  va_detail *detail;
  /// Computes one matrix.
  va_status (*compute)(const va_lapack *task, int64_t batch);
};

/// Computes all batches.
va_status va_lapack_run(va_lapack *task);

/// Reads a matrix to columns, `distance` elements apart; writes one from them.
void va_load(const va_lapack *task, int view, int64_t batch, void *to, int64_t distance);
void va_store(const va_lapack *task, int view, int64_t batch, const void *from, int64_t distance);
/// Writes real numbers to a vector or number.
void va_store_real(const va_lapack *task, int view, int64_t batch, const double *from);

/// Memory for `count` elements of the task's type, at least one; NULL without memory.
void *va_elements(const va_lapack *task, int64_t count);

#endif
