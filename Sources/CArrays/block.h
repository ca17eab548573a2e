// SPDX-License-Identifier: BSD-3-Clause

#ifndef VTLUA_ARRAYS_BLOCK_H
#define VTLUA_ARRAYS_BLOCK_H

#include <stdatomic.h>

#include "CArrays.h"

typedef enum { HEAP, MAPPED, LENT, SHARED, EMBEDDED } block_kind;

struct va_block {
  _Atomic(int64_t) owners;
  block_kind kind;
  size_t bytes;
  size_t mapped;  // the length of the mapping
  char *data;
  void (*release)(void *context);  // of lent and shared memory, or NULL
  void *context;
};

_Static_assert(sizeof(struct va_block) <= VA_BLOCK_RECORD, "an embedded block needs more room");

/// A block over memory that all of its owners write.
va_block *va_block_make_shared(
    void *data, size_t bytes, void (*release)(void *context), void *context);

#endif
