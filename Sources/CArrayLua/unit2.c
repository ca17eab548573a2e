// SPDX-License-Identifier: BSD-3-Clause
//
// Files of this target as one unit, so that a build has one step for them. `sources` in Package.swift
// names the units. Names of static functions and macros are unique within a unit.

#define _GNU_SOURCE

#include "equality.c"
#include "fourier.c"
#include "fuse.c"
#include "index.c"
#include "joining.c"
#include "norms.c"
#include "products.c"
#include "random.c"
#include "shape.c"
#include "shaping.c"
#include "sorting.c"
