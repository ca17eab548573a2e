// SPDX-License-Identifier: BSD-3-Clause

/// Random numbers by Philox4x32-10: each element is a function of the seed, the stream and its
/// place alone, so that the numbers are the same on any number of threads.
#ifndef VTLUA_CARRAYS_RANDOM_H
#define VTLUA_CARRAYS_RANDOM_H

#include "CArrays.h"

typedef enum {
  VA_UNIFORM,      ///< float types: from `first` to `second`, without it
  VA_NORMAL,       ///< float types: mean `first`, standard deviation `second`
  VA_EXPONENTIAL,  ///< float types: mean `first`
  VA_INTEGER,      ///< integer types: from `least` to `greatest`, both included
} va_distribution;

typedef struct {
  uint64_t seed, stream;
  int64_t start;  ///< the place of the first element in the stream; even
  double first, second;
  int64_t least, greatest;  ///< for uint64: the same bits
} va_random;

/// Sets every element, in row-major order. VA_NOT_DEFINED for types that the distribution does not
/// give.
va_status va_random_fill(
    va_distribution distribution, const va_random *random, const va_view *out, va_detail *detail);

/// One block of random bits.
void va_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

#endif
