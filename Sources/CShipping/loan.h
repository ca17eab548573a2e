// SPDX-License-Identifier: BSD-3-Clause

#ifndef VTS_LOAN_H
#define VTS_LOAN_H

#include <pthread.h>

#include "shipping.h"

struct vts_loan {
  pthread_rwlock_t lock;  ///< held for reading while the bytes are copied
  const char *bytes;      ///< NULL: there was no memory to keep them
  char *copy;             ///< `bytes`, when they are nobody else's
  size_t length;
};

#endif
