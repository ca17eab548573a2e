// SPDX-License-Identifier: BSD-3-Clause
//
// The accesses of Lua code besides its arguments: the files, modules and variables that it reads and writes.

#ifndef VTL_ACCESSES_H
#define VTL_ACCESSES_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// MARK: Access to files, modules and the environment

typedef enum {
  VTL_ACCESS_REQUIRE_BEGIN,  ///< `require` was called with `name`
  VTL_ACCESS_REQUIRE,        ///< it has returned; `other` is the file if the module was loaded now
  VTL_ACCESS_OPEN,           ///< the file `name` was opened in the mode `other`
  VTL_ACCESS_REMOVE,         ///< os.remove
  VTL_ACCESS_RENAME,         ///< os.rename to `other`
  VTL_ACCESS_TEMPORARY,      ///< os.tmpname
  VTL_ACCESS_ENVIRONMENT,    ///< os.getenv; `other` is the value
  VTL_ACCESS_CLOCK,          ///< the current time or date
  VTL_ACCESS_RANDOM,         ///< a random number without a seed
  VTL_ACCESS_TOOL,           ///< the program `name` was run from the file `other`
  VTL_ACCESS_PROGRAM,        ///< a program was run, and what it reads is not known; `name` is its command
  VTL_ACCESS_GLOB,           ///< files were found by the pattern `name`: the list `other`
  VTL_ACCESS_STATUS,         ///< the status `other` of the file `name` was read
  VTL_ACCESS_DIRECTORY,      ///< the directory `name` was made, unless it existed
  VTL_ACCESS_DOWNLOAD        ///< the content of the URL `name`, which may change, was read
} vtl_access_kind;

/// An access by Lua code to something besides its arguments. Pointers are valid during the call of the
/// sink.
typedef struct {
  vtl_access_kind kind;
  const char *name;
  size_t length;
  const char *other;  ///< NULL where there is none
  size_t other_length;
  bool failed;         ///< the function has returned an error
  bool existed;        ///< the file existed before
  bool other_existed;  ///< os.rename: the target existed before
  const char *source;  ///< the chunk of the code; NULL where it is not known
  int line;
  uint64_t hash;      ///< vtl_state_hash of a module that was loaded now
  const void *stack;  ///< an address in the frame: lower in functions that it calls
} vtl_access;

/// Receives an access. Called from inside Lua; must not use the state.
typedef void (*vtl_access_sink)(void *context, const vtl_access *access);
/// Sets the receiver of accesses; NULL: none. The calls of `require` are always reported.
void vtl_access_sink_set(lua_State *L, vtl_access_sink sink, void *context);
/// Reports a use of the clock or of random numbers, for a function of C that Lua code has called.
void vtl_access_note(lua_State *L, vtl_access_kind kind, const char *name);
/// Starts or stops the report of other accesses.
void vtl_access_watch(lua_State *L, bool on);
/// Reports an access while the report is on: for the library's functions in C. The place of the access is
/// found.
void vtl_access_report(lua_State *L, vtl_access *access);
/// Sets whether random numbers count as seeded, and returns whether they did.
bool vtl_access_seeded(lua_State *L, bool seeded);
/// Pushes a function like `io.open(name, "w")` that fails if anything has the name. Needs room for one
/// value.
void vtl_pushcreate(lua_State *L);
/// Pushes a function that returns the table of functions for the libraries `process` and `files`. Needs
/// room for one value.
void vtl_pushopensystem(lua_State *L);

/// Records that the host has loaded the module of that name.
int vtl_note_loaded(lua_State *L, const char *name);
/// True if `require` or the host has loaded the module at `value` under the name at `name`. Then pushes
/// what the searcher has found, such as the file; true if that is not known. Needs room for three
/// values.
bool vtl_module_origin(lua_State *L, int name, int value);

// MARK: The environment

/// Pushes the name of the value at `index` among the fields of loaded modules, such as
/// "string.format", the first in alphabetical order; nil if it has none.
int vtl_name_in_libraries(lua_State *L, int index);

/// Makes a copy of the globals, of the tables of Lua's libraries, and of `vt` and `parallel`.
int vtl_environment_take(lua_State *L);
/// Pushes a list of three lists: the names of the tables, the tables, and their copies. False, and nil
/// pushed, when there is no copy. Needs room for one value.
bool vtl_environment_push(lua_State *L);
/// A hash of what can be reached from the value at `index` without the environment. It changes when a
/// field or an upvalue is set to another value.
uint64_t vtl_state_hash(lua_State *L, int index);
/// A hash of these tables, of the metatable of the globals and of those of the basic types. It changes
/// when a field is set to another value.
uint64_t vtl_environment_hash(lua_State *L);

#endif
