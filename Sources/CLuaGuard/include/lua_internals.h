// SPDX-License-Identifier: BSD-3-Clause
//
// Everything that depends on Lua's private layout or on undocumented behaviour of its library.
//
// lua.h does not offer these operations, and they must work with the Lua library that is loaded at
// run time. vtl_unsupported_lua checks that library once, before the first state is opened; no
// other function of this header may be called unless it returned NULL.

#ifndef VTL_LUA_INTERNALS_H
#define VTL_LUA_INTERNALS_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>

#if LUA_VERSION_NUM != 504
#error "VTLua needs the headers of Lua 5.4. Install liblua5.4-dev (Debian), or see pkg-config lua5.4."
#endif

/// The layout that the functions below rely on. Offsets are in bytes.
typedef struct {
  /// `allowhook` in a lua_State: after `next`, `tt`, `marked` and `status`.
  size_t allow_hook;
  /// `lsizenode` in a Table, the binary logarithm of the size of its hash part: after `next`, `tt`,
  /// `marked` and `flags`.
  size_t node_power;
  /// From the start of the block that holds a state to the state's main thread.
  size_t state_offset;
  /// Kibibytes by which a negative LUA_GCSTEP puts off the next collection.
  int postponement;
} vtl_layout;

static const vtl_layout vtl_lua_layout = {
    .allow_hook = sizeof(void *) + 3,
    .node_power = sizeof(void *) + 3,
    .state_offset = LUA_EXTRASPACE,
    .postponement = 1 << 30,
};

/// Checks the Lua library that is loaded, the first time that it is called. Returns NULL if it is
/// supported; otherwise a message for the user. From any thread.
const char *vtl_unsupported_lua(void);

/// Checks the library against a layout. Returns NULL, or a message that is valid until the thread's
/// next call. Exported for tests; takes about 10 microseconds.
const char *vtl_check_layout(const vtl_layout *layout);

// MARK: Hooks

/// The flag that allows hooks in a thread. Lua clears it inside a hook, inside a message handler
/// that runs because a hook raised, and inside a __gc metamethod. To stop an endless loop there,
/// the flag must be set again.
static inline volatile unsigned char *vtl_allow_hook(lua_State *L) {
  return (volatile unsigned char *)L + vtl_lua_layout.allow_hook;
}

// MARK: Tables

/// The binary logarithm of the size of a table's hash part; 0 for at most one node.
static inline unsigned vtl_node_power(lua_State *L, int index) {
  return ((const unsigned char *)lua_topointer(L, index))[vtl_lua_layout.node_power];
}

// MARK: Memory

/// The block of memory that holds the state itself. lua_close frees it last.
static inline void *vtl_state_block(lua_State *main) {
  return (char *)main - vtl_lua_layout.state_offset;
}

/// Prevents garbage collections, and so finalizers, until vtl_resume_collector. Returns false if
/// none would run anyway: then vtl_resume_collector must not be called.
///
/// LUA_GCSTOP and LUA_GCRESTART would do, but a restart begins a collection at once. Instead, the
/// amount that Lua allocates before its next step is raised, and lowered again.
static inline bool vtl_postpone_collector(lua_State *L) {
  if (lua_gc(L, LUA_GCISRUNNING) != 1) return false;
  lua_gc(L, LUA_GCSTEP, -vtl_lua_layout.postponement);
  return true;
}

/// Allows collections again, and runs the one that is due.
static inline void vtl_resume_collector(lua_State *L) {
  lua_gc(L, LUA_GCSTEP, vtl_lua_layout.postponement);
}

// MARK: The stack

/// True if `more` values exceed the limit of a Lua stack, however much memory there is. The values
/// of the functions below the current one are counted as 10,000.
static inline bool vtl_stack_is_full(lua_State *L, int more) {
  return lua_gettop(L) > LUAI_MAXSTACK - 10000 - more;
}

#endif
