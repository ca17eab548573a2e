// SPDX-License-Identifier: BSD-3-Clause
//
// The files of this target as one unit, so that a build has one step for them. `sources` in Package.swift
// names the units. Names of static functions and macros are unique within a unit.

#define _GNU_SOURCE

#include "build.c"
#include "ending.c"
#include "file_tree.c"
#include "glob.c"
#include "groups.c"
#include "library.c"
#include "memory.c"
#include "orphans.c"
#include "pipe_signal.c"
#include "process.c"
#include "program.c"
#include "sandbox.c"
#include "sandbox_calls.c"
#include "secrets.c"
#include "sha256.c"
#include "slots.c"
#include "socket.c"
#include "thread.c"
