// SPDX-License-Identifier: BSD-3-Clause

#include "fourier.h"
#include "loops.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#define VA_FFT_BYTES 32
#define VA_FFT_RUN va_fft_run_avx2
#define VA_FFT_COLUMNS va_fft_columns_avx2
#define VA_FFT_ROWS va_fft_rows_avx2
#define VA_FFT_GROUP va_fft_group_avx2
#include "fourier_blocks.h"
#pragma clang attribute pop
#endif
