// SPDX-License-Identifier: BSD-3-Clause

/// Loops over real and complex numbers.
#include "loops.h"

// No product is fused with a sum: the bits are the same on every processor.
#pragma STDC FP_CONTRACT OFF

FLOATS(UNARY, NEGATIVE, T, -x)
FLOATS(UNARY, ABS, T, BY_TYPE(__builtin_fabs, x)(x))
FLOATS(UNARY, SIGN, T, x > 0 ? (T)1 : x < 0 ? (T)-1 : x == 0 ? (T)0 : x)
FLOATS(UNARY, SQUARE, T, x *x)
FLOATS(UNARY, CUBE, T, x *x *x)
// Unlike `sqrt`, this does not set errno, and is a vector instruction.
FLOATS(UNARY, SQRT, T, __builtin_elementwise_sqrt(x))
// pow(-inf, 0.5) is inf, and pow(-0.0, 0.5) is 0.0.
FLOATS(
    UNARY, POW_HALF, T,
    x == -(T)INFINITY ? (T)INFINITY : (T)(__builtin_elementwise_sqrt(x) + (T)0))
FLOATS(UNARY, RECIPROCAL, T, 1 / x)
FLOATS(UNARY, CEIL, T, BY_TYPE(__builtin_ceil, x)(x))
FLOATS(UNARY, FLOOR, T, BY_TYPE(__builtin_floor, x)(x))
FLOATS(UNARY, TRUNC, T, BY_TYPE(__builtin_trunc, x)(x))
FLOATS(UNARY, ROUND, T, BY_TYPE(__builtin_rint, x)(x))
FLOATS(UNARY, ISNAN, uint8_t, x != x)
FLOATS(UNARY, ISINF, uint8_t, BY_TYPE(__builtin_fabs, x)(x) == (T)INFINITY)
FLOATS(UNARY, ISFINITE, uint8_t, BY_TYPE(__builtin_fabs, x)(x) < (T)INFINITY)
FLOATS(UNARY, SIGNBIT, uint8_t, BY_TYPE(__builtin_signbit, x)(x) != 0)

FLOATS(BINARY, ADD, T, x + y)
FLOATS(BINARY, SUBTRACT, T, x - y)
FLOATS(BINARY, MULTIPLY, T, x *y)
FLOATS(BINARY, DIVIDE, T, x / y)
FLOATS(BINARY, FLOOR_DIVIDE, T, BY_TYPE(__builtin_floor, x)(x / y))
FLOATS(BINARY, MINIMUM, T, ((x <= y) | (x != x)) ? x : y)
FLOATS(BINARY, MAXIMUM, T, ((x >= y) | (x != x)) ? x : y)
FLOATS(
    TERNARY, CLIP, T,
    (x = ((x >= y) | (x != x)) ? x : y, ((x <= z) | (x != x)) ? x : z))
FLOATS(TERNARY, MULTIPLY_ADD, T, x *y + z)
FLOATS(TERNARY, MULTIPLY_SUBTRACT, T, x *y - z)
FLOATS(TERNARY, SUBTRACT_PRODUCT, T, z - x * y)
FLOATS(BINARY, COPYSIGN, T, BY_TYPE(__builtin_copysign, x)(x, y))
FLOATS(BINARY, NEXTAFTER, T, BY_TYPE(nextafter, x)(x, y))

// Lua's `%`; a remainder of 0 has the sign of the divisor.
static double remainder_of(double x, double y) {
  double m = fmod(x, y);
  if (m == 0) return copysign(0, y);
  return (m > 0) == (y > 0) || m != m ? m : m + y;
}
static float remainder_off(float x, float y) {
  float m = fmodf(x, y);
  if (m == 0) return copysignf(0, y);
  return (m > 0) == (y > 0) || m != m ? m : m + y;
}

#ifdef VA_FMA
// Where the quotient has less than 52 bits, the remainder by the quotient rounded towards zero is
// exact, and wrong by one divisor at most.
#define REMAINDERS(TAG, TYPE, WIDE, REAL, MOST)                                                \
  static void REMAINDER_##TAG(char *const *p, int64_t n) {                                     \
    const TYPE *a = (const TYPE *)p[0], *b = (const TYPE *)p[1];                               \
    TYPE *o = (TYPE *)p[2];                                                                    \
    enum { STEP = 16 };                                                                        \
    int64_t i = 0;                                                                             \
    for (; i + STEP <= n; i += STEP) {                                                         \
      TYPE result[STEP];                                                                       \
      int beyond = 0;                                                                          \
      for (int k = 0; k < STEP; k++) {                                                         \
        TYPE x = a[i + k], y = b[i + k];                                                       \
        TYPE quotient = x / y;                                                                 \
        beyond |= !(BY_TYPE(__builtin_fabs, x)(quotient) < (TYPE)(MOST)) |                     \
                  !(BY_TYPE(__builtin_fabs, x)(y) < (TYPE)INFINITY);                           \
        TYPE m = BY_TYPE(__builtin_fma, x)(-BY_TYPE(__builtin_trunc, x)(quotient), y, x);      \
        m = ((m < 0) & (x > 0)) ? m + BY_TYPE(__builtin_fabs, x)(y) : m;                         \
        m = ((m > 0) & (x < 0)) ? m - BY_TYPE(__builtin_fabs, x)(y) : m;                         \
        TYPE moved = (m > 0) == (y > 0) ? m : m + y;                                           \
        result[k] = m == 0 ? BY_TYPE(__builtin_copysign, x)(0, y) : moved;                     \
      }                                                                                        \
      if (beyond)                                                                              \
        for (int k = 0; k < STEP; k++)                                                         \
          result[k] = BY_TYPE(remainder_of, a[0])(a[i + k], b[i + k]);                         \
      memcpy(o + i, result, sizeof result);                                                    \
    }                                                                                          \
    for (; i < n; i++) o[i] = BY_TYPE(remainder_of, a[0])(a[i], b[i]);                         \
  }
