// SPDX-License-Identifier: BSD-3-Clause
//
// The files of this target as one unit, so that a build has one step for them. `sources` in Package.swift
// names the units. Names of static functions and macros are unique within a unit.

#define _GNU_SOURCE

#include "callbacks.c"
#include "files.c"
#include "load.c"
#include "request.c"
