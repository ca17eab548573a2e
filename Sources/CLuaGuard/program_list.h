// SPDX-License-Identifier: BSD-3-Clause
//
// The programs that Lua code has started and that still run: one list for all states.

#ifndef VTL_PROGRAM_LIST_H
#define VTL_PROGRAM_LIST_H

#include <Programs.h>
#include <pthread.h>

#include "guard.h"

enum {
  VTL_SLICE = 100000000,        ///< nanoseconds between two looks for a stop
  VTL_LAST_MOMENT = 500000000,  ///< nanoseconds from the end of a program's output to its own end
};

/// A running program, and the value of io.popen.
struct program {
  luaL_Stream stream;  ///< first: Lua's functions for files use it
  vty_program process;
  char *command;
  char source[256];
  int line;
  vtl_guard *guard;
  pthread_t thread;
  uint64_t scope;  ///< the scope of the thread that was opened last before the start
  bool is_ended_by_stop;
  bool is_reported;  ///< the signal that ended it was reported, or is none of the observer's
  struct program *previous, *next;
};

/// Prepares a program of the running function, before its start.
void vtl_program_prepare(lua_State *L, struct program *program);
/// Adds a program that was started to the list.
void vtl_program_add(struct program *program);
/// Removes a program from the list. What it has left in the background is kept for the end of its
/// scope.
void vtl_program_remove(struct program *program);
/// Reports that a program was started, or that a signal has ended it.
void vtl_program_report(struct program *program, int signal);
/// Reports the end of a program if a signal was the cause.
void vtl_program_report_end(struct program *program);
/// Ends programs with everything that they have started.
void vtl_programs_end(struct program **ending, int count);
/// After the end of a program: a Ctrl-C that went to the program, which had the terminal, is meant for
/// this process, too.
void vtl_program_pass_interrupt(lua_State *L, struct program *program);

#endif
