// SPDX-License-Identifier: BSD-3-Clause
//
// Loops for outputs that are larger than the caches: their stores do not read the memory first.

#include "loops.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)

typedef double vector64 __attribute__((vector_size(32), aligned(8)));
typedef float vector32 __attribute__((vector_size(32), aligned(4)));
typedef double full64 __attribute__((vector_size(32)));
typedef float full32 __attribute__((vector_size(32)));

#define STREAMING(OP, TAG, TYPE, BITS, OPERATOR)                                               \
  static void OP##_##TAG(char *const *p, int64_t n) {                                          \
    const TYPE *a = (const TYPE *)p[0], *b = (const TYPE *)p[1];                               \
    TYPE *o = (TYPE *)p[2];                                                                    \
    enum { LANES = 32 / sizeof(TYPE) };                                                        \
    int64_t i = 0;                                                                             \
    for (; i + LANES <= n; i += LANES) {                                                       \
      full##BITS x = *(const vector##BITS *)(a + i), y = *(const vector##BITS *)(b + i);       \
      __builtin_nontemporal_store(x OPERATOR y, (full##BITS *)(o + i));                        \
    }                                                                                          \
    for (; i < n; i++) o[i] = a[i] OPERATOR b[i];                                              \
  }
#define STREAMINGS(OP, OPERATOR)                                                               \
  STREAMING(OP, FLOAT64, double, 64, OPERATOR) STREAMING(OP, FLOAT32, float, 32, OPERATOR)
STREAMINGS(ADD, +)
STREAMINGS(SUBTRACT, -)
STREAMINGS(MULTIPLY, *)
STREAMINGS(DIVIDE, /)

// No product is fused with a sum: the bits are those of the other loops.
#pragma STDC FP_CONTRACT OFF
#define STREAMING_3(OP, TAG, TYPE, BITS, EXPRESSION)                                           \
  static void OP##_##TAG(char *const *p, int64_t n) {                                          \
    const TYPE *a = (const TYPE *)p[0], *b = (const TYPE *)p[1], *c = (const TYPE *)p[2];      \
    TYPE *o = (TYPE *)p[3];                                                                    \
    enum { LANES = 32 / sizeof(TYPE) };                                                        \
    int64_t i = 0;                                                                             \
    for (; i + LANES <= n; i += LANES) {                                                       \
      full##BITS x = *(const vector##BITS *)(a + i), y = *(const vector##BITS *)(b + i);       \
      full##BITS z = *(const vector##BITS *)(c + i);                                           \
      __builtin_nontemporal_store(EXPRESSION, (full##BITS *)(o + i));                          \
    }                                                                                          \
    for (; i < n; i++) {                                                                       \
      TYPE x = a[i], y = b[i], z = c[i];                                                       \
      o[i] = EXPRESSION;                                                                       \
    }                                                                                          \
  }
#define STREAMINGS_3(OP, EXPRESSION)                                                           \
  STREAMING_3(OP, FLOAT64, double, 64, EXPRESSION)                                             \
  STREAMING_3(OP, FLOAT32, float, 32, EXPRESSION)
STREAMINGS_3(MULTIPLY_ADD, x *y + z)
STREAMINGS_3(MULTIPLY_SUBTRACT, x *y - z)
STREAMINGS_3(SUBTRACT_PRODUCT, z - x * y)

#define PAIR(OP) [VA_##OP] = {[VA_FLOAT32] = OP##_FLOAT32, [VA_FLOAT64] = OP##_FLOAT64},
const va_kernel_table va_kernels_streaming = {
    PAIR(ADD) PAIR(SUBTRACT) PAIR(MULTIPLY) PAIR(DIVIDE)
    PAIR(MULTIPLY_ADD) PAIR(MULTIPLY_SUBTRACT) PAIR(SUBTRACT_PRODUCT)};

void va_finish_streaming(void) { __builtin_ia32_sfence(); }
#pragma clang attribute pop
#else
void va_finish_streaming(void) {}
#endif
