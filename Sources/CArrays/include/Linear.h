// SPDX-License-Identifier: BSD-3-Clause

/// Products of matrices and linear algebra, by OpenBLAS. Matrices are the last two axes; the axes
/// before them, equal in all views of a call, are batches.
///
/// Without OpenBLAS they fail with VA_NO_LIBRARY, and va_has_openblas has the reason.
/// Decompositions are computed in float64 and complex128 for every type.
#ifndef VTLUA_CARRAYS_LINEAR_H
#define VTLUA_CARRAYS_LINEAR_H

#include "CArrays.h"

/// True if OpenBLAS can be used; loads it. Otherwise `failure` is the reason.
bool va_has_openblas(const char **failure);
/// The version of the loaded OpenBLAS and its kind of processor, as "0.3.21 for Zen"; NULL without
/// it. Does not load it.
const char *va_openblas_config(void);

/// out (n, m) = a (n, k) * b (k, m), of one type. Integers wrap, and need no library.
va_status va_matmul(const va_view *a, const va_view *b, const va_view *out, va_detail *detail);

/// The solution `out` (n, m) of a (n, n) * out = b (n, m). VA_SINGULAR.
va_status va_solve(const va_view *a, const va_view *b, const va_view *out, va_detail *detail);
/// The inverse of `a`. VA_SINGULAR.
va_status va_inverse(const va_view *a, const va_view *out, va_detail *detail);
/// The determinant, or its sign and the logarithm of its magnitude (real). Each may be NULL; they
/// have the axes of the batch.
va_status va_determinant(
    const va_view *a, const va_view *out, const va_view *sign, const va_view *logarithm,
    va_detail *detail);
/// The triangle `out` with out * out' = a, or with `upper` out' * out = a. VA_NOT_POSITIVE.
va_status va_cholesky(const va_view *a, bool upper, const va_view *out, va_detail *detail);
/// a (m, n) = q * r: q (m, k) and r (k, n), where k is the smaller of m and n, or m for complete
/// ones, as the shape of `q` says. `q` may be NULL.
va_status va_qr(const va_view *a, const va_view *q, const va_view *r, va_detail *detail);
/// a (m, n) = u * s * vh, with `s` real, from the largest on. `u` and `vh` are (m, k) and (k, n),
/// or (m, m) and (n, n); both may be NULL. VA_NOT_CONVERGED.
va_status va_svd(
    const va_view *a, const va_view *u, const va_view *s, const va_view *vh, va_detail *detail);
/// The eigenvalues `values` (real, from the least on) of a symmetric or Hermitian matrix, of which
/// the lower triangle is read, and the vectors as columns; `vectors` may be NULL.
va_status va_eigh(
    const va_view *a, const va_view *values, const va_view *vectors, va_detail *detail);
/// The eigenvalues (complex) of any square matrix, and the vectors as columns; `vectors` may be
/// NULL.
va_status va_eig(
    const va_view *a, const va_view *values, const va_view *vectors, va_detail *detail);
/// The shortest `x` (n, k) for which a (m, n) * x is nearest to b (m, k). Singular values below
/// `smallest` times the largest count as 0. `rank` (int64) and the singular values may be NULL.
va_status va_lstsq(
    const va_view *a, const va_view *b, double smallest, const va_view *x, const va_view *rank,
    const va_view *singular, va_detail *detail);

#endif
