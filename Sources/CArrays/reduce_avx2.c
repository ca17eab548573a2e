// SPDX-License-Identifier: BSD-3-Clause

#include "loops.h"
#include "reduce.h"

#if defined(__x86_64__)
#pragma clang attribute push(                                                                  \
    __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"))), apply_to = function)
#define VA_FMA
#define VA_BLOCK_TABLE va_blocks_avx2
#define VA_COLUMN_TABLE va_columns_avx2
#include "reduce_blocks.h"
#pragma clang attribute pop
#endif
