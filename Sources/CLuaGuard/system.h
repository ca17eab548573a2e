// SPDX-License-Identifier: BSD-3-Clause
//
// Functions of the operating system for the libraries `process` and `files`.

#ifndef VTL_SYSTEM_H
#define VTL_SYSTEM_H

#include "guard.h"

/// Adds the functions for programs to the table on top.
void vtl_jobs_open(lua_State *L);
/// Adds the functions for files to the table on top.
void vtl_files_open(lua_State *L);

#endif
