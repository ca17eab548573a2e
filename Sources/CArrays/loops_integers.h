// SPDX-License-Identifier: BSD-3-Clause

/// Loops over integers and booleans.
#include "loops.h"

INTEGERS(UNARY, NEGATIVE, T, (W)0 - (W)x)
SIGNED(UNARY, ABS, T, x < 0 ? (W)0 - (W)x : (W)x)
INTEGERS(UNARY, SIGN, T, (x > 0) - (x < 0))
INTEGERS(UNARY, SQUARE, T, (W)x *(W)x)
INTEGERS(UNARY, CUBE, T, (W)x *(W)x *(W)x)
INTEGERS(UNARY, BITWISE_INVERT, T, ~x)
BOOLEAN(UNARY, BITWISE_INVERT, T, !x)

INTEGERS(BINARY, ADD, T, (W)x + (W)y)
INTEGERS(BINARY, SUBTRACT, T, (W)x - (W)y)
INTEGERS(BINARY, MULTIPLY, T, (W)x *(W)y)
INTEGERS(BINARY, MINIMUM, T, x < y ? x : y)
INTEGERS(BINARY, MAXIMUM, T, x > y ? x : y)
INTEGERS(TERNARY, CLIP, T, (x = x < y ? y : x, x > z ? z : x))
BOOLEAN(BINARY, BITWISE_AND, T, x &y)
BOOLEAN(BINARY, BITWISE_OR, T, x | y)
BOOLEAN(BINARY, BITWISE_XOR, T, x ^ y)
INTEGERS(BINARY, BITWISE_AND, T, x &y)
INTEGERS(BINARY, BITWISE_OR, T, x | y)
INTEGERS(BINARY, BITWISE_XOR, T, x ^ y)

// The divisor is not 0. The quotient of the least integer by -1 wraps.
#define FLOORED(X, Y)                                                                          \
  ((Y) == -1 ? (T)((W)0 - (W)(X)) : (T)((X) / (Y) - ((X) % (Y) != 0 && (((X) % (Y)) ^ (Y)) < 0)))
#define REST(X, Y)                                                                             \
  ((Y) == -1 ? (T)0 : (T)((X) % (Y) + ((X) % (Y) != 0 && (((X) % (Y)) ^ (Y)) < 0 ? (Y) : 0)))
UNSIGNED(BINARY, FLOOR_DIVIDE, T, x / y)
UNSIGNED(BINARY, REMAINDER, T, x % y)

#ifdef VA_FMA
// Quotients of doubles have vector instructions. Those of integers up to 32 bits, rounded down, are
// exact.
#define ROUNDED(X, Y) (__builtin_floor((double)(X) / (double)(Y)))
#define BY_DOUBLES(TAG, TYPE)                                                                  \
  BINARY(TAG, TYPE, unsigned, TYPE, FLOOR_DIVIDE, T,                                           \
         ROUNDED(x, y) >= 0x1p31 ? INT32_MIN : (int32_t)ROUNDED(x, y))                         \
  BINARY(TAG, TYPE, unsigned, TYPE, REMAINDER, T,                                              \
         (W)x - (W)(ROUNDED(x, y) >= 0x1p31 ? INT32_MIN : (int32_t)ROUNDED(x, y)) * (W)y)
BY_DOUBLES(INT8, int8_t)
BY_DOUBLES(INT16, int16_t)
BY_DOUBLES(INT32, int32_t)

