// SPDX-License-Identifier: BSD-3-Clause
//
// Files of this target as one unit, so that a build has one step for them. `sources` in Package.swift
// names the units. Names of static functions and macros are unique within a unit.

#define _GNU_SOURCE

#include "assign.c"
#include "blocks.c"
#include "compose.c"
#include "contractions.c"
#include "convert.c"
#include "creation.c"
#include "element.c"
#include "elementwise.c"
#include "files.c"
#include "html.c"
#include "inverses.c"
#include "iteration.c"
#include "linear.c"
#include "moving.c"
#include "names.c"
#include "open.c"
#include "operands.c"
#include "options.c"
#include "reductions.c"
#include "samples.c"
#include "sequences.c"
#include "shared.c"
#include "statistics.c"
#include "storage.c"
#include "taking.c"
#include "text.c"
