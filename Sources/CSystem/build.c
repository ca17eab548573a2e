// SPDX-License-Identifier: BSD-3-Clause

#include "Build.h"

#include <stddef.h>

// Defined by an object that scripts/setup.sh links into the release program; absent in other builds.
extern const char vtlua_commit[] __attribute__((weak));

const char *vty_build_commit(void) { return vtlua_commit; }
