// SPDX-License-Identifier: BSD-3-Clause

#include "fourier.h"
#include "loops.h"

#define VA_FFT_RUN va_fft_run_base
#include "fourier_stages.h"
