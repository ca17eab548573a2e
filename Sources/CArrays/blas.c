// SPDX-License-Identifier: BSD-3-Clause

#include "blas.h"

#include <Library.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

static va_blas blas;
static char failure[320];
static char config[256];
static _Atomic bool is_loaded;

#define SYMBOLS(F)                                                                             \
  F(sgemm_) F(dgemm_) F(cgemm_) F(zgemm_) F(dgesv_) F(zgesv_) F(dgetrf_) F(zgetrf_) F(dpotrf_) \
  F(dlaswp_) F(zlaswp_) F(dtrsm_) F(ztrsm_) F(zpotrf_) F(dgeqrf_) F(zgeqrf_) F(dorgqr_) F(zungqr_) F(dgesdd_) F(zgesdd_) F(dsyevd_)      \
  F(zheevd_) F(dgeev_) F(zgeev_) F(dgelsd_) F(zgelsd_) F(openblas_set_num_threads)             \
  F(openblas_get_config) F(openblas_get_corename)
#define SYMBOL(name) {#name, &blas.name},
static const vty_symbol symbols[] = {SYMBOLS(SYMBOL)};
static const vty_library library = {
    (const char *const[]){"libopenblas.so.0", NULL}, "libopenblas0-pthread", symbols,
    (int)(sizeof symbols / sizeof *symbols)};

// Old builds on new processors have computed wrong products: one product is compared with a loop.
static bool multiplies(void) {
  enum { N = 64 };
  static double a[N * N], b[N * N], c[N * N];
  for (int i = 0; i < N * N; i++) {
    a[i] = (double)(i * 37 % 101) - 50;
    b[i] = (double)(i * 53 % 89) - 44;
  }
  const int n = N;
  const double one = 1, zero = 0;
  blas.dgemm_("N", "N", &n, &n, &n, &one, b, &n, a, &n, &zero, c, &n, 1, 1);
  for (int i = 0; i < N; i++)
    for (int j = 0; j < N; j++) {
      double sum = 0;  // exact: small integers
      for (int k = 0; k < N; k++) sum += a[i * N + k] * b[k * N + j];
      if (c[i * N + j] != sum) return false;
    }
  return true;
}

static void load(void) {
  if (!vty_library_load(&library, failure, sizeof failure)) return;
  // Its own threads would give other bits, and wait for each other after our work.
  blas.openblas_set_num_threads(1);
  // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ..."
  char version[32] = "";
  sscanf(blas.openblas_get_config(), "OpenBLAS %31s", version);
  snprintf(config, sizeof config, "%s for %s", version, blas.openblas_get_corename());
  if (!multiplies()) {
    snprintf(failure, sizeof failure,
             "OpenBLAS %s computes wrong products on this processor; set OPENBLAS_CORETYPE=Haswell",
             version);
    return;
  }
  is_loaded = true;
}

bool va_has_openblas(const char **reason) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  if (reason) *reason = is_loaded ? NULL : failure;
  return is_loaded;
}

const char *va_openblas_config(void) { return is_loaded ? config : NULL; }

const va_blas *va_take_blas(va_detail *detail) {
  if (va_has_openblas(NULL)) return &blas;
  if (detail) {
    detail->library = library.names[0];
    detail->package = library.package;
  }
  return NULL;
}
