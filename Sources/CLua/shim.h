// SPDX-License-Identifier: BSD-3-Clause
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