// Integers of less than 51 bits become doubles, and back, by the bits of a sum: there is no vector
// instruction for it before AVX-512.
#define NEAR_BITS UINT64_C(0x4338000000000000)
static inline double as_double(int64_t x) {
  uint64_t bits = (uint64_t)x + NEAR_BITS;
  double sum;
  memcpy(&sum, &bits, sizeof sum);
  return sum - 0x1.8p52;
}
static inline int64_t as_integer(double x) {
  double sum = x + 0x1.8p52;
  uint64_t bits;
  memcpy(&bits, &sum, sizeof bits);
  return (int64_t)(bits - NEAR_BITS);
}
#define LONG_DIVISION(OP, QUICK, EXACT)                                                        \
  static void OP##_INT64(char *const *p, int64_t n) {                                          \
    typedef int64_t T;                                                                         \
    typedef uint64_t W;                                                                        \
    const T *a = (const T *)p[0], *b = (const T *)p[1];                                        \
    T *o = (T *)p[2];                                                                          \
    enum { STEP = 16 };                                                                        \
    int64_t i = 0;                                                                             \
    for (; i + STEP <= n; i += STEP) {                                                         \
      T result[STEP];                                                                          \
      uint64_t beyond = 0;                                                                     \
      for (int k = 0; k < STEP; k++) {                                                         \
        T x = a[i + k], y = b[i + k];                                                          \
        beyond |= ((uint64_t)x + (UINT64_C(1) << 50)) | ((uint64_t)y + (UINT64_C(1) << 50));   \
        T q = as_integer(__builtin_floor(as_double(x) / as_double(y)));                        \
        result[k] = QUICK;                                                                     \
      }                                                                                        \
      if (beyond >> 51)                                                                        \
        for (int k = 0; k < STEP; k++) {                                                       \
          T x = a[i + k], y = b[i + k];                                                        \
          result[k] = EXACT;                                                                   \
        }                                                                                      \
      memcpy(o + i, result, sizeof result);                                                    \
    }                                                                                          \
    for (; i < n; i++) {                                                                       \
      T x = a[i], y = b[i];                                                                    \
      o[i] = EXACT;                                                                            \
    }                                                                                          \
  }
LONG_DIVISION(FLOOR_DIVIDE, q, FLOORED(x, y))
LONG_DIVISION(REMAINDER, (T)((W)x - (W)q *(W)y), REST(x, y))
#else
SIGNED(BINARY, FLOOR_DIVIDE, T, FLOORED(x, y))
SIGNED(BINARY, REMAINDER, T, REST(x, y))
#endif

#define INTEGER_POWER(TAG, TYPE, WIDE, REAL, UNUSED)                                           \
  static void POW_##TAG(char *const *p, int64_t n) {                                           \
    const TYPE *a = (const TYPE *)p[0], *b = (const TYPE *)p[1];                               \
    TYPE *o = (TYPE *)p[2];                                                                    \
    for (int64_t i = 0; i < n; i++) {                                                          \
      WIDE base = (WIDE)a[i], result = 1;                                                      \
      for (uint64_t power = (uint64_t)b[i]; power; power >>= 1, base *= base)                  \
        if (power & 1) result *= base;                                                         \
      o[i] = (TYPE)result;                                                                     \
    }                                                                                          \
  }
INTEGERS(INTEGER_POWER, )

// Shifts by any count: LEFT and RIGHT are for counts within the width.
#define WIDTH ((int)sizeof(T) * 8)
#define COUNT_UP(COUNT, WITHIN, BEYOND) ((uint64_t)(COUNT) < (uint64_t)WIDTH ? (WITHIN) : (BEYOND))
#define MASK(COUNT) ((COUNT) & (WIDTH - 1))
#define SHIFTED_LEFT COUNT_UP(y, (W)x << MASK(y), 0)
// `x` as the type without a sign of its own width.
#define BITS(X) ((W)(X) & (sizeof(T) == 8 ? (W) - 1 : (W)((UINT64_C(1) << (WIDTH & 63)) - 1)))
#define FILLED_RIGHT(COUNT) COUNT_UP(COUNT, x >> MASK(COUNT), x < 0 ? (T)-1 : (T)0)
#define ZEROS_RIGHT(COUNT) COUNT_UP(COUNT, BITS(x) >> MASK(COUNT), 0)
#define LEFT(COUNT) COUNT_UP(COUNT, (W)x << MASK(COUNT), 0)
#define BACK (-(uint64_t)(int64_t)y)
SIGNED(BINARY, LEFT_SHIFT, T, y < 0 ? (T)ZEROS_RIGHT(BACK) : (T)LEFT(y))
UNSIGNED(BINARY, LEFT_SHIFT, T, LEFT(y))
SIGNED(BINARY, RIGHT_SHIFT, T, y < 0 ? (T)LEFT(BACK) : (T)FILLED_RIGHT(y))
UNSIGNED(BINARY, RIGHT_SHIFT, T, ZEROS_RIGHT(y))
SIGNED(BINARY, LOGICAL_RIGHT_SHIFT, T, y < 0 ? (T)LEFT(BACK) : (T)ZEROS_RIGHT(y))
UNSIGNED(BINARY, LOGICAL_RIGHT_SHIFT, T, ZEROS_RIGHT(y))