REMAINDERS(FLOAT32, float, float, float, 0x1p22f)
REMAINDERS(FLOAT64, double, double, double, 0x1p51)
#else
FLOATS(BINARY, REMAINDER, T, BY_TYPE(remainder_of, x)(x, y))
#endif

// MARK: Complex numbers

#define MAKE(RE, IM) __builtin_complex((R)(RE), (R)(IM))
#define RE __real__
#define IM __imag__
COMPLEXES(UNARY, NEGATIVE, T, MAKE(-RE x, -IM x))
UNARY(COMPLEX128, va_c128, double, double, ABS, R, hypot(RE x, IM x))
// Squares of floats are exact as doubles, and do not overflow.
static inline float size_of(double re, double im) {
  double size = __builtin_elementwise_sqrt(re * re + im * im);
  bool infinite = (fabs(re) == (double)INFINITY) | (fabs(im) == (double)INFINITY);
  return infinite ? INFINITY : (float)size;
}
UNARY(COMPLEX64, va_c64, float, float, ABS, R, size_of((double)RE x, (double)IM x))
COMPLEXES(UNARY, SQUARE, T, MAKE(RE x *RE x - IM x * IM x, RE x *IM x + IM x * RE x))
COMPLEXES(
    UNARY, CEIL, T,
    MAKE(BY_TYPE(__builtin_ceil, RE x)(RE x), BY_TYPE(__builtin_ceil, RE x)(IM x)))
COMPLEXES(
    UNARY, FLOOR, T,
    MAKE(BY_TYPE(__builtin_floor, RE x)(RE x), BY_TYPE(__builtin_floor, RE x)(IM x)))
COMPLEXES(
    UNARY, TRUNC, T,
    MAKE(BY_TYPE(__builtin_trunc, RE x)(RE x), BY_TYPE(__builtin_trunc, RE x)(IM x)))
COMPLEXES(
    UNARY, ROUND, T,
    MAKE(BY_TYPE(__builtin_rint, RE x)(RE x), BY_TYPE(__builtin_rint, RE x)(IM x)))
COMPLEXES(UNARY, CONJ, T, MAKE(RE x, -IM x))
COMPLEXES(UNARY, REAL, R, RE x)
COMPLEXES(UNARY, IMAG, R, IM x)
COMPLEXES(UNARY, ISNAN, uint8_t, (RE x != RE x) | (IM x != IM x))
COMPLEXES(
    UNARY, ISINF, uint8_t,
    (BY_TYPE(__builtin_fabs, RE x)(RE x) == (R)INFINITY) |
        (BY_TYPE(__builtin_fabs, RE x)(IM x) == (R)INFINITY))
COMPLEXES(
    UNARY, ISFINITE, uint8_t,
    (BY_TYPE(__builtin_fabs, RE x)(RE x) < (R)INFINITY) &
        (BY_TYPE(__builtin_fabs, RE x)(IM x) < (R)INFINITY))
COMPLEXES(BINARY, ADD, T, MAKE(RE x + RE y, IM x + IM y))
COMPLEXES(BINARY, SUBTRACT, T, MAKE(RE x - RE y, IM x - IM y))
COMPLEXES(
    BINARY, MULTIPLY, T, MAKE(RE x *RE y - IM x * IM y, RE x *IM y + IM x * RE y))

// Smith's division, which does not overflow in between.
#define QUOTIENT(TAG, TYPE, WIDE, REAL, UNUSED)                                                \
  static inline TYPE quotient_##TAG(TYPE x, TYPE y) {                                          \
    REAL c = RE y, d = IM y;                                                                   \
    if (BY_TYPE(fabs, c)(c) >= BY_TYPE(fabs, c)(d)) {                                          \
      if (c == 0 && d == 0)                                                                    \
        return __builtin_complex(RE x / BY_TYPE(fabs, c)(c), IM x / BY_TYPE(fabs, c)(c));      \
      REAL ratio = d / c, scale = 1 / (c + d * ratio);                                         \
      return __builtin_complex(                                                                \
          (REAL)((RE x + IM x * ratio) * scale), (REAL)((IM x - RE x * ratio) * scale));       \
    }                                                                                          \
    REAL ratio = c / d, scale = 1 / (c * ratio + d);                                           \
    return __builtin_complex(                                                                  \
        (REAL)((RE x * ratio + IM x) * scale), (REAL)((IM x * ratio - RE x) * scale));         \
  }                                                                                            \
  static inline TYPE sign_##TAG(TYPE x) {                                                      \
    REAL size = BY_TYPE(hypot, size)(RE x, IM x);                                              \
    if (size == 0) return 0;                                                                   \
    return __builtin_complex((REAL)(RE x / size), (REAL)(IM x / size));                        \
  }
COMPLEXES(QUOTIENT, )
UNARY(COMPLEX64, va_c64, float, float, RECIPROCAL, T, quotient_COMPLEX64(1, x))
UNARY(COMPLEX128, va_c128, double, double, RECIPROCAL, T, quotient_COMPLEX128(1, x))
UNARY(COMPLEX64, va_c64, float, float, SIGN, T, sign_COMPLEX64(x))
UNARY(COMPLEX128, va_c128, double, double, SIGN, T, sign_COMPLEX128(x))
BINARY(COMPLEX64, va_c64, float, float, DIVIDE, T, quotient_COMPLEX64(x, y))
BINARY(COMPLEX128, va_c128, double, double, DIVIDE, T, quotient_COMPLEX128(x, y))
#undef RE
#undef IM
