// SPDX-License-Identifier: BSD-3-Clause
//
// The list of the programs that Lua code has started, and their end with a scope or a state.

#define _GNU_SOURCE
#include "program_list.h"

#include <Processes.h>
#include <Threads.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/// A process group that a program of a task has left in the background.
struct background {
  int slot;
  vtl_guard *guard;
  pthread_t thread;
  uint64_t scope;
  struct background *next;
};

/// Guards the lists. Each program belongs to the thread of its state.
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct program *programs;
static struct background *backgrounds;

/// The place of the Lua code that called the running C function.
static void find_place(lua_State *L, struct program *program) {
  program->line = -1;
  lua_Debug ar;
  for (int level = 1; level < 16 && lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "Sl", &ar);
    if (ar.currentline <= 0) continue;
    program->line = ar.currentline;
    size_t length = strnlen(ar.source, sizeof program->source - 1);
    memcpy(program->source, ar.source, length);
    return;
  }
}

void vtl_program_prepare(lua_State *L, struct program *program) {
  program->guard = vtl_guard_of(L);
  program->thread = pthread_self();
  program->scope = vtl_scope_number();
  find_place(L, program);
}

void vtl_program_add(struct program *program) {
  pthread_mutex_lock(&lock);
  program->next = programs;
  if (programs) programs->previous = program;
  programs = program;
  pthread_mutex_unlock(&lock);
}

void vtl_program_report(struct program *program, int signal) {
  vtl_guard *guard = program->guard;
  guard->program_started = true;
  if (signal && !guard->program_signal) {
    guard->program_signal = signal;
    guard->program_line = program->line;
    snprintf(guard->program_command, sizeof guard->program_command, "%s",
             program->command ? program->command : "");
    memcpy(guard->program_source, program->source, sizeof guard->program_source);
  }
  if (!guard->program_observer) return;
  vtl_program about = {program->command ? program->command : "", program->source, program->line,
                       signal};
  guard->program_observer(guard->program_context, &about);
}

/// Reports the end of the program if a signal was the cause.
void vtl_program_report_end(struct program *program) {
  int status = program->process.status;
  if (!program->process.ended || program->is_reported || !WIFSIGNALED(status)) return;
  program->is_reported = true;
  if (!program->is_ended_by_stop && WTERMSIG(status) != SIGPIPE)
    vtl_program_report(program, WTERMSIG(status));
}

bool vtl_must_stop(lua_State *L) {
  return vtl_stopped() != VTL_RUNNING || vtl_is_interrupted(L);
}

void vtl_programs_end(struct program **ending, int count) {
  vty_program *processes[64];
  for (int first = 0; first < count; first += 64) {
    int more = count - first < 64 ? count - first : 64;
    for (int i = 0; i < more; i++) {
      ending[first + i]->is_ended_by_stop = true;
      processes[i] = &ending[first + i]->process;
    }
    vty_programs_end(processes, more);
  }
}

/// Keeps what a program has left in the background, and forgets what has ended.
static void keep_background(struct program *program) {
  if (program->process.slot < 0) return;
  struct background *left = malloc(sizeof *left);
  if (!left) {
    vty_backgrounds_end(&program->process.slot, 1);
    return;
  }
  *left = (struct background){program->process.slot, program->guard, program->thread,
                              program->scope, NULL};
  pthread_mutex_lock(&lock);
  left->next = backgrounds;
  backgrounds = left;
  for (struct background **at = &left->next; *at;) {
    struct background *other = *at;
    if (vty_background_runs(other->slot)) {
      at = &other->next;
      continue;
    }
    vty_backgrounds_end(&other->slot, 1);
    *at = other->next;
    free(other);
  }
  pthread_mutex_unlock(&lock);
}

void vtl_program_remove(struct program *program) {
  pthread_mutex_lock(&lock);
  if (program->previous) program->previous->next = program->next;
  else programs = program->next;
  if (program->next) program->next->previous = program->previous;
  pthread_mutex_unlock(&lock);
  keep_background(program);
}

void vtl_program_pass_interrupt(lua_State *L, struct program *program) {
  if (!program->process.had_terminal || !program->process.ended || program->is_ended_by_stop ||
      !WIFSIGNALED(program->process.status) || WTERMSIG(program->process.status) != SIGINT)
    return;
  kill(0, SIGINT);
  int64_t deadline = vty_now() + 2 * VTL_LAST_MOMENT;
  while (!vtl_must_stop(L) && vty_now() < deadline) poll(NULL, 0, 1);
}

