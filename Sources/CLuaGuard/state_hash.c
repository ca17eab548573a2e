// SPDX-License-Identifier: BSD-3-Clause
//
// A hash of everything that can be reached from a value. It changes when a module is changed after it
// was loaded.

#include <stdlib.h>

#include "guard.h"

/// The number of values that are visited, and the depth.
enum { MOST = 200000, DEEPEST = 100 };

struct walk {
  lua_State *L;
  const void **seen;  ///< open addressing; a power of two slots
  size_t slots, count;
};

static size_t slot_of(const void **seen, size_t slots, const void *pointer) {
  size_t slot = (size_t)vtl_mix(1, (uint64_t)(uintptr_t)pointer) & (slots - 1);
  while (seen[slot] && seen[slot] != pointer) slot = (slot + 1) & (slots - 1);
  return slot;
}

/// True if the pointer is new; false also where there is no memory.
static bool add(struct walk *walk, const void *pointer) {
  if (walk->count >= MOST) return false;
  if (walk->count * 2 >= walk->slots) {
    size_t slots = walk->slots ? walk->slots * 2 : 256;
    const void **seen = calloc(slots, sizeof *seen);
    if (!seen) return false;
    for (size_t i = 0; i < walk->slots; i++)
      if (walk->seen[i]) seen[slot_of(seen, slots, walk->seen[i])] = walk->seen[i];
    free(walk->seen);
    walk->seen = seen;
    walk->slots = slots;
  }
  size_t slot = slot_of(walk->seen, walk->slots, pointer);
  if (walk->seen[slot]) return false;
  walk->seen[slot] = pointer;
  walk->count++;
  return true;
}

static uint64_t visit(struct walk *walk, int depth);

/// The fields of the table on top, in any order.
static uint64_t fields(struct walk *walk, int depth) {
  lua_State *L = walk->L;
  uint64_t sum = 0;
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_pushvalue(L, -2);
    uint64_t name = visit(walk, depth);
    lua_pop(L, 1);
    sum += vtl_mix(name, visit(walk, depth));
    lua_pop(L, 1);
  }
  return sum;
}

/// A hash of the value on top. A value that was visited before counts by its identity.
static uint64_t visit(struct walk *walk, int depth) {
  lua_State *L = walk->L;
  int type = lua_type(L, -1);
  switch (type) {
    case LUA_TNIL: return 1;
    case LUA_TBOOLEAN: return vtl_mix(2, (uint64_t)lua_toboolean(L, -1));
    case LUA_TNUMBER: {
      if (lua_isinteger(L, -1)) return vtl_mix(3, (uint64_t)lua_tointeger(L, -1));
      union { double number; uint64_t bits; } both = {.number = lua_tonumber(L, -1)};
      return vtl_mix(4, both.bits);
    }
  }
  const void *pointer = lua_topointer(L, -1);
  uint64_t hash = vtl_mix((uint64_t)type + 8, (uint64_t)(uintptr_t)pointer);
  if (type != LUA_TTABLE && type != LUA_TFUNCTION) return hash;
  if (depth >= DEEPEST || !lua_checkstack(L, 6) || !add(walk, pointer)) return hash;
  if (type == LUA_TTABLE) {
    hash = vtl_mix(hash, fields(walk, depth + 1));
    if (lua_getmetatable(L, -1)) {
      hash = vtl_mix(hash, visit(walk, depth + 1));
      lua_pop(L, 1);
    }
    return hash;
  }
  for (int n = 1; lua_getupvalue(L, -1, n); n++) {
    hash = vtl_mix(hash, visit(walk, depth + 1));
    lua_pop(L, 1);
  }
  return hash;
}

// Raises nothing: lua_next is given keys of the table only.
uint64_t vtl_state_hash(lua_State *L, int index) {
  if (!lua_checkstack(L, 6)) return 0;
  index = lua_absindex(L, index);
  struct walk walk = {.L = L};
  // The environment is compared by itself.
  if (vtl_environment_push(L)) {
    lua_rawgeti(L, -1, 2);
    int count = (int)lua_rawlen(L, -1);
    for (int i = 1; i <= count; i++) {
      lua_rawgeti(L, -1, i);
      add(&walk, lua_topointer(L, -1));
      lua_pop(L, 1);
    }
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  // That of the library grows whenever a module of it is needed.
  lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  lua_pushliteral(L, "vt.library");
  if (lua_rawget(L, -2) == LUA_TTABLE) {
    lua_pushliteral(L, "environment");
    lua_rawget(L, -2);
    if (lua_istable(L, -1)) add(&walk, lua_topointer(L, -1));
    lua_pop(L, 1);
  }
  lua_pop(L, 2);
  lua_pushvalue(L, index);
  uint64_t hash = visit(&walk, 0);
  lua_pop(L, 1);
  free(walk.seen);
  return hash;
}
