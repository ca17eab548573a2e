// SPDX-License-Identifier: BSD-3-Clause

/// OpenBLAS, loaded when it is first needed. Its functions are those of Fortran.
#ifndef VTLUA_CARRAYS_BLAS_H
#define VTLUA_CARRAYS_BLAS_H

#include "include/Linear.h"

typedef double _Complex va_z;

#define VA_GEMM(S, T)                                                                          \
  void (*S##gemm_)(                                                                            \
      const char *, const char *, const int *m, const int *n, const int *k, const T *, const T *, \
      const int *, const T *, const int *, const T *, T *, const int *, size_t, size_t);

typedef struct {
  VA_GEMM(s, float)
  VA_GEMM(d, double)
  VA_GEMM(c, float _Complex)
  VA_GEMM(z, va_z)
  void (*dgesv_)(const int *, const int *, double *, const int *, int *, double *, const int *, int *);
  void (*zgesv_)(const int *, const int *, va_z *, const int *, int *, va_z *, const int *, int *);
  void (*dgetrf_)(const int *, const int *, double *, const int *, int *, int *);
  void (*zgetrf_)(const int *, const int *, va_z *, const int *, int *, int *);
  void (*dlaswp_)(
      const int *, double *, const int *, const int *, const int *, const int *, const int *);
  void (*zlaswp_)(
      const int *, va_z *, const int *, const int *, const int *, const int *, const int *);
  void (*dtrsm_)(
      const char *, const char *, const char *, const char *, const int *, const int *,
      const double *, const double *, const int *, double *, const int *, size_t, size_t, size_t,
      size_t);
  void (*ztrsm_)(
      const char *, const char *, const char *, const char *, const int *, const int *,
      const va_z *, const va_z *, const int *, va_z *, const int *, size_t, size_t, size_t, size_t);
  void (*dpotrf_)(const char *, const int *, double *, const int *, int *, size_t);
  void (*zpotrf_)(const char *, const int *, va_z *, const int *, int *, size_t);
  void (*dgeqrf_)(const int *, const int *, double *, const int *, double *, double *, const int *, int *);
  void (*zgeqrf_)(const int *, const int *, va_z *, const int *, va_z *, va_z *, const int *, int *);
  void (*dorgqr_)(
      const int *, const int *, const int *, double *, const int *, const double *, double *,
      const int *, int *);
  void (*zungqr_)(
      const int *, const int *, const int *, va_z *, const int *, const va_z *, va_z *, const int *,
      int *);
  void (*dgesdd_)(
      const char *, const int *, const int *, double *, const int *, double *, double *,
      const int *, double *, const int *, double *, const int *, int *, int *, size_t);
  void (*zgesdd_)(
      const char *, const int *, const int *, va_z *, const int *, double *, va_z *, const int *,
      va_z *, const int *, va_z *, const int *, double *, int *, int *, size_t);
  void (*dsyevd_)(
      const char *, const char *, const int *, double *, const int *, double *, double *,
      const int *, int *, const int *, int *, size_t, size_t);
  void (*zheevd_)(
      const char *, const char *, const int *, va_z *, const int *, double *, va_z *, const int *,
      double *, const int *, int *, const int *, int *, size_t, size_t);
  void (*dgeev_)(
      const char *, const char *, const int *, double *, const int *, double *, double *, double *,
      const int *, double *, const int *, double *, const int *, int *, size_t, size_t);
  void (*zgeev_)(
      const char *, const char *, const int *, va_z *, const int *, va_z *, va_z *, const int *,
      va_z *, const int *, va_z *, const int *, double *, int *, size_t, size_t);
  void (*dgelsd_)(
      const int *, const int *, const int *, double *, const int *, double *, const int *,
      double *, const double *, int *, double *, const int *, int *, int *);
  void (*zgelsd_)(
      const int *, const int *, const int *, va_z *, const int *, va_z *, const int *, double *,
      const double *, int *, va_z *, const int *, double *, int *, int *);
  void (*openblas_set_num_threads)(int);
  char *(*openblas_get_config)(void);
  char *(*openblas_get_corename)(void);
} va_blas;

/// Loads OpenBLAS. NULL, with the names in `detail`, when it cannot be used.
const va_blas *va_take_blas(va_detail *detail);

#endif
