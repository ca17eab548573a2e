// SPDX-License-Identifier: BSD-3-Clause

/// Philox4x32-10 for one kind of processor, which VA_PHILOX names.
#ifndef VA_PHILOX_LANES
#define VA_PHILOX_LANES 8

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

typedef uint64_t philox_products __attribute__((vector_size(VA_PHILOX_LANES * 8)));
typedef uint64_t philox_pairs __attribute__((vector_size(VA_PHILOX_LANES * 16)));
typedef uint32_t philox_words __attribute__((vector_size(VA_PHILOX_LANES * 8)));
typedef double philox_units __attribute__((vector_size(VA_PHILOX_LANES * 16)));

enum { PHILOX_ROUNDS = 10 };

/// A stream of numbers from a block on.
typedef struct {
  uint64_t seed, stream, block;
} philox_place;

/// The functions of one kind of processor.
typedef struct {
  /// Sets the 2 * `blocks` numbers.
  void (*bits)(const philox_place *place, int64_t blocks, uint64_t *out);
  /// Sets offset + scale * u for these numbers as u from 0 to 1, without it, in steps of 2^-52.
  void (*uniform)(
      const philox_place *place, int64_t blocks, double offset, double scale, double *out);
} philox_functions;

#define PHILOX_NAME(NAME, KIND) NAME##_##KIND
#define PHILOX_OF(NAME, KIND) PHILOX_NAME(NAME, KIND)
#define PHILOX_INLINE static inline __attribute__((always_inline))
#endif

#ifdef VA_PHILOX
#define PHILOX(NAME) PHILOX_OF(NAME, VA_PHILOX)

// No product is fused with a sum: the bits are the same on every processor.
#pragma STDC FP_CONTRACT OFF

// The keys of each round.
PHILOX_INLINE void PHILOX(philox_keys)(const philox_place *place, philox_products *keys) {
  for (int round = 0; round < PHILOX_ROUNDS; round++) {
    uint32_t n = (uint32_t)round;
    keys[2 * round] = (philox_products){0} + ((uint32_t)place->seed + n * UINT32_C(0x9E3779B9));
    keys[2 * round + 1] =
        (philox_products){0} + ((uint32_t)(place->seed >> 32) + n * UINT32_C(0xBB67AE85));
  }
}

// The pairs of numbers of VA_PHILOX_LANES blocks.
PHILOX_INLINE void PHILOX(philox_rounds)(
    uint64_t block, uint64_t stream, const philox_products *keys, philox_pairs *pairs) {
  // A word in each 64 bits; what is above it does not matter.
  philox_products x0 = (philox_products){0, 1, 2, 3, 4, 5, 6, 7} + block;
  philox_products x1 = x0 >> 32, x2 = (philox_products){0} + stream;
  philox_products x3 = x2 >> 32;
#pragma clang loop unroll(full)
  for (int round = 0; round < PHILOX_ROUNDS; round++) {
    philox_products p0 = (x0 & UINT32_MAX) * UINT64_C(0xD2511F53);
    philox_products p1 = (x2 & UINT32_MAX) * UINT64_C(0xCD9E8D57);
    x0 = (p1 >> 32) ^ x1 ^ keys[2 * round];
    x1 = p1;
    x2 = (p0 >> 32) ^ x3 ^ keys[2 * round + 1];
    x3 = p0;
  }
  philox_words first = __builtin_shufflevector(
      (philox_words)x0, (philox_words)x1, 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30);
  philox_words second = __builtin_shufflevector(
      (philox_words)x2, (philox_words)x3, 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30);
  *pairs = __builtin_shufflevector(
      (philox_products)first, (philox_products)second, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6,
      14, 7, 15);
}

/// Writes two values of eight bytes for each block: bits, or numbers from `offset` to `offset + scale`.
/// Inlined, so that each kind has a loop of its own.
PHILOX_INLINE void PHILOX(philox_fill)(
    const philox_place *place, int64_t blocks, bool is_uniform, double offset, double scale,
    uint64_t *out) {
  enum { LANES = VA_PHILOX_LANES };
  uint64_t first = place->block, stream = place->stream;
  philox_products keys[2 * PHILOX_ROUNDS];
  PHILOX(philox_keys)(place, keys);
  for (int64_t i = 0; i < blocks; i += LANES) {
    philox_pairs pairs;
    PHILOX(philox_rounds)(first + (uint64_t)i, stream, keys, &pairs);
    if (is_uniform) {
      philox_units units = (philox_units)(pairs >> 12 | UINT64_C(0x3FF0000000000000)) - 1;
      pairs = (philox_pairs)(units * scale + offset);
    }
    if (blocks - i >= LANES) memcpy(out + 2 * i, &pairs, sizeof pairs);
    else memcpy(out + 2 * i, &pairs, sizeof *out * 2 * (size_t)(blocks - i));
  }
}

static void PHILOX(philox_bits)(const philox_place *place, int64_t blocks, uint64_t *out) {
  PHILOX(philox_fill)(place, blocks, false, 0, 0, out);
}

static void PHILOX(philox_uniform)(
    const philox_place *place, int64_t blocks, double offset, double scale, double *out) {
  PHILOX(philox_fill)(place, blocks, true, offset, scale, (uint64_t *)(void *)out);
}

static const philox_functions PHILOX(philox) = {PHILOX(philox_bits), PHILOX(philox_uniform)};
#undef PHILOX
#endif
