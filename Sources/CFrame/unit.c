// SPDX-License-Identifier: BSD-3-Clause
//
// The files of this target as one unit, so that a build has one step for them. `sources` in Package.swift
// names the units. Names of static functions and macros are unique within a unit.

#define _GNU_SOURCE

#include "aggregate.c"
#include "codes.c"
#include "column.c"
#include "compare.c"
#include "csv.c"
#include "csv_options.c"
#include "format.c"
#include "join.c"
#include "number.c"
#include "open.c"
#include "rank.c"
#include "table.c"
