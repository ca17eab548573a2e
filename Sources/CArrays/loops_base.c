// SPDX-License-Identifier: BSD-3-Clause

#include "loops.h"

#define VA_TABLE va_kernels_base
#include "loops_table.h"
