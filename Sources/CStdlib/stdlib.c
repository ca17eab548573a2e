// SPDX-License-Identifier: BSD-3-Clause
#include "CStdlib.h"
const vt_stdlib_file vt_stdlib[] = {{0}};
