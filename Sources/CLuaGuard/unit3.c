// SPDX-License-Identifier: BSD-3-Clause
//
// Files of this target as one unit, so that a build has one step for them. `sources` in Package.swift
// names the units. Names of static functions and macros are unique within a unit.

#define _GNU_SOURCE

#include "bounded.c"
#include "finalizers.c"
#include "pattern.c"
#include "pattern_functions.c"
#include "restricted.c"
