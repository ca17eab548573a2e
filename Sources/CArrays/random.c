// SPDX-License-Identifier: BSD-3-Clause

#include "include/Random.h"

#include "kernels.h"
#include "philox.h"
#include "team.h"

#include <math.h>
#include <stdlib.h>

enum {
  BLOCKS = 512,         // are computed at once
  CHUNK = 32 * BLOCKS,  // elements
};

#define VA_BITS bits_base
#include "philox.h"
#undef VA_BITS
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define VA_BITS bits_avx2
#include "philox.h"
#undef VA_BITS
#pragma clang attribute pop
#endif

void va_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  uint64_t seed = (uint64_t)key[1] << 32 | key[0];
  uint64_t stream = (uint64_t)counter[3] << 32 | counter[2];
  uint64_t block = (uint64_t)counter[1] << 32 | counter[0];
  uint64_t pair[2];
  bits_base(seed, stream, block, 1, pair);
  for (int i = 0; i < 4; i++) out[i] = (uint32_t)(pair[i / 2] >> (i % 2 * 32));
}

typedef struct {
  va_distribution distribution;
  const va_random *random;
  char *out;
  va_dtype dtype;
  int64_t count;
  philox_bits bits;
  va_kernel log, sin, cos;
} work;

// From 0 to 1, without it, in steps of 2^-52.
static void to_units(const uint64_t *bits, double *units, int64_t n) {
  for (int64_t i = 0; i < n; i++) {
    uint64_t one = bits[i] >> 12 | UINT64_C(0x3FF0000000000000);
    double unit;
    memcpy(&unit, &one, sizeof unit);
    units[i] = unit - 1;
  }
}

// The radius and the angle of two normal numbers are those of a block (Box and Muller).
static void to_normal(const work *work, double *units, int64_t blocks) {
  double radius[BLOCKS], angle[BLOCKS], sine[BLOCKS], cosine[BLOCKS];
  for (int64_t i = 0; i < blocks; i++) {
    radius[i] = 1 - units[2 * i];
    angle[i] = units[2 * i + 1] * (2 * M_PI);
  }
  work->log((char *const[]){(char *)radius, (char *)radius}, blocks);
  work->sin((char *const[]){(char *)angle, (char *)sine}, blocks);
  work->cos((char *const[]){(char *)angle, (char *)cosine}, blocks);
  for (int64_t i = 0; i < blocks; i++) {
    double r = sqrt(-2 * radius[i]);
    units[2 * i] = r * cosine[i];
    units[2 * i + 1] = r * sine[i];
  }
}

static void fill_floats(const work *work, char *out, const uint64_t *bits, int64_t n) {
  double units[2 * BLOCKS];
  const va_random *random = work->random;
  int64_t even = (n + 1) / 2 * 2;
  double offset = random->first, scale = random->second - random->first;
  to_units(bits, units, even);
  if (work->distribution == VA_NORMAL) {
    to_normal(work, units, even / 2);
    scale = random->second;
  } else if (work->distribution == VA_EXPONENTIAL) {
    for (int64_t i = 0; i < n; i++) units[i] = 1 - units[i];
    work->log((char *const[]){(char *)units, (char *)units}, n);
    offset = 0;
    scale = -random->first;
  }
  // Rounding may give the end, which does not belong to the range: the greatest number shows it.
  double last = offset + scale * (1 - 0x1p-52);
  bool reaches = work->distribution == VA_UNIFORM && random->second > random->first &&
                 (work->dtype == VA_FLOAT32 ? (float)last >= (float)random->second
                                            : last >= random->second);
  if (work->dtype == VA_FLOAT64) {
    double *o = (double *)out;
    for (int64_t i = 0; i < n; i++) o[i] = offset + scale * units[i];
    double before = nextafter(random->second, random->first);
    for (int64_t i = 0; i < n && reaches; i++) o[i] = o[i] >= random->second ? before : o[i];
    return;
  }
  float *o = (float *)out;
  for (int64_t i = 0; i < n; i++) o[i] = (float)(offset + scale * units[i]);
  float end = (float)random->second, below = nextafterf(end, (float)random->first);
  for (int64_t i = 0; i < n && reaches; i++) o[i] = o[i] >= end ? below : o[i];
}

static void fill_integers(const work *work, char *out, const uint64_t *bits, int64_t n) {
  uint64_t least = (uint64_t)work->random->least;
  uint64_t range = (uint64_t)work->random->greatest - least + 1;  // 0: all
#define FILL(TYPE)                                                                             \
  {                                                                                            \
    TYPE *o = (TYPE *)out;                                                                     \
    for (int64_t i = 0; i < n; i++) {                                                          \
      uint64_t scaled = (uint64_t)(((unsigned __int128)bits[i] * range) >> 64);                \
      o[i] = (TYPE)(least + (range ? scaled : bits[i]));                                       \
    }                                                                                          \
    break;                                                                                     \
  }
  switch (va_size(work->dtype)) {
    case 1: FILL(uint8_t)
    case 2: FILL(uint16_t)
    case 4: FILL(uint32_t)
    default: FILL(uint64_t)
  }
#undef FILL
}

static void fill_chunk(void *context, int64_t chunk) {
  const work *work = context;
  const va_random *random = work->random;
  uint64_t bits[2 * BLOCKS];
  int64_t end = (chunk + 1) * CHUNK < work->count ? (chunk + 1) * CHUNK : work->count;
  for (int64_t i = chunk * CHUNK; i < end; i += 2 * BLOCKS) {
    int64_t n = end - i < 2 * BLOCKS ? end - i : 2 * BLOCKS;
    work->bits(random->seed, random->stream, (uint64_t)(random->start + i) / 2, (n + 1) / 2, bits);
    char *out = work->out + i * (int64_t)va_size(work->dtype);
    if (work->distribution == VA_INTEGER) fill_integers(work, out, bits, n);
    else fill_floats(work, out, bits, n);
  }
}

va_status va_random_fill(
    va_distribution distribution, const va_random *random, const va_view *out,
    va_detail *detail) {
  bool integers = distribution == VA_INTEGER;
  if (integers ? !va_is_integer(out->dtype) : !va_is_real(out->dtype)) return VA_NOT_DEFINED;
  int64_t count = va_count(out);
  if (count == 0) return VA_OK;
  work work = {.distribution = distribution, .random = random, .out = out->data,
               .dtype = out->dtype, .count = count, .bits = bits_base};
#if defined(__x86_64__)
  if (va_isa_used() >= VA_ISA_AVX2) work.bits = bits_avx2;
#endif
  if (distribution == VA_NORMAL || distribution == VA_EXPONENTIAL)
    work.log = va_kernel_for(VA_LOG, VA_FLOAT64);
  if (distribution == VA_NORMAL) {
    work.sin = va_kernel_for(VA_SIN, VA_FLOAT64);
    work.cos = va_kernel_for(VA_COS, VA_FLOAT64);
  }
  char *copy = NULL;
  if (!va_is_contiguous(out)) {
    work.out = copy = malloc(va_size(out->dtype) * (size_t)count);
    if (!copy) return VA_NO_MEMORY;
  }
  double cost = distribution == VA_NORMAL ? 8 : 2;
  va_status status = va_team_run((count + CHUNK - 1) / CHUNK, (double)count * cost, fill_chunk,
                                 &work, detail);
  if (copy && status == VA_OK) {
    va_view from = *out;
    va_set_strides(&from);
    from.data = copy;
    va_assign(&from, out);
  }
  free(copy);
  return status;
}
