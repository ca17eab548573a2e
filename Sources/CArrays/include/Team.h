// SPDX-License-Identifier: BSD-3-Clause

/// Settings of all kernels of the process.
#ifndef VTLUA_CARRAYS_TEAM_SETTINGS_H
#define VTLUA_CARRAYS_TEAM_SETTINGS_H

/// Sets the number of threads that a kernel uses when `va_detail.threads` is 0; 0: as many as
/// there are processors.
void va_set_threads(int threads);
int va_threads(void);

/// The instructions that kernels use: "base", "avx2" or "avx512". The environment variable
/// VTLUA_ISA selects lesser ones than the processor has.
const char *va_isa_name(void);

#endif
