// SPDX-License-Identifier: BSD-3-Clause
#ifndef VT_STDLIB_H
#define VT_STDLIB_H

#include <stddef.h>

/// A module of the standard library that is written in Lua.
typedef struct {
  const char *name;  ///< the argument of `require`: "csv", "csv.read"
  const char *code;
  size_t length;
} vt_stdlib_file;

/// All files; the last entry has no name.
const vt_stdlib_file *vt_stdlib_files(void);

#endif
