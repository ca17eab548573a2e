// SPDX-License-Identifier: BSD-3-Clause

#include "loops.h"
#include "reduce.h"

#define VA_BLOCK_TABLE va_blocks_base
#define VA_COLUMN_TABLE va_columns_base
#include "reduce_blocks.h"
