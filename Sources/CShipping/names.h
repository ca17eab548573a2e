// SPDX-License-Identifier: BSD-3-Clause
//
// The registry's tables: values that are encoded by name, and registered classes.

#ifndef VTS_NAMES_H
#define VTS_NAMES_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sorted_names.h"

enum { REGISTRY_NAMES, REGISTRY_CLASSES, REGISTRY_LOADED, REGISTRY_REQUIRE, REGISTRY_RECORD };

/// The addresses of these bytes are keys of the registry.
extern const char vts_registry[5];

/// Pushes a registry entry and returns its type. Needs room for one value; never raises.
static inline int vts_push_registry(lua_State *L, int which) {
  return lua_rawgetp(L, LUA_REGISTRYINDEX, &vts_registry[which]);
}

/// True if package.loaded has changed since the index was last updated. Never raises.
bool vts_names_outdated(lua_State *L);
/// Adds the modules that were loaded since the last update. With `again`, also the fields that
/// known modules got since. May raise.
void vts_names_update(lua_State *L, bool again);
/// Creates the registry's tables if they are missing. May raise.
void vts_prepare(lua_State *L);
/// False if the table below its entry of the index, which is on top, got its name as an empty object
/// of a module and is not empty any more. Never raises.
bool vts_still_has_name(lua_State *L, const char *entry);
/// True if the value on top, which stays, has a name in the index at `index`, and not as a class.
bool vts_has_name(lua_State *L, int index);
/// True if the bytes at `index` are the name of a class.
bool vts_is_class(lua_State *L, int index);
/// Pushes a tag with a list of names, encoded.
void vts_push_encoded(lua_State *L, uint32_t tag, int parts, const vts_name *const *part);
/// Registers the metatable on top as a class, and leaves it there. May raise.
void vts_add_class(lua_State *L, const char *name, size_t length);

#endif
