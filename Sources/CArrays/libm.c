// SPDX-License-Identifier: BSD-3-Clause

#include "loops.h"
#include "sleef.h"

#include <complex.h>

#undef CMPLX
#define CMPLX(RE, IM) __builtin_complex((double)(RE), (double)(IM))

#pragma STDC FP_CONTRACT OFF

#define FUNCTIONS(ID, name, ...)                                                               \
  UNARY(FLOAT32, float, float, float, ID, T, name(x))                                       \
  UNARY(FLOAT64, double, double, double, ID, T, name(x))
VA_FUNCTIONS(FUNCTIONS)
#define FUNCTIONS_OF_TWO(ID, name, ...)                                                        \
  BINARY(FLOAT32, float, float, float, ID, T, name##f(x, y))                                   \
  BINARY(FLOAT64, double, double, double, ID, T, name(x, y))
VA_FUNCTIONS_OF_TWO(FUNCTIONS_OF_TWO)

static double log_add_exp(double x, double y) {
  if (x == y) return x + M_LN2;  // also for infinities
  double difference = x - y;
  if (difference > 0) return x + log1p(exp(-difference));
  if (difference <= 0) return y + log1p(exp(difference));
  return difference;  // NaN
}
BINARY(FLOAT32, float, float, float, LOGADDEXP, T, log_add_exp(x, y))
BINARY(FLOAT64, double, double, double, LOGADDEXP, T, log_add_exp(x, y))

// MARK: Complex numbers; those of float are computed in double.

static double complex clog1p(double complex z) {
  double x = creal(z), y = cimag(z);
  // The formula loses digits where 1 + z is small.
  if (!(fabs(x) < 0.5 && fabs(y) < 0.5)) return clog(CMPLX(1 + x, y));
  return CMPLX(0.5 * log1p(x * (2 + x) + y * y), atan2(y, 1 + x));
}
static double complex cexpm1(double complex z) {
  double x = creal(z), y = cimag(z);
  if (!isfinite(x) || !isfinite(y)) {
    double complex e = cexp(z);
    return CMPLX(creal(e) - 1, y == 0 ? y : cimag(e));
  }
  double s = sin(y / 2);
  return CMPLX(expm1(x) * cos(y) - 2 * s * s, exp(x) * sin(y));
}
static double complex clog2_(double complex z) {
  double complex l = clog(z);
  return CMPLX(creal(l) / M_LN2, cimag(l) / M_LN2);
}
static double complex clog10_(double complex z) {
  double complex l = clog(z);
  return CMPLX(creal(l) / M_LN10, cimag(l) / M_LN10);
}
static double complex cexp2_(double complex z) {
  return cexp(CMPLX(creal(z) * M_LN2, cimag(z) * M_LN2));
}
// An exponent that is an integer multiplies: exact where the parts are small integers.
static double complex power(double complex x, double complex y) {
  double re = creal(y);
  if (cimag(y) == 0 && re == trunc(re) && fabs(re) <= 64) {
    double complex result = 1, base = x;
    for (int n = (int)fabs(re); n > 0; n >>= 1, base *= base)
      if (n & 1) result *= base;
    return re < 0 ? 1 / result : result;
  }
  if (x == 0) return re > 0 ? CMPLX(0, 0) : CMPLX(NAN, NAN);
  return cpow(x, y);
}

#define COMPLEX_FUNCTIONS(F)                                                                   \
  F(SQRT, csqrt) F(EXP, cexp) F(EXP2, cexp2_) F(EXPM1, cexpm1) F(LOG, clog) F(LOG1P, clog1p)   \
  F(LOG2, clog2_) F(LOG10, clog10_) F(SIN, csin) F(COS, ccos) F(TAN, ctan) F(ASIN, casin)      \
  F(ACOS, cacos) F(ATAN, catan) F(SINH, csinh) F(COSH, ccosh) F(TANH, ctanh) F(ASINH, casinh)  \
  F(ACOSH, cacosh) F(ATANH, catanh)
#define COMPLEX_FUNCTION(ID, name)                                                             \
  UNARY(COMPLEX64, va_c64, float, float, ID, T, name(x))                                       \
  UNARY(COMPLEX128, va_c128, double, double, ID, T, name(x))
COMPLEX_FUNCTIONS(COMPLEX_FUNCTION)
BINARY(COMPLEX64, va_c64, float, float, POW, T, power(x, y))
BINARY(COMPLEX128, va_c128, double, double, POW, T, power(x, y))

#define REAL_ENTRIES(ID, ...)                                                                  \
  [VA_##ID][VA_FLOAT32] = ID##_FLOAT32, [VA_##ID][VA_FLOAT64] = ID##_FLOAT64,
#define COMPLEX_ENTRIES(ID, ...)                                                               \
  [VA_##ID][VA_COMPLEX64] = ID##_COMPLEX64, [VA_##ID][VA_COMPLEX128] = ID##_COMPLEX128,
const va_kernel_table va_kernels_libm = {
    VA_FUNCTIONS(REAL_ENTRIES) VA_FUNCTIONS_OF_TWO(REAL_ENTRIES) REAL_ENTRIES(LOGADDEXP)
        COMPLEX_FUNCTIONS(COMPLEX_ENTRIES) COMPLEX_ENTRIES(POW)};
