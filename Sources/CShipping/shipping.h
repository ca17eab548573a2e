// SPDX-License-Identifier: BSD-3-Clause
//
// What the files of this target share: the tags, growing bytes, and the registry.

#ifndef VTS_SHIPPING_PRIVATE_H
#define VTS_SHIPPING_PRIVATE_H

#include <stdlib.h>
#include <string.h>

#include "CShipping.h"

/// CBOR's major types.
enum { UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE };

/// CBOR's tags for shared values and for typed arrays (RFC 8746), little end first.
enum { TAG_SHARED = 28, TAG_REFERENCE = 29, TAG_INT64 = 79, TAG_FLOAT64 = 86 };

/// Ours, from the range that is first come, first served: "VT" and a number.
enum {
  TAG_LIST = 0x56540001,      ///< a typed array that is a Lua list
  TAG_FUNCTION = 0x56540002,  ///< [code, cell...]
  TAG_CODE = 0x56540003,      ///< bytecode; a function with the same is told by number
  TAG_NAMED = 0x56540004,     ///< [module] or [module, field]
  TAG_OBJECT = 0x56540005,    ///< [class, table]
  TAG_CLASS = 0x56540006,     ///< name, or [name, content]
  TAG_LENT = 0x56540007,      ///< the number of a string
  TAG_HOST = 0x56540008,      ///< the number of a host object
};

/// A list with fewer elements is a plain array.
enum { TYPED_LIST = 16 };
/// A shorter string is copied.
enum { LENT_STRING = 64 << 10 };

// MARK: Bytes

typedef struct {
  uint8_t *bytes;
  size_t count, capacity;
} vts_bytes;

/// Room for `more` bytes behind the last; false when there is no memory.
bool vts_grow(vts_bytes *bytes, size_t more);

static inline bool vts_reserve(vts_bytes *bytes, size_t more) {
  return bytes->capacity - bytes->count >= more || vts_grow(bytes, more);
}

/// Makes `*items` larger when it is full.
bool vts_grow_items(void **items, size_t *capacity, size_t size);

#define VTS_ROOM_FOR_ONE(items, count, capacity) \
  ((count) < (capacity) || vts_grow_items((void **)&(items), &(capacity), sizeof *(items)))

enum { HEAD_SIZE = 9 };  // at most

static inline size_t vts_head_size(uint64_t number) {
  return number < 24 ? 1 : number < 0x100 ? 2 : number < 0x10000 ? 3 : number >> 32 ? 9 : 5;
}

/// Writes the shortest head, and gives the place behind it.
static inline uint8_t *vts_put_head(uint8_t *at, unsigned major, uint64_t number) {
  if (number < 24) {
    *at++ = (uint8_t)(major << 5 | number);
    return at;
  }
  unsigned power = number < 0x100 ? 0 : number < 0x10000 ? 1 : number >> 32 ? 3 : 2;
  *at++ = (uint8_t)(major << 5 | (24 + power));
  uint64_t big = __builtin_bswap64(number << (64 - (8u << power)));
  memcpy(at, &big, 8);  // what is too much is written over
  return at + (1u << power);
}

// MARK: The stack

/// Whether so many more values are too many for a Lua stack, however much memory there is.
/// What lies below the present function is counted with a margin.
static inline bool vts_stack_is_full(lua_State *L, int more) {
  return lua_gettop(L) > LUAI_MAXSTACK - 10000 - more;
}

// MARK: The collector

/// Kibibytes, as lua_gc counts.
enum { VTS_POSTPONED = 1 << 30 };

/// Lets no collection run, and so no finalizer, until vts_resume_collector; false when none
/// would anyway. Stopping and restarting the collector would begin a cycle at once: so what is
/// to be allocated before the next step is raised, and lowered again.
static inline bool vts_postpone_collector(lua_State *L) {
  if (lua_gc(L, LUA_GCISRUNNING) != 1) return false;
  lua_gc(L, LUA_GCSTEP, -VTS_POSTPONED);
  return true;
}

/// Collects what is due.
static inline void vts_resume_collector(lua_State *L) { lua_gc(L, LUA_GCSTEP, VTS_POSTPONED); }

// MARK: The registry

enum { REGISTRY_NAMES, REGISTRY_CLASSES, REGISTRY_LOADED, REGISTRY_REQUIRE, REGISTRY_RECORD };

/// Their addresses are keys of the registry.
extern const char vts_registry[5];

/// Pushes what the registry has under one of the above; needs room for one, never raises.
static inline int vts_push_registry(lua_State *L, int which) {
  return lua_rawgetp(L, LUA_REGISTRYINDEX, &vts_registry[which]);
}

/// Whether other modules are loaded than those that were named; never raises.
bool vts_names_outdated(lua_State *L);
/// Names what was loaded since. With `again`, also what modules have got since they were named.
/// May raise.
void vts_names_update(lua_State *L, bool again);
/// Makes the registry's tables where they are missing. May raise.
void vts_prepare(lua_State *L);
/// Registers the metatable on top, and leaves it there. May raise.
void vts_add_class(lua_State *L, const char *name, size_t length);

/// Finds out where a table says how large its hash part is. Once is enough; may raise.
void vts_find_nodes(lua_State *L);

#endif
