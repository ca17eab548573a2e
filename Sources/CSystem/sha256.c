// SPDX-License-Identifier: BSD-3-Clause
//
// SHA-256 (FIPS 180-4).

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "FileTree.h"

static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
    0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
    0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
    0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
    0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
    0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
    0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2};

struct hash {
  uint32_t state[8];
  uint64_t length;
  unsigned char rest[64];
};

static uint32_t rotated(uint32_t x, int bits) { return x >> bits | x << (32 - bits); }

static void add_block(struct hash *hash, const unsigned char *block) {
  uint32_t w[64], s[8];
  for (int i = 0; i < 16; i++) {
    uint32_t word;
    memcpy(&word, block + 4 * i, 4);
    w[i] = __builtin_bswap32(word);
  }
  for (int i = 16; i < 64; i++) {
    uint32_t a = w[i - 15], b = w[i - 2];
    w[i] = w[i - 16] + (rotated(a, 7) ^ rotated(a, 18) ^ a >> 3) + w[i - 7] +
           (rotated(b, 17) ^ rotated(b, 19) ^ b >> 10);
  }
  memcpy(s, hash->state, sizeof s);
  for (int i = 0; i < 64; i++) {
    uint32_t e = s[4], a = s[0];
    uint32_t t = s[7] + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) +
                 ((e & s[5]) ^ (~e & s[6])) + constants[i] + w[i];
    uint32_t u = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) +
                 ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));
    memmove(s + 1, s, 7 * sizeof *s);
    s[4] += t;
    s[0] = t + u;
  }
  for (int i = 0; i < 8; i++) hash->state[i] += s[i];
}

static void begin(struct hash *hash) {
  static const uint32_t first[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  memcpy(hash->state, first, sizeof first);
  hash->length = 0;
}

static void add(struct hash *hash, const unsigned char *bytes, size_t length) {
  size_t held = hash->length % 64;
  hash->length += length;
  if (held) {
    size_t more = length < 64 - held ? length : 64 - held;
    memcpy(hash->rest + held, bytes, more);
    bytes += more;
    length -= more;
    if (held + more < 64) return;
    add_block(hash, hash->rest);
  }
  for (; length >= 64; bytes += 64, length -= 64) add_block(hash, bytes);
  memcpy(hash->rest, bytes, length);
}

static void end(struct hash *hash, char digits[65]) {
  unsigned char padding[72] = {0x80};
  uint64_t bits = hash->length * 8;
  size_t zeros = (119 - hash->length % 64) % 64;
  for (int i = 0; i < 8; i++) padding[1 + zeros + (size_t)i] = (unsigned char)(bits >> (56 - 8 * i));
  add(hash, padding, 9 + zeros);
  for (int i = 0; i < 64; i++)
    digits[i] = "0123456789abcdef"[hash->state[i / 8] >> (28 - 4 * (i % 8)) & 15];
  digits[64] = '\0';
}

void vty_sha256(const void *bytes, size_t length, char digits[65]) {
  struct hash hash;
  begin(&hash);
  add(&hash, bytes, length);
  end(&hash, digits);
}

int vty_sha256_file(const char *path, char digits[65], vty_stop stop, void *context) {
  enum { BLOCK = 1 << 18 };
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return errno;
  unsigned char *block = malloc(BLOCK);
  struct hash hash;
  begin(&hash);
  int error = block ? 0 : ENOMEM;
  while (!error) {
    ssize_t count = read(file, block, BLOCK);
    if (count < 0 && errno != EINTR) error = errno;
    if (count == 0) break;
    if (count > 0) add(&hash, block, (size_t)count);
    if (stop && stop(context)) error = ECANCELED;
  }
  free(block);
  close(file);
  end(&hash, digits);
  return error;
}
