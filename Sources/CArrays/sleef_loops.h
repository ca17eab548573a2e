// SPDX-License-Identifier: BSD-3-Clause

/// Loops that call SLEEF's functions on vectors of VA_BYTES bytes; the table is VA_TABLE.
#include "loops.h"
#include "sleef.h"

#ifndef VA_BYTES
#define VA_BYTES 16
#endif

typedef double vector64 __attribute__((vector_size(VA_BYTES), aligned(8)));
typedef float vector32 __attribute__((vector_size(VA_BYTES), aligned(4)));
// As the functions take them: aligned.
typedef double full64 __attribute__((vector_size(VA_BYTES)));
typedef float full32 __attribute__((vector_size(VA_BYTES)));

typedef int64_t mask64 __attribute__((vector_size(VA_BYTES)));
typedef int32_t mask32 __attribute__((vector_size(VA_BYTES)));

// A file without AVX passes such vectors in memory, whatever the target of the function is, and SLEEF
// takes them in registers: the calls are written out. Nothing below the stack pointer is used, so that
// the caller's red zone stays as it is.
#if VA_BYTES == 64
#define VA_FIRST "zmm0"
#define VA_SECOND "zmm1"
#define VA_ANY "+v"
#define VA_MORE_CLOBBERS                                                                       \
  , "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25",  \
      "xmm26", "xmm27", "xmm28", "xmm29", "xmm30", "xmm31", "k1", "k2", "k3", "k4", "k5",      \
      "k6", "k7"
#else
#define VA_FIRST "ymm0"
#define VA_SECOND "ymm1"
#define VA_ANY "+x"
#define VA_MORE_CLOBBERS
#endif
#define VA_CALL                                                                                \
  "movq %%rsp, %%r12\n\tsubq $128, %%rsp\n\tandq $-64, %%rsp\n\tcall *%[function]\n\t"         \
  "movq %%r12, %%rsp"
#define VA_CLOBBERS                                                                            \
  "rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "xmm2", "xmm3", "xmm4",  \
      "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14",     \
      "xmm15" VA_MORE_CLOBBERS, "memory", "cc"

#define CALLS(BITS)                                                                            \
  static inline full##BITS call_##BITS(void *function, full##BITS x) {                         \
    register full##BITS first __asm__(VA_FIRST) = x;                                           \
    __asm__ volatile(VA_CALL                                                                   \
                     : VA_ANY(first)                                                           \
                     : [function] "r"(function)                                                \
                     : "xmm1", VA_CLOBBERS);                                                   \
    return first;                                                                              \
  }                                                                                            \
  static inline full##BITS call_two_##BITS(void *function, full##BITS x, full##BITS y) {       \
    register full##BITS first __asm__(VA_FIRST) = x;                                           \
    register full##BITS second __asm__(VA_SECOND) = y;                                         \
    __asm__ volatile(VA_CALL                                                                   \
                     : VA_ANY(first), VA_ANY(second)                                           \
                     : [function] "r"(function)                                                \
                     : VA_CLOBBERS);                                                           \
    return first;                                                                              \
  }
CALLS(64)
CALLS(32)

// libm's functions of float are less accurate than those of double.
#define WIDE(ID, name, ...)                                                                    \
  static inline float wide_##ID(float x) { return (float)name(x); }
VA_FUNCTIONS(WIDE)

