// SPDX-License-Identifier: BSD-3-Clause

#include "fourier.h"
#include "loops.h"

#define VA_FFT_BYTES 16
#define VA_FFT_RUN va_fft_run_base
#define VA_FFT_COLUMNS va_fft_columns_base
#define VA_FFT_ROWS va_fft_rows_base
#define VA_FFT_GROUP va_fft_group_base
#include "fourier_blocks.h"
