// SPDX-License-Identifier: BSD-3-Clause

/// Loops that compare, choose and copy elements of any type.
#include "loops.h"

#define REALS(F, ...) BOOLEAN(F, __VA_ARGS__) INTEGERS(F, __VA_ARGS__) FLOATS(F, __VA_ARGS__)
#define EVERY(F, ...) REALS(F, __VA_ARGS__) COMPLEXES(F, __VA_ARGS__)

// Equality does not depend on the sign of integers: they share their loops.
EVERY(BINARY, EQUAL, uint8_t, x == y)
EVERY(BINARY, NOT_EQUAL, uint8_t, x != y)
REALS(BINARY, LESS, uint8_t, x < y)
REALS(BINARY, LESS_EQUAL, uint8_t, x <= y)
EVERY(UNARY, LOGICAL_NOT, uint8_t, x == 0)
EVERY(BINARY, LOGICAL_AND, uint8_t, (x != 0) & (y != 0))
EVERY(BINARY, LOGICAL_OR, uint8_t, (x != 0) | (y != 0))
EVERY(BINARY, LOGICAL_XOR, uint8_t, (x != 0) ^ (y != 0))

#define SWAPPED(TAG, TYPE, WIDE, REAL, OP, OF)                                                 \
  static void OP##_##TAG(char *const *p, int64_t n) {                                          \
    char *const swapped[] = {p[1], p[0], p[2]};                                                \
    OF##_##TAG(swapped, n);                                                                    \
  }
REALS(SWAPPED, GREATER, LESS)
REALS(SWAPPED, GREATER_EQUAL, LESS_EQUAL)

// By the size of elements.
#define CHOICE(SIZE, TYPE)                                                                     \
  static void choose_##SIZE(char *const *p, int64_t n) {                                       \
    const uint8_t *c = (const uint8_t *)p[0];                                                  \
    const TYPE *a = (const TYPE *)p[1], *b = (const TYPE *)p[2];                               \
    TYPE *o = (TYPE *)p[3];                                                                    \
    EACH {                                                                                     \
      TYPE x = a[i], y = b[i];                                                                 \
      o[i] = c[i] ? x : y;                                                                     \
    }                                                                                          \
  }
CHOICE(1, uint8_t)
CHOICE(2, uint16_t)
CHOICE(4, uint32_t)
CHOICE(8, uint64_t)
static void choose_16(char *const *p, int64_t n) {
  for (int64_t i = 0; i < n; i++)
    memcpy(p[3] + 16 * i, p[p[0][i] ? 1 : 2] + 16 * i, 16);
}

#define COPY(SIZE)                                                                             \
  static void copy_##SIZE(char *const *p, int64_t n) { memmove(p[1], p[0], SIZE * (size_t)n); }
COPY(1) COPY(2) COPY(4) COPY(8) COPY(16)
static void zero_1(char *const *p, int64_t n) { memset(p[1], 0, (size_t)n); }
static void zero_2(char *const *p, int64_t n) { memset(p[1], 0, 2 * (size_t)n); }
static void zero_4(char *const *p, int64_t n) { memset(p[1], 0, 4 * (size_t)n); }
static void zero_8(char *const *p, int64_t n) { memset(p[1], 0, 8 * (size_t)n); }
static void one_1(char *const *p, int64_t n) { memset(p[1], 1, (size_t)n); }
