// SPDX-License-Identifier: BSD-3-Clause
//
// The origin of this build.

#ifndef VTY_BUILD_H
#define VTY_BUILD_H

/// The commit that the program was built from, abbreviated; NULL if it is unknown.
const char *vty_build_commit(void);

#endif
