// SPDX-License-Identifier: BSD-3-Clause
//
// Starting and reaping child processes, signals, standard output.

#ifndef VTY_PROCESSES_H
#define VTY_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// The descriptor that a child has its channel at.
enum { VTY_CHANNEL = 3 };

/// In `input`: this process's standard input.
enum { VTY_INHERIT = -2 };

/// A program to be started. The child inherits only the descriptors named here, and no blocked
/// signal.
typedef struct {
  const char *program;        ///< a path
  char *const *arguments;     ///< ended by NULL, the program's name first
  char *const *environment;   ///< ended by NULL
  const char *directory;      ///< the working directory; NULL: this process's
  int input;                  ///< standard input; VTY_INHERIT: this process's; -1: /dev/null
  int output, errors;         ///< standard output and error; below 0: this process's
  int channel;                ///< becomes VTY_CHANNEL; below 0: none
  bool session;               ///< in a session of its own; otherwise in a process group of its own
  bool keeps_interrupt;       ///< an ignored SIGINT stays ignored
  bool keeps_descriptors;     ///< inherits all descriptors that are not closed on exec
} vty_spawn_options;

/// Starts the program. Returns an error number, or 0 and the child's number.
int vty_spawn(const vty_spawn_options *options, pid_t *child);
/// In the child: ends with the parent's thread that started it, however that ends. False when the
/// parent is gone already.
bool vty_end_with_parent(pid_t parent);
/// The same for a child that is the head of a session: all processes of the session are killed. A
/// child that is stopped is continued if another of its threads calls the second function.
bool vty_end_session_with_parent(pid_t parent);
void vty_continue_at_end_of_parent(void);
/// Reaps a child. 1 when it has ended, with its exit code, or the negative of the signal's number;
/// 0 while it runs; -1 when it is no child of this process, or another call has reaped it.
int vty_reap(pid_t child, bool wait, int *end);
/// "SIGSEGV"; NULL for a number that names no signal.
const char *vty_signal_name(int signal);

/// A pipe that no child inherits and whose reading end does not block; with `nonblocking`, the
/// writing end does not block either. 0, or -1 and errno.
int vty_pipe(int ends[2], bool nonblocking);
/// Blocks these signals for the calling thread and those that it starts. Returns a descriptor to
/// read them from; -1 and errno.
int vty_signals(const int *numbers, int count);
/// The next signal's number; 0 when there is none.
int vty_next_signal(int descriptor);

/// Bytes of memory that a process occupies; 0 where that cannot be read.
int64_t vty_resident(pid_t process);
/// Limits this process's address space to its present size and `bytes` more. Returns an error
/// number, or 0.
int vty_limit_memory(size_t bytes);
/// Makes C's standard output flush at each end of a line.
void vty_line_output(void);
/// Flushes C's standard output and standard error. Other files are left alone: a thread that waits
/// for a line of one holds its lock.
void vty_flush_output(void);

#endif
