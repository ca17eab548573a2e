// SPDX-License-Identifier: BSD-3-Clause

/// Philox4x32-10 for one kind of processor; VA_BITS is the function's name.
#ifndef VA_PHILOX_LANES
#define VA_PHILOX_LANES 8

#include <stdint.h>
#include <string.h>

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
    // A word in each 64 bits; what is above it does not matter.
    philox_products x0 = (philox_products){0, 1, 2, 3, 4, 5, 6, 7} + (block + (uint64_t)i);
    philox_products x1 = x0 >> 32, x2 = (philox_products){0} + stream;
    philox_products x3 = x2 >> 32;
    uint64_t k0 = (uint32_t)seed, k1 = seed >> 32;
    for (int round = 0; round < 10; round++) {
      philox_products p0 = (x0 & UINT32_MAX) * UINT64_C(0xD2511F53);
      philox_products p1 = (x2 & UINT32_MAX) * UINT64_C(0xCD9E8D57);
      x0 = (p1 >> 32) ^ x1 ^ k0;
      x1 = p1;
      x2 = (p0 >> 32) ^ x3 ^ k1;
      x3 = p0;
      k0 += UINT32_C(0x9E3779B9);
      k1 += UINT32_C(0xBB67AE85);
    }
    philox_products first = x1 << 32 | (x0 & UINT32_MAX);
    philox_products second = x3 << 32 | (x2 & UINT32_MAX);
    philox_pairs pairs = __builtin_shufflevector(
        first, second, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15);
    int64_t most = blocks - i < LANES ? blocks - i : LANES;
    memcpy(out + 2 * i, &pairs, sizeof(uint64_t) * 2 * (size_t)most);
  }
}
#endif
