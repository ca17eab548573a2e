// SPDX-License-Identifier: BSD-3-Clause
//
// What `lua` itself does around the language: calls that end in a message with a traceback,
// Ctrl-C, and lines read and written through C's own streams, which the scripts use too.

#ifndef VTL_STANDALONE_H
#define VTL_STANDALONE_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

/// As vtl_call, for a script: on an error the message and its traceback, in Lua's own format,
/// are one string on top. While it runs, the first SIGINT is the error "interrupted!", and the
/// second one ends the process; afterwards every SIGINT does.
int vtl_call_script(lua_State *L, int arguments, int results);

/// Whether Ctrl-C has come and raised nothing yet: a function that waits runs no instruction at
/// which it could. Whoever asks raises it.
bool vtl_take_interrupt(lua_State *L);

/// "Lua 5.4.4".
const char *vtl_lua_release(void);
/// What follows the release in the line that `lua -v` prints.
const char *vtl_lua_copyright(void);

/// Writes "program: text" and an end of line to standard error; `program` may be NULL.
void vtl_report(const char *program, const char *text);
/// Writes to standard output what this process has printed so far, and then the bytes.
void vtl_write(const char *bytes, size_t length);
/// A line of standard input without its end, for the caller to free; NULL at the end.
char *vtl_read_line(size_t *length);

/// Sets `hook`, to be called at the next instruction, for every Lua thread that this system
/// thread is inside of, unless it is being stopped already. Async-signal-safe.
void vtl_hook_entries(lua_Hook hook);

#endif