// Below SMALL, or 0, the function is the identity. The last vector is filled up with ones. A lane
// does not depend on the others.
#define FUNCTION(ID, name, TAG, TYPE, BITS, WHICH, libm, BOUND, SMALL)                                \
  static void ID##_##TAG(char *const *p, int64_t n) {                                          \
    void *function = va_sleef_functions.name[WHICH];                                          \
    enum { LANES = VA_BYTES / sizeof(TYPE) };                                                  \
    for (int64_t i = 0; i < n; i += LANES) {                                                   \
      size_t lanes = n - i < LANES ? (size_t)(n - i) : LANES;                                  \
      const char *from = p[0] + i * (int64_t)sizeof(TYPE);                                     \
      char *to = p[1] + i * (int64_t)sizeof(TYPE);                                             \
      full##BITS x, o;                                                                         \
      if (lanes == LANES) {                                                                    \
        x = *(const vector##BITS *)from;                                                       \
      } else {                                                                                 \
        x = (full##BITS){0} + 1;                                                               \
        memcpy(&x, from, lanes * sizeof(TYPE));                                                \
      }                                                                                        \
      o = call_##BITS(function, x);                                                                         \
      if ((SMALL) > 0) {                                                                       \
        mask##BITS small = (x < (TYPE)(SMALL)) & (x > -(TYPE)(SMALL));                         \
        o = (full##BITS)((small & (mask##BITS)x) | (~small & (mask##BITS)o));                  \
      }                                                                                        \
      if ((BOUND) < (TYPE)INFINITY)                                                            \
        for (size_t k = 0; k < LANES; k++)                                                     \
          if (BY_TYPE(fabs, x[0])(x[k]) > (TYPE)(BOUND)) o[k] = libm(x[k]);                    \
      if (lanes == LANES) *(vector##BITS *)to = o;                                             \
      else memcpy(to, &o, lanes * sizeof(TYPE));                                               \
    }                                                                                          \
  }
#define FUNCTIONS(ID, name, bound, BOUND64, BOUND32, SMALL64, SMALL32)                                    \
  FUNCTION(ID, name, FLOAT64, double, 64, 0, name, BOUND64, SMALL64)                                    \
  FUNCTION(ID, name, FLOAT32, float, 32, 1, wide_##ID, BOUND32, SMALL32)
VA_FUNCTIONS(FUNCTIONS)

#define FUNCTION_OF_TWO(ID, name, TAG, TYPE, BITS, WHICH)                                      \
  static void ID##_##TAG(char *const *p, int64_t n) {                                          \
    void *function = va_sleef_functions.name[WHICH];                                          \
    enum { LANES = VA_BYTES / sizeof(TYPE) };                                                  \
    for (int64_t i = 0; i < n; i += LANES) {                                                   \
      size_t bytes = (n - i < LANES ? (size_t)(n - i) : LANES) * sizeof(TYPE);                 \
      int64_t at = i * (int64_t)sizeof(TYPE);                                                  \
      full##BITS x = (full##BITS){0} + 1, y = x, o;                                            \
      if (bytes == VA_BYTES) {                                                                 \
        x = *(const vector##BITS *)(p[0] + at);                                                \
        y = *(const vector##BITS *)(p[1] + at);                                                \
        *(vector##BITS *)(p[2] + at) = call_two_##BITS(function, x, y);                                         \
      } else {                                                                                 \
        memcpy(&x, p[0] + at, bytes);                                                          \
        memcpy(&y, p[1] + at, bytes);                                                          \
        o = call_two_##BITS(function, x, y);                                                                    \
        memcpy(p[2] + at, &o, bytes);                                                          \
      }                                                                                        \
    }                                                                                          \
  }
#define FUNCTIONS_OF_TWO(ID, name, bound)                                                      \
  FUNCTION_OF_TWO(ID, name, FLOAT64, double, 64, 0)                                            \
  FUNCTION_OF_TWO(ID, name, FLOAT32, float, 32, 1)
VA_FUNCTIONS_OF_TWO(FUNCTIONS_OF_TWO)

static void ABS_COMPLEX128(char *const *p, int64_t n) {
  enum { PIECE = 256 };
  double re[PIECE], im[PIECE];
  for (int64_t i = 0; i < n; i += PIECE) {
    const double *from = (const double *)p[0] + 2 * i;
    int64_t m = n - i < PIECE ? n - i : PIECE;
    for (int64_t k = 0; k < m; k++) {
      re[k] = from[2 * k];
      im[k] = from[2 * k + 1];
    }
    HYPOT_FLOAT64((char *const[]){(char *)re, (char *)im, p[1] + i * 8}, m);
  }
}

#include "tanh_loop.h"

#ifdef VA_TABLE
#define FUNCTION_ROW(ID, ...)                                                                  \
  [VA_##ID] = {[VA_FLOAT32] = ID##_FLOAT32, [VA_FLOAT64] = ID##_FLOAT64},
// In place of SLEEF's.
#define TANH_FLOAT64 tanh_float64
const va_kernel_table VA_TABLE = {
    VA_FUNCTIONS(FUNCTION_ROW) VA_FUNCTIONS_OF_TWO(FUNCTION_ROW)
    [VA_ABS][VA_COMPLEX128] = ABS_COMPLEX128,
};
#endif
