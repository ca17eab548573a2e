// SPDX-License-Identifier: BSD-3-Clause

/// Philox4x32-10 for one kind of processor; VA_BITS is the function's name.
#ifndef VA_PHILOX_LANES
#define VA_PHILOX_LANES 8

#include <stdint.h>
#include <string.h>

typedef uint32_t philox_words __attribute__((vector_size(VA_PHILOX_LANES * 4)));
typedef uint64_t philox_products __attribute__((vector_size(VA_PHILOX_LANES * 8)));
typedef uint64_t philox_pairs __attribute__((vector_size(VA_PHILOX_LANES * 16)));

/// Sets the 2 * `blocks` numbers of the blocks from `block` on.
typedef void (*philox_bits)(
    uint64_t seed, uint64_t stream, uint64_t block, int64_t blocks, uint64_t *out);
#endif

#ifdef VA_BITS
static void VA_BITS(
    uint64_t seed, uint64_t stream, uint64_t block, int64_t blocks, uint64_t *out) {
  enum { LANES = VA_PHILOX_LANES };
  for (int64_t i = 0; i < blocks; i += LANES) {
    philox_words x0, x1, x2 = (philox_words){0} + (uint32_t)stream;
    philox_words x3 = (philox_words){0} + (uint32_t)(stream >> 32);
    philox_products places = (philox_products){0, 1, 2, 3, 4, 5, 6, 7} + (block + (uint64_t)i);
    x0 = __builtin_convertvector(places, philox_words);
    x1 = __builtin_convertvector(places >> 32, philox_words);
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    for (int round = 0; round < 10; round++) {
      philox_products p0 = __builtin_convertvector(x0, philox_products) * UINT64_C(0xD2511F53);
      philox_products p1 = __builtin_convertvector(x2, philox_products) * UINT64_C(0xCD9E8D57);
      x0 = __builtin_convertvector(p1 >> 32, philox_words) ^ x1 ^ k0;
      x1 = __builtin_convertvector(p1, philox_words);
      x2 = __builtin_convertvector(p0 >> 32, philox_words) ^ x3 ^ k1;
      x3 = __builtin_convertvector(p0, philox_words);
      k0 += UINT32_C(0x9E3779B9);
      k1 += UINT32_C(0xBB67AE85);
    }
    philox_products first = __builtin_convertvector(x1, philox_products) << 32 |
                            __builtin_convertvector(x0, philox_products);
    philox_products second = __builtin_convertvector(x3, philox_products) << 32 |
                             __builtin_convertvector(x2, philox_products);
    philox_pairs pairs = __builtin_shufflevector(
        first, second, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
    int64_t most = blocks - i < LANES ? blocks - i : LANES;
    memcpy(out + 2 * i, &pairs, sizeof(uint64_t) * 2 * (size_t)most);
  }
}
#endif
