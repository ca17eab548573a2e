// SPDX-License-Identifier: BSD-3-Clause
//
// Convolution by its definition: each result is added in the order of the second factor, so that
// the bits do not depend on how the work is cut.

#include "include/Series.h"
#include "team.h"

#include <string.h>

enum {
  BLOCK = 1024,   // results that are computed together, in the fastest cache
  SPAN = 1 << 14  // elements of the second factor between two looks for a stop
};

typedef struct {
  const char *a, *b;
  char *out;
  va_dtype dtype;
  int64_t n, m, first, count;
  const va_detail *detail;
} work;

// Adds to `sums`, the results from `begin` on, the products with the elements from j to `end`.
// Four products of a result are added at once, where all of them exist.
#define ADD(NAME, TYPE, SUM)                                                                   \
  static inline __attribute__((always_inline)) void NAME(                                      \
      const work *work, SUM *sums, int64_t begin, int64_t length, int64_t j, int64_t end) {    \
    const TYPE *a = (const TYPE *)work->a, *b = (const TYPE *)work->b;                         \
    int64_t start = work->first + begin;                                                       \
    while (j < end) {                                                                          \
      if (j + 4 <= end && start - j - 3 >= 0 && start - j + length <= work->n) {               \
        const TYPE *from = a + (start - j);                                                    \
        SUM b0 = (SUM)b[j], b1 = (SUM)b[j + 1], b2 = (SUM)b[j + 2], b3 = (SUM)b[j + 3];        \
        for (int64_t i = 0; i < length; i++)                                                   \
          sums[i] = (((sums[i] + b0 * (SUM)from[i]) + b1 * (SUM)from[i - 1]) +                 \
                     b2 * (SUM)from[i - 2]) + b3 * (SUM)from[i - 3];                           \
        j += 4;                                                                                \
        continue;                                                                              \
      }                                                                                        \
      int64_t low = j - start > 0 ? j - start : 0;                                             \
      int64_t high = work->n + j - start < length ? work->n + j - start : length;              \
      SUM factor = (SUM)b[j];                                                                  \
      for (int64_t i = low; i < high; i++) sums[i] += factor * (SUM)a[start - j + i];          \
      j++;                                                                                     \
    }                                                                                          \
  }
ADD(add_8, uint8_t, uint32_t)
ADD(add_16, uint16_t, uint32_t)
ADD(add_32, uint32_t, uint32_t)
ADD(add_64, uint64_t, uint64_t)
ADD(add_float, float, double)
ADD(add_double, double, double)

// The same for complex numbers, whose parts alternate.
#define ADD_COMPLEX(NAME, TYPE)                                                                \
  static inline __attribute__((always_inline)) void NAME(                                      \
      const work *work, double *sums, int64_t begin, int64_t length, int64_t j, int64_t end) { \
    const TYPE *a = (const TYPE *)work->a, *b = (const TYPE *)work->b;                         \
    int64_t start = work->first + begin;                                                       \
    for (; j < end; j++) {                                                                     \
      int64_t low = j - start > 0 ? j - start : 0;                                             \
      int64_t high = work->n + j - start < length ? work->n + j - start : length;              \
      double re = (double)b[2 * j], im = (double)b[2 * j + 1];                                 \
      const TYPE *from = a + 2 * (start - j);                                                  \
      for (int64_t i = low; i < high; i++) {                                                   \
        double x = (double)from[2 * i], y = (double)from[2 * i + 1];                           \
        sums[2 * i] += re * x - im * y;                                                        \
        sums[2 * i + 1] += re * y + im * x;                                                    \
      }                                                                                        \
    }                                                                                          \
  }
ADD_COMPLEX(add_complex64, float)
ADD_COMPLEX(add_complex128, double)

