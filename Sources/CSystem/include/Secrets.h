// SPDX-License-Identifier: BSD-3-Clause
//
// Texts of this process that nothing may print or keep, such as passwords. They are found in other texts
// also in the encodings that programs use for them.

#ifndef VTY_SECRETS_H
#define VTY_SECRETS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

extern _Atomic(bool) vty_secrets_exist;

/// True if there is a secret. Costs one load.
static inline bool vty_has_secrets(void) {
  return atomic_load_explicit(&vty_secrets_exist, memory_order_acquire);
}

/// The smallest length of a secret. A shorter one would be found in many texts by chance.
enum { VTY_SHORTEST_SECRET = 4 };

/// Adds a secret by the name of its parameter. Texts that are too short are left out.
void vty_secret_add(const char *name, const void *bytes, size_t length);
/// The name of a secret that the bytes hold; NULL for none. It stays valid.
const char *vty_secret_in(const void *bytes, size_t length);
/// Returns a copy of a text with `***` in the place of each secret, to be freed; NULL if it holds none.
char *vty_secrets_mask(const char *text, size_t length, size_t *masked);
/// Overwrites each secret by as many `*`.
void vty_secrets_blank(void *bytes, size_t length);
/// Calls `body` with each secret as it was added.
void vty_secrets_each(
    void (*body)(void *context, const char *name, const void *bytes, size_t length), void *context);

#endif
