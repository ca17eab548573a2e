// SPDX-License-Identifier: BSD-3-Clause
//
// Programs that a shell runs for this process, each in a process group of its own.

#ifndef VTY_PROGRAMS_H
#define VTY_PROGRAMS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "Processes.h"

/// A program that was started. It must stay at its place until it has ended.
typedef struct vty_program {
  pid_t pid;           ///< also the number of its process group; 0: it was not started
  int descriptor;      ///< readable when the process has ended; -1: the system has none
  int slot;            ///< its place in the table of process groups; -1: none
  int watched;         ///< its place in the table of programs that end with their owner; -1: none
  bool is_task;        ///< it ends with the task or the worker that started it
  bool ends_with_owner;  ///< it ends with this process, even when that is killed
  int status;          ///< as waitpid gives it, once `ended`
  bool ended;
  bool stopped;        ///< it waits for the terminal
  bool has_terminal;   ///< its group is the foreground group of the terminal
  bool had_terminal;
  struct vty_program *previous, *next;
} vty_program;

/// Starts a program. `is_task` and `ends_with_owner` must be set before. Returns an error number, or 0.
int vty_program_spawn(vty_program *program, const vty_spawn_options *options);

/// Forgets that a program ends with its owner: after its group has ended.
void vty_orphan_remove(int *place);

/// Starts `/bin/sh -c command`. `is_task` must be set before. `input` and `output` are descriptors; below 0: this process's. All
/// descriptors that are not closed on exec are inherited, as by `system` of C. Returns an error
/// number, or 0.
int vty_program_start(vty_program *program, const char *command, int input, int output);

/// Waits for the end of the program until a signal arrives, or until `deadline` (nanoseconds of
/// vty_now). True when it has ended. Lends the terminal to a program that waits for it.
bool vty_program_wait(vty_program *program, int64_t deadline);

/// Ends the process groups of programs that have not `ended`: with SIGTERM, and with SIGKILL those
/// that remain after half a second.
void vty_programs_end(vty_program *const *programs, int count);

/// After a program of a task has ended, its `slot` is not -1 while other processes of its group may
/// run: those that a shell left in the background. True if they do.
bool vty_background_runs(int slot);
/// Ends such groups, as vty_programs_end does, and forgets them.
void vty_backgrounds_end(int *slots, int count);

/// Sends a signal to the process groups of all running programs. Async-signal-safe.
void vty_programs_signal(int signal);

/// Starts a process that kills what is left of those groups after half a second. Async-signal-safe.
void vty_programs_kill_later(void);

/// Ends running programs with this process: a SIGINT, SIGTERM, SIGHUP or SIGQUIT that would end the
/// process is sent to their groups first, and SIGKILL after half a second. Programs of tasks end with
/// `exit`, too. For a program's `main`; signals that are handled or
/// ignored already are left alone.
void vty_programs_end_with_process(void);
/// True after vty_programs_end_with_process. Sets the default action for a signal, with that
/// addition. Async-signal-safe.
void vty_signal_default(int signal);

/// Gives the signals that end the process that action, where they have the default one. It is done
/// when the first program is started, and for listeners of Ending.h.
void vty_signals_prepare(void);

/// Kills all processes of a session.
void vty_kill_session(pid_t session);

#endif
