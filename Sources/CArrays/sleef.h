// SPDX-License-Identifier: BSD-3-Clause

/// Functions such as `sin`, from SLEEF or libm.
#ifndef VTLUA_CARRAYS_SLEEF_H
#define VTLUA_CARRAYS_SLEEF_H

#include "kernels.h"

/// Functions of one real number: identifier, name in SLEEF and libm, error bound in SLEEF's name,
/// and the magnitudes of float64 and float32 above which SLEEF is wrong, and those below which the
/// function is its argument (SLEEF's may differ in the last place).
#define VA_FUNCTIONS(F)                                                                        \
  F(EXP, exp, u10, INFINITY, INFINITY, 0, 0)                                                   \
  F(EXP2, exp2, u10, INFINITY, INFINITY, 0, 0)                                                 \
  F(EXPM1, expm1, u10, INFINITY, INFINITY, 0, 0)                                               \
  F(LOG, log, u10, INFINITY, INFINITY, 0, 0)                                                   \
  F(LOG1P, log1p, u10, 1e300, 1e35, 0, 0)                                                      \
  F(LOG2, log2, u10, INFINITY, INFINITY, 0, 0)                                                 \
  F(LOG10, log10, u10, INFINITY, INFINITY, 0, 0)                                               \
  F(SIN, sin, u10, INFINITY, INFINITY, 0, 0)                                                   \
  F(COS, cos, u10, INFINITY, INFINITY, 0, 0)                                                   \
  F(TAN, tan, u10, INFINITY, INFINITY, 0, 0)                                                   \
  F(ASIN, asin, u10, INFINITY, INFINITY, 0, 0)                                                 \
  F(ACOS, acos, u10, INFINITY, INFINITY, 0, 0)                                                 \
  F(ATAN, atan, u10, INFINITY, INFINITY, 0, 0)                                                 \
  F(SINH, sinh, u10, 709, 88, 0x1p-28, 0x1p-13)                                                \
  F(COSH, cosh, u10, 709, 88, 0, 0)                                                            \
  F(TANH, tanh, u10, INFINITY, INFINITY, 0x1p-28, 0x1p-13)                                     \
  F(ASINH, asinh, u10, 1e150, 1e15, 0x1p-28, 0x1p-13)                                          \
  F(ACOSH, acosh, u10, 1e150, 1e15, 0, 0)                                                      \
  F(ATANH, atanh, u10, INFINITY, INFINITY, 0x1p-28, 0x1p-13)                                   \
  F(CBRT, cbrt, u10, INFINITY, INFINITY, 0, 0)                                                 \
  F(ERF, erf, u10, INFINITY, INFINITY, 0, 0)                                                   \
  F(ERFC, erfc, u15, 26, 9, 0, 0)                                                              \
  F(GAMMA, tgamma, u10, INFINITY, INFINITY, 0, 0)                                              \
  F(LGAMMA, lgamma, u10, INFINITY, INFINITY, 0, 0)

/// Functions of two.
#define VA_FUNCTIONS_OF_TWO(F)                                                                 \
  F(POW, pow, u10)                                                                             \
  F(HYPOT, hypot, u05)                                                                         \
  F(ATAN2, atan2, u10)

/// The places of SLEEF's functions, loaded by name; the vectors are those of one instruction set.
typedef struct {
#define FIELD(ID, name, ...) void *name[2];
  VA_FUNCTIONS(FIELD)
  VA_FUNCTIONS_OF_TWO(FIELD)
#undef FIELD
} va_sleef;

extern va_sleef va_sleef_functions;

/// The kernels with SLEEF; NULL where it is not installed or the processor lacks AVX2. Loads it.
const va_kernel_table *va_sleef_kernels(void);

/// Functions of every floating type by libm, one by one.
extern const va_kernel_table va_kernels_libm;

#endif
