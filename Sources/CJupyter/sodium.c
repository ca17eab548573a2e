// SPDX-License-Identifier: BSD-3-Clause

#include "load.h"

void vtj_hmac(const void *key, size_t key_length, const void *const *pieces,
              const size_t *lengths, int count, uint8_t out[VTJ_SHA256]) {
  crypto_auth_hmacsha256_state state;
  vtj.crypto_auth_hmacsha256_init(&state, key, key_length);
  for (int i = 0; i < count; i++)
    vtj.crypto_auth_hmacsha256_update(&state, pieces[i], lengths[i]);
  vtj.crypto_auth_hmacsha256_final(&state, out);
}

void vtj_digest(const void *const *pieces, const size_t *lengths, int count,
                uint8_t out[VTJ_DIGEST]) {
  crypto_generichash_state state;
  vtj.crypto_generichash_init(&state, NULL, 0, VTJ_DIGEST);
  for (int i = 0; i < count; i++) {
    uint8_t length[8];
    for (int byte = 0; byte < 8; byte++) length[byte] = (uint8_t)((uint64_t)lengths[i] >> 8 * byte);
    vtj.crypto_generichash_update(&state, length, sizeof length);
    vtj.crypto_generichash_update(&state, pieces[i], lengths[i]);
  }
  vtj.crypto_generichash_final(&state, out, VTJ_DIGEST);
}

bool vtj_equal(const void *a, const void *b, size_t length) {
  return vtj.sodium_memcmp(a, b, length) == 0;
}

void vtj_random(void *bytes, size_t length) { vtj.randombytes_buf(bytes, length); }
