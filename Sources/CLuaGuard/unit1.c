// SPDX-License-Identifier: BSD-3-Clause
//
// Files of this target as one unit, so that a build has one step for them. `sources` in Package.swift
// names the units. Names of static functions and macros are unique within a unit.

#define _GNU_SOURCE

#include "access.c"
#include "await.c"
#include "call.c"
#include "cancel.c"
#include "environment.c"
#include "function.c"
#include "hook.c"
#include "job.c"
#include "lua_internals.c"
#include "masking.c"
#include "modules.c"
#include "names.c"
#include "operation.c"
