// SPDX-License-Identifier: BSD-3-Clause
//
// Shared libraries that are loaded when they are first needed.

#ifndef VTY_LIBRARY_H
#define VTY_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

/// A function of a library, and the pointer variable that receives its address.
typedef struct {
  const char *name;
  void *slot;
} vty_symbol;

/// A library by its file names, the preferred one first, ended by NULL.
typedef struct {
  const char *const *names;
  const char *package;        ///< the Debian package that contains it
  const vty_symbol *symbols;
  int count;
} vty_library;

/// Loads the library and sets all its slots. False, with the reason in `failure`, when it is not
/// installed or lacks a function.
bool vty_library_load(const vty_library *library, char *failure, size_t length);

#endif
