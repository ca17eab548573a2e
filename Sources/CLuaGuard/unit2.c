// SPDX-License-Identifier: BSD-3-Clause
//
// Files of this target as one unit, so that a build has one step for them. `sources` in Package.swift
// names the units. Names of static functions and macros are unique within a unit.

#define _GNU_SOURCE

#include "coroutine.c"
#include "files.c"
#include "pool.c"
#include "program.c"
#include "program_list.c"
#include "standalone.c"
#include "state.c"
#include "state_hash.c"
#include "system.c"
