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
SIGNED(
    BINARY, FLOOR_DIVIDE, T,
    y == -1 ? (T)((W)0 - (W)x) : (T)(x / y - (x % y != 0 && ((x % y) ^ y) < 0)))
SIGNED(BINARY, REMAINDER, T, y == -1 ? 0 : (T)(x % y + (x % y != 0 && ((x % y) ^ y) < 0 ? y : 0)))
UNSIGNED(BINARY, FLOOR_DIVIDE, T, x / y)
UNSIGNED(BINARY, REMAINDER, T, x % y)

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
