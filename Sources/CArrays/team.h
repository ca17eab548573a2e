// SPDX-License-Identifier: BSD-3-Clause

/// The threads that help a kernel, and the choice between its variants for processors.
#ifndef VTLUA_CARRAYS_TEAM_H
#define VTLUA_CARRAYS_TEAM_H

#include "include/CArrays.h"

/// Calls `body` for each chunk from 0 to `chunks` - 1, in no order, on this thread and on those of
/// the team that are free. `nanoseconds` is an estimate of the whole work: below about a
/// millisecond, and while another thread uses the team, this thread computes all chunks. Returns
/// VA_STOPPED when `detail->stop` was set between two chunks.
va_status va_team_run(
    int64_t chunks, double nanoseconds, void (*body)(void *context, int64_t chunk), void *context,
    const va_detail *detail);

/// True if a kernel that was given `detail` must stop.
static inline bool va_is_stopped(const va_detail *detail) {
  return detail && detail->stop && *detail->stop;
}

typedef enum { VA_ISA_BASE, VA_ISA_AVX2, VA_ISA_AVX512 } va_isa;

/// The instructions that kernels use: the best of the processor, or those that VTLUA_ISA names.
va_isa va_isa_used(void);

#endif
