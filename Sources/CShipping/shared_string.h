// SPDX-License-Identifier: BSD-3-Clause
//
// Strings that are encoded as references. Any number of readers may copy one at the same time; the
// owner waits for them before it releases the bytes.

#ifndef VTS_SHARED_STRING_H
#define VTS_SHARED_STRING_H

#include <pthread.h>

#include "CShipping.h"

struct vts_shared_string {
  pthread_rwlock_t lock;  ///< held for reading while the bytes are copied
  const char *bytes;      ///< NULL: there was no memory to keep them
  char *copy;             ///< `bytes`, when they are a copy of the owner's
  size_t length;
  bool is_foreign;  ///< the bytes come from another process
  void *block;  ///< of an array, which the bytes lie in; NULL: they are those of a string
};

#endif
