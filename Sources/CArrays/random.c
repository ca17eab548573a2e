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

#define VA_PHILOX base
#include "philox.h"
#undef VA_PHILOX
#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define VA_PHILOX avx2
#include "philox.h"
#undef VA_PHILOX
#pragma clang attribute pop
#pragma clang attribute push(                                                                  \
    __attribute__((target("avx512f,avx512dq,avx2"))), apply_to = function)
#define VA_PHILOX avx512
#include "philox.h"
#undef VA_PHILOX
#pragma clang attribute pop
#endif

// The bits are the same on every processor.
static const philox_functions *functions(void) {
#if defined(__x86_64__)
  if (va_isa_used() == VA_ISA_AVX512) return &philox_avx512;
  if (va_isa_used() == VA_ISA_AVX2) return &philox_avx2;
#endif
  return &philox_base;
}

void va_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]) {
  uint64_t seed = (uint64_t)key[1] << 32 | key[0];
  uint64_t stream = (uint64_t)counter[3] << 32 | counter[2];
  uint64_t block = (uint64_t)counter[1] << 32 | counter[0];
  uint64_t pair[2];
  philox_base.bits(&(philox_place){seed, stream, block}, 1, pair);
  for (int i = 0; i < 4; i++) out[i] = (uint32_t)(pair[i / 2] >> (i % 2 * 32));
}

typedef struct {
  va_distribution distribution;
  const va_random *random;
  char *out;
  va_dtype dtype;
  int64_t count;
  const philox_functions *philox;
  va_kernel log, sin, cos;
} work;

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

// Rounding may give the end, which does not belong to the range: the greatest number shows it.
static bool reaches_end(const work *work, double offset, double scale) {
  const va_random *random = work->random;
  if (work->distribution != VA_UNIFORM || random->second <= random->first) return false;
  double last = offset + scale * (1 - 0x1p-52);
  return work->dtype == VA_FLOAT32 ? (float)last >= (float)random->second
                                   : last >= random->second;
}

static void fill_floats(const work *work, char *out, const philox_place *place, int64_t n) {
  const va_random *random = work->random;
  double offset = random->first, scale = random->second - random->first;
  double units[2 * BLOCKS];
  int64_t blocks = (n + 1) / 2;
  // Uniform numbers in an even count are written to the output directly, without a copy.
  bool direct = work->distribution == VA_UNIFORM && work->dtype == VA_FLOAT64 && n % 2 == 0;
  double *to = direct ? (double *)out : units;
  bool uniform = work->distribution == VA_UNIFORM;
  work->philox->uniform(place, blocks, uniform ? offset : 0, uniform ? scale : 1, to);
  if (work->distribution == VA_NORMAL) {
    to_normal(work, units, blocks);
    for (int64_t i = 0; i < n; i++) units[i] = offset + random->second * units[i];
  } else if (work->distribution == VA_EXPONENTIAL) {
    for (int64_t i = 0; i < n; i++) units[i] = 1 - units[i];
    work->log((char *const[]){(char *)units, (char *)units}, n);
    for (int64_t i = 0; i < n; i++) units[i] = -random->first * units[i] + 0;
  }
  bool reaches = reaches_end(work, offset, scale);
  if (work->dtype == VA_FLOAT64) {
    if (!direct) memcpy(out, units, sizeof *units * (size_t)n);
    double *o = (double *)out, before = nextafter(random->second, random->first);
    for (int64_t i = 0; i < n && reaches; i++) o[i] = o[i] >= random->second ? before : o[i];
    return;
  }
  float *o = (float *)out;
  for (int64_t i = 0; i < n; i++) o[i] = (float)units[i];
  float end = (float)random->second, below = nextafterf(end, (float)random->first);
  for (int64_t i = 0; i < n && reaches; i++) o[i] = o[i] >= end ? below : o[i];
}

static void fill_integers(const work *work, char *out, const philox_place *place, int64_t n) {
  uint64_t bits[2 * BLOCKS];
  work->philox->bits(place, (n + 1) / 2, bits);
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
  int64_t end = (chunk + 1) * CHUNK < work->count ? (chunk + 1) * CHUNK : work->count;
  for (int64_t i = chunk * CHUNK; i < end; i += 2 * BLOCKS) {
    int64_t n = end - i < 2 * BLOCKS ? end - i : 2 * BLOCKS;
    philox_place place = {
        random->seed, random->stream, (uint64_t)(random->start + i) / 2};
    char *out = work->out + i * (int64_t)va_size(work->dtype);
    if (work->distribution == VA_INTEGER) fill_integers(work, out, &place, n);
    else fill_floats(work, out, &place, n);
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
               .dtype = out->dtype, .count = count, .philox = functions()};
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
