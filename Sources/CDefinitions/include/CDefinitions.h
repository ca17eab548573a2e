// SPDX-License-Identifier: BSD-3-Clause
#ifndef VT_DEFINITIONS_H
#define VT_DEFINITIONS_H

#include "CStdlib.h"

/// The files that editors and luacheck read, by name; the last entry has no name.
const vt_stdlib_file *vt_definition_files(void);

#endif