// MARK: All programs of a scope or a state

/// Collects the programs of this thread that run. The caller frees the list.
static struct program **collect(const vtl_guard *guard, uint64_t scope, int *count) {
  *count = 0;
  struct program **found = NULL;
  pthread_mutex_lock(&lock);
  int most = 0;
  for (struct program *program = programs; program; program = program->next) most++;
  if (most) found = malloc((size_t)most * sizeof *found);
  for (struct program *program = programs; found && program; program = program->next)
    // The other fields belong to the program's thread.
    if (pthread_equal(program->thread, pthread_self()) && !program->process.ended &&
        program->scope >= scope && (!guard || program->guard == guard))
      found[(*count)++] = program;
  pthread_mutex_unlock(&lock);
  return found;
}

/// Ends what programs of this thread have left in the background.
static void end_backgrounds(const vtl_guard *guard, uint64_t scope) {
  int slots[64], count;
  do {
    count = 0;
    pthread_mutex_lock(&lock);
    for (struct background **at = &backgrounds; *at && count < 64;) {
      struct background *left = *at;
      if (!pthread_equal(left->thread, pthread_self()) || left->scope < scope ||
          (guard && left->guard != guard)) {
        at = &left->next;
        continue;
      }
      slots[count++] = left->slot;
      *at = left->next;
      free(left);
    }
    pthread_mutex_unlock(&lock);
    if (count) vty_backgrounds_end(slots, count);
  } while (count == 64);
}

static void end_all(const vtl_guard *guard, uint64_t scope) {
  int count;
  struct program **found = collect(guard, scope, &count);
  if (count) vtl_programs_end(found, count);
  free(found);
  end_backgrounds(guard, scope);
}

void vtl_end_programs_since(uint64_t scope) { end_all(NULL, scope); }

void vtl_end_programs_of(lua_State *L) { end_all(vtl_guard_of(L), 0); }

void vtl_end_backgrounds_of(lua_State *L) { end_backgrounds(vtl_guard_of(L), 0); }

void vtl_own_programs(lua_State *L) { vtl_guard_of(L)->ends_programs = true; }

void vtl_forget_programs(lua_State *L) { vtl_guard_of(L)->program_signal = 0; }

void vtl_check_programs(lua_State *L) {
  vtl_guard *guard = vtl_guard_of(L);
  if (!guard->program_started) return;
  vtl_settle_programs(L);
  if (!guard->program_signal) return;
  if (guard->program_line >= 0 && guard->program_source[0] == '@')
    lua_pushfstring(L, "%s:%d: ", guard->program_source + 1, guard->program_line);
  else
    lua_pushliteral(L, "");
  // One line of at most 80 bytes, and no part of a character.
  char command[84];
  snprintf(command, sizeof command, "%s", guard->program_command);
  if (strlen(command) > 80) {
    int end = 77;
    while (end > 0 && ((unsigned char)command[end] & 0xC0) == 0x80) end--;
    memcpy(command + end, "\xE2\x80\xA6", 4);
  }
  for (char *at = command; *at; at++)
    if (*at == '\n' || *at == '\r') *at = ' ';
  const char *name = vty_signal_name(guard->program_signal);
  if (name)
    lua_pushfstring(L, "the program `%s` was ended by %s; its output may be incomplete", command,
                    name);
  else
    lua_pushfstring(L, "the program `%s` was ended by signal %d; its output may be incomplete",
                    command, guard->program_signal);
  guard->program_signal = 0;
  lua_concat(L, 2);
  lua_error(L);
}

static int check_programs(lua_State *L) {
  vtl_check_programs(L);
  return 0;
}

int vtl_programs_checked(lua_State *L) {
  if (!lua_checkstack(L, 1)) return VTL_ERRSTACK;
  lua_pushcfunction(L, check_programs);
  return lua_pcall(L, 0, 0, 0);
}

void vtl_settle_programs(lua_State *L) {
  int count;
  struct program **found = collect(vtl_guard_of(L), 0, &count);
  for (int i = 0; i < count; i++) {
    bool is_read = found[i]->stream.f && feof(found[i]->stream.f);
    int64_t deadline = vty_now() + (is_read ? VTL_LAST_MOMENT : 0);
    // Only the number of the signal is kept: closing it gives the results.
    while (!vty_program_wait(&found[i]->process, deadline))
      if (vty_now() >= deadline || vtl_must_stop(L)) break;
    vtl_program_report_end(found[i]);
  }
  if (!count) vtl_guard_of(L)->program_started = false;
  free(found);
}
