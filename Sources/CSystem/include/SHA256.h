// SPDX-License-Identifier: BSD-3-Clause
//
// The hash SHA-256 (FIPS 180-4).

#ifndef VTY_SHA256_H
#define VTY_SHA256_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint32_t state[8];
  uint64_t length;
  uint8_t block[64];
} vty_sha256;

void vty_sha256_start(vty_sha256 *hash);
void vty_sha256_add(vty_sha256 *hash, const void *bytes, size_t count);
/// Writes the 32 bytes of the digest.
void vty_sha256_end(vty_sha256 *hash, uint8_t digest[32]);

#endif
