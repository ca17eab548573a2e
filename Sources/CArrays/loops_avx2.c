// SPDX-License-Identifier: BSD-3-Clause

#include "loops.h"

#if defined(__x86_64__)
#pragma clang attribute push(                                                                  \
    __attribute__((target("avx2,fma,bmi,bmi2,lzcnt,popcnt"))), apply_to = function)
#define VA_FMA
#define VA_TABLE va_kernels_avx2
#include "loops_table.h"
#pragma clang attribute pop
#endif
