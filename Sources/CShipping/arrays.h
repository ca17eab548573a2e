// SPDX-License-Identifier: BSD-3-Clause

#ifndef VTS_ARRAY_CODEC_H
#define VTS_ARRAY_CODEC_H

#include "Arrays.h"

/// The functions of the array library; NULL if there is none in this process.
const vts_array_functions *vts_arrays(void);

#endif
