// SPDX-License-Identifier: BSD-3-Clause
//
// The files of this target as one unit, so that a build has one step for them. `sources` in Package.swift
// names the units. Names of static functions and macros are unique within a unit.

#define _GNU_SOURCE

#include "array_items.c"
#include "arrays.c"
#include "bytes.c"
#include "canonical.c"
#include "classes.c"
#include "decoder.c"
#include "encoder.c"
#include "function.c"
#include "memo.c"
#include "named.c"
#include "names.c"
#include "read.c"
#include "refusal.c"
#include "shared_string.c"
#include "sorted_names.c"
#include "steps.c"
#include "table.c"
#include "tagged.c"
#include "value.c"
#include "walk.c"
