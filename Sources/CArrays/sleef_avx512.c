// SPDX-License-Identifier: BSD-3-Clause

#include "loops.h"
#include "sleef.h"

#if defined(__x86_64__)
#pragma clang attribute push(                                                                  \
    __attribute__((target("avx512f,avx512dq,avx2,fma"))), apply_to = function)
#define VA_BYTES 64
#define VA_TABLE va_kernels_sleef_avx512
#include "sleef_loops.h"
#pragma clang attribute pop
#endif
