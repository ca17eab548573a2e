// SPDX-License-Identifier: BSD-3-Clause
//
// The functions of the `lua` program: calls that end in a message with a traceback, Ctrl-C, and
// lines that are read and written through C's streams, which scripts use too.

#ifndef VTL_STANDALONE_H
#define VTL_STANDALONE_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/// Like vtl_call, for a script. On an error, one string lies on top: the message and the traceback
/// in Lua's format. While the script runs, the first SIGINT raises "interrupted!", and the second
/// one ends the process; afterwards every SIGINT does.
int vtl_call_script(lua_State *L, int arguments, int results);

/// True if Ctrl-C was pressed in a script and has not been raised yet.
bool vtl_is_interrupted(lua_State *L);
/// True if Ctrl-C was pressed and has not been raised yet, because a waiting function runs no Lua
/// instructions. The caller must raise it: the request is removed.
bool vtl_take_interrupt(lua_State *L);

/// "Lua 5.4.4".
const char *vtl_lua_release(void);
/// The text after the release in the line that `lua -v` prints.
const char *vtl_lua_copyright(void);

/// Writes "program: text" and an end of line to standard error; `program` may be NULL.
void vtl_report(const char *program, const char *text);
/// Writes warnings of the state to standard error as `lua` does, instead of to its sink.
void vtl_warnings_print(lua_State *L);
/// Writes a piece of a warning to standard error.
void vtl_print_warning(const char *piece, bool is_first, bool is_last);
/// Writes the bytes to standard output, after the buffered output of this process, and flushes.
void vtl_write(const char *bytes, size_t length);
/// True if bytes of standard input were read and not used yet.
bool vtl_has_buffered_input(void);
/// Reads a line of standard input, without its end, for the caller to free; NULL at the end of the
/// input, and when a signal has ended the wait, which sets `*interrupted`.
char *vtl_read_line(size_t *length, bool *interrupted);

/// Sets `hook`, to be called at the next instruction, for every Lua thread that is active on this
/// system thread and is not being stopped. Async-signal-safe.
void vtl_hook_entries(lua_Hook hook);

#endif
