// SPDX-License-Identifier: BSD-3-Clause

#include "sleef.h"

#include "team.h"

#include <Library.h>
#include <pthread.h>
#include <stdio.h>

va_sleef va_sleef_functions;

static char failure[256];

#if defined(__x86_64__)
#define SYMBOLS(LANES64, LANES32, ISA)                                                         \
  {                                                                                            \
    VA_FUNCTIONS(SYMBOL_##ISA) VA_FUNCTIONS_OF_TWO(SYMBOL_##ISA)                               \
  }
#define SYMBOL_avx2(ID, name, bound, ...)                                                      \
  {"Sleef_finz_" #name "d4_" #bound "avx2", &va_sleef_functions.name[0]},                      \
      {"Sleef_finz_" #name "f8_" #bound "avx2", &va_sleef_functions.name[1]},
#define SYMBOL_avx512(ID, name, bound, ...)                                                    \
  {"Sleef_finz_" #name "d8_" #bound "avx512f", &va_sleef_functions.name[0]},                   \
      {"Sleef_finz_" #name "f16_" #bound "avx512f", &va_sleef_functions.name[1]},

static const vty_symbol avx2[] = SYMBOLS(4, 8, avx2);
static const vty_symbol avx512[] = SYMBOLS(8, 16, avx512);
static const char *const names[] = {"libsleef.so.3", NULL};
static const va_kernel_table *kernels;

static void load(void) {
  if (va_isa_used() < VA_ISA_AVX2) {
    snprintf(failure, sizeof failure, "the processor has no AVX2");
    return;
  }
  bool wide = va_isa_used() == VA_ISA_AVX512;
  vty_library library = {
      names, "libsleef3", wide ? avx512 : avx2, (int)(sizeof avx2 / sizeof *avx2)};
  if (vty_library_load(&library, failure, sizeof failure))
    kernels = wide ? &va_kernels_sleef_avx512 : &va_kernels_sleef_avx2;
}

const va_kernel_table *va_sleef_kernels(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, load);
  return kernels;
}
#else
const va_kernel_table *va_sleef_kernels(void) {
  snprintf(failure, sizeof failure, "it is not used on this processor");
  return NULL;
}
#endif

bool va_has_sleef(const char **reason) {
  bool has = va_sleef_kernels() != NULL;
  if (reason) *reason = has ? NULL : failure;
  return has;
}
