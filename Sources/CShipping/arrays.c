// SPDX-License-Identifier: BSD-3-Clause
//
// Arrays as values, for the layers above. The codec is in array_items.c.

#include "arrays.h"

#include <stdatomic.h>
#include <unistd.h>

#include "CShipping.h"

static _Atomic(const vts_array_functions *) registered;

void vts_register_arrays(const vts_array_functions *functions) {
  atomic_store_explicit(&registered, functions, memory_order_release);
}

const vts_array_functions *vts_arrays(void) {
  return atomic_load_explicit(&registered, memory_order_acquire);
}

bool vts_describe_array(lua_State *L, int index, vts_array *array) {
  const vts_array_functions *arrays = vts_arrays();
  return arrays && lua_type(L, index) == LUA_TUSERDATA && arrays->describe(L, index, array);
}

const char *vts_array_type_name(vts_array_type type) {
  static const char *const names[VTS_ARRAY_TYPES] = {
      "bool",   "int8",   "int16",  "int32",   "int64",   "uint8",     "uint16",
      "uint32", "uint64", "float32", "float64", "complex64", "complex128"};
  return names[type];
}

void vts_read_array(lua_State *L, int index, void *to) { vts_arrays()->copy(L, index, to); }

// MARK: Blocks

void *vts_block_wrap(void *bytes, size_t length, void (*done)(void *context), void *context) {
  const vts_array_functions *arrays = vts_arrays();
  return arrays ? arrays->wrap(bytes, length, done, context) : NULL;
}

const void *vts_block_bytes(void *block, size_t *length) {
  return vts_arrays()->bytes(block, length);
}

int vts_block_descriptor(void *block) { return vts_arrays()->descriptor(block); }

void *vts_block_open(int descriptor) {
  const vts_array_functions *arrays = vts_arrays();
  if (arrays) return arrays->open(descriptor);
  close(descriptor);
  return NULL;
}

void vts_block_release(void *block) { vts_arrays()->release(block); }

// MARK: Protected operations

static int copy(lua_State *L) {
  vts_arrays()->duplicate(L, 1);
  return 1;
}

int vts_copy_array(lua_State *L, int index) {
  if (!lua_checkstack(L, 4)) return VTS_NO_STACK;
  index = lua_absindex(L, index);
  lua_pushcfunction(L, copy);
  lua_pushvalue(L, index);
  return lua_pcall(L, 1, 1, 0);
}

static int element(lua_State *L) {
  lua_Integer place = lua_tointegerx(L, 2, NULL);
  vts_arrays()->element(L, 1, place);
  return 1;
}

int vts_push_array_element(lua_State *L, int index, int64_t place) {
  if (!lua_checkstack(L, 4)) return VTS_NO_STACK;
  index = lua_absindex(L, index);
  lua_pushcfunction(L, element);
  lua_pushvalue(L, index);
  lua_pushinteger(L, place);
  return lua_pcall(L, 2, 1, 0);
}

static int part(lua_State *L) {
  vts_arrays()->part(L, 1, lua_tointegerx(L, 2, NULL), lua_tointegerx(L, 3, NULL));
  return 1;
}

int vts_push_array_part(lua_State *L, int index, int64_t first, int64_t count) {
  if (!lua_checkstack(L, 5)) return VTS_NO_STACK;
  index = lua_absindex(L, index);
  lua_pushcfunction(L, part);
  lua_pushvalue(L, index);
  lua_pushinteger(L, first);
  lua_pushinteger(L, count);
  return lua_pcall(L, 3, 1, 0);
}