static inline __attribute__((always_inline)) void add(
    const work *work, void *sums, int64_t begin, int64_t length, int64_t j, int64_t end) {
  switch (work->dtype) {
    case VA_FLOAT32: add_float(work, sums, begin, length, j, end); break;
    case VA_FLOAT64: add_double(work, sums, begin, length, j, end); break;
    case VA_COMPLEX64: add_complex64(work, sums, begin, length, j, end); break;
    case VA_COMPLEX128: add_complex128(work, sums, begin, length, j, end); break;
    default:
      switch (va_size(work->dtype)) {
        case 1: add_8(work, sums, begin, length, j, end); break;
        case 2: add_16(work, sums, begin, length, j, end); break;
        case 4: add_32(work, sums, begin, length, j, end); break;
        default: add_64(work, sums, begin, length, j, end); break;
      }
  }
}

static void add_base(
    const work *work, void *sums, int64_t begin, int64_t length, int64_t j, int64_t end) {
  add(work, sums, begin, length, j, end);
}
#if defined(__x86_64__)
// Without fused products, whose bits would be others.
__attribute__((target("avx2"))) static void add_avx2(
    const work *work, void *sums, int64_t begin, int64_t length, int64_t j, int64_t end) {
  add(work, sums, begin, length, j, end);
}
#endif

// Writes sums as elements of the type.
static void store(const work *work, const void *sums, int64_t begin, int64_t length) {
  size_t size = va_size(work->dtype);
  char *to = work->out + begin * (int64_t)size;
  switch (work->dtype) {
    case VA_FLOAT32:
      for (int64_t i = 0; i < length; i++) ((float *)to)[i] = (float)((const double *)sums)[i];
      break;
    case VA_COMPLEX64:
      for (int64_t i = 0; i < 2 * length; i++) ((float *)to)[i] = (float)((const double *)sums)[i];
      break;
    case VA_INT8:
    case VA_UINT8:
      for (int64_t i = 0; i < length; i++)
        ((uint8_t *)to)[i] = (uint8_t)((const uint32_t *)sums)[i];
      break;
    case VA_INT16:
    case VA_UINT16:
      for (int64_t i = 0; i < length; i++)
        ((uint16_t *)to)[i] = (uint16_t)((const uint32_t *)sums)[i];
      break;
    default: memcpy(to, sums, size * (size_t)length);
  }
}

static void run_block(void *context, int64_t block) {
  const work *work = context;
  _Alignas(64) char sums[BLOCK * 16];
  int64_t begin = block * BLOCK;
  int64_t length = work->count - begin < BLOCK ? work->count - begin : BLOCK;
  memset(sums, 0, sizeof sums);
  // The elements of the second factor that meet an element of the first one.
  int64_t start = work->first + begin;
  int64_t j = start - work->n + 1 > 0 ? start - work->n + 1 : 0;
  int64_t end = start + length < work->m ? start + length : work->m;
  for (; j < end; j += SPAN) {
    if (va_is_stopped(work->detail)) return;
    int64_t last = end - j < SPAN ? end : j + SPAN;
#if defined(__x86_64__)
    if (va_isa_used() >= VA_ISA_AVX2) {
      add_avx2(work, sums, begin, length, j, last);
      continue;
    }
#endif
    add_base(work, sums, begin, length, j, last);
  }
  store(work, sums, begin, length);
}

va_status va_convolve(
    const va_view *a, const va_view *b, int64_t first, const va_view *out, va_detail *detail) {
  if (va_is_bool(a->dtype)) return VA_NOT_DEFINED;
  work work = {.a = a->data, .b = b->data, .out = out->data, .dtype = a->dtype,
               .n = va_count(a), .m = va_count(b), .first = first, .count = va_count(out),
               .detail = detail};
  double cost = (double)work.count * (double)(work.n < work.m ? work.n : work.m) * 0.3;
  va_status status =
      va_team_run((work.count + BLOCK - 1) / BLOCK, cost, run_block, &work, detail);
  return status == VA_OK && va_is_stopped(detail) ? VA_STOPPED : status;
}
