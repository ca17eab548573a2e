// SPDX-License-Identifier: BSD-3-Clause

/// Macros that define one loop for each operation and type. They are expanded once for every
/// processor (VA_FMA is defined where it has fused multiply-add).
#ifndef VTLUA_CARRAYS_LOOPS_H
#define VTLUA_CARRAYS_LOOPS_H

#include "kernels.h"

#include <math.h>
#include <string.h>

#pragma clang diagnostic ignored "-Wunused-local-typedef"
#pragma clang diagnostic ignored "-Wpass-failed"
#pragma clang diagnostic ignored "-Wunused-function"

typedef float _Complex va_c64;
typedef double _Complex va_c128;

// An input may be the output's memory, element by element: no other elements depend on a store.
#define EACH _Pragma("clang loop vectorize(assume_safety)") for (int64_t i = 0; i < n; i++)

// T: the type; W: the type in which integers are computed, without a sign, so that they wrap;
// R: the real type of complex numbers.
#define TYPES(TYPE, WIDE, REAL)                                                                \
  typedef TYPE T;                                                                              \
  typedef WIDE W;                                                                              \
  typedef REAL R;

#define UNARY(TAG, TYPE, WIDE, REAL, OP, RESULT, EXPRESSION)                                   \
  static void OP##_##TAG(char *const *p, int64_t n) {                                          \
    TYPES(TYPE, WIDE, REAL)                                                                    \
    const T *a = (const T *)p[0];                                                              \
    RESULT *o = (RESULT *)p[1];                                                                \
    EACH {                                                                                     \
      T x = a[i];                                                                              \
      (void)x;                                                                                 \
      o[i] = (RESULT)(EXPRESSION);                                                             \
    }                                                                                          \
  }

#define BINARY(TAG, TYPE, WIDE, REAL, OP, RESULT, EXPRESSION)                                  \
  static void OP##_##TAG(char *const *p, int64_t n) {                                          \
    TYPES(TYPE, WIDE, REAL)                                                                    \
    const T *a = (const T *)p[0], *b = (const T *)p[1];                                        \
    RESULT *o = (RESULT *)p[2];                                                                \
    EACH {                                                                                     \
      T x = a[i], y = b[i];                                                                    \
      o[i] = (RESULT)(EXPRESSION);                                                             \
    }                                                                                          \
  }

#define TERNARY(TAG, TYPE, WIDE, REAL, OP, RESULT, EXPRESSION)                                 \
  static void OP##_##TAG(char *const *p, int64_t n) {                                          \
    TYPES(TYPE, WIDE, REAL)                                                                    \
    const T *a = (const T *)p[0], *b = (const T *)p[1], *c = (const T *)p[2];                  \
    RESULT *o = (RESULT *)p[3];                                                                \
    EACH {                                                                                     \
      T x = a[i], y = b[i], z = c[i];                                                          \
      o[i] = (RESULT)(EXPRESSION);                                                             \
    }                                                                                          \
  }

#define BOOLEAN(F, ...) F(BOOL, uint8_t, unsigned, uint8_t, __VA_ARGS__)
#define SIGNED(F, ...)                                                                         \
  F(INT8, int8_t, unsigned, int8_t, __VA_ARGS__)                                               \
  F(INT16, int16_t, unsigned, int16_t, __VA_ARGS__)                                            \
  F(INT32, int32_t, unsigned, int32_t, __VA_ARGS__)                                            \
  F(INT64, int64_t, uint64_t, int64_t, __VA_ARGS__)
#define UNSIGNED(F, ...)                                                                       \
  F(UINT8, uint8_t, unsigned, uint8_t, __VA_ARGS__)                                            \
  F(UINT16, uint16_t, unsigned, uint16_t, __VA_ARGS__)                                         \
  F(UINT32, uint32_t, unsigned, uint32_t, __VA_ARGS__)                                         \
  F(UINT64, uint64_t, uint64_t, uint64_t, __VA_ARGS__)
#define INTEGERS(F, ...) SIGNED(F, __VA_ARGS__) UNSIGNED(F, __VA_ARGS__)
#define FLOATS(F, ...)                                                                         \
  F(FLOAT32, float, float, float, __VA_ARGS__)                                                 \
  F(FLOAT64, double, double, double, __VA_ARGS__)
#define COMPLEXES(F, ...)                                                                      \
  F(COMPLEX64, va_c64, float, float, __VA_ARGS__)                                              \
  F(COMPLEX128, va_c128, double, double, __VA_ARGS__)

// An entry of the table.
#define ENTRY(TAG, TYPE, WIDE, REAL, OP) [VA_##TAG] = OP##_##TAG,

// Functions that are the same for float and double.
#define BY_TYPE(FUNCTION, X) __builtin_choose_expr(sizeof(X) == 4, FUNCTION##f, FUNCTION)

#endif
