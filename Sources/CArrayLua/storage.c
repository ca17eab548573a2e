// SPDX-License-Identifier: BSD-3-Clause
//
// Storage: a block of memory as one Lua state has it, and the userdata over it.

#include <CLuaGuard.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"

const char vta_tag = 0;

int vta_no_memory(lua_State *L) {
  // No allocator has that much: Lua raises its own error.
  lua_newuserdatauv(L, (size_t)1 << 62, 0);
  return luaL_error(L, "not enough memory");
}

int vta_no_memory_for(lua_State *L, const va_view *view, size_t bytes) {
  static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  double size = (double)bytes;
  int unit = 0;
  for (; size >= 1024; unit++) size /= 1024;
  char number[32];
  snprintf(number, sizeof number, "%.4g", size);
  return luaL_error(L, "not enough memory for an array of %s %s, shape %s", number, units[unit],
                    vta_push_shape_text(L, view->axes, view->shape));
}

// MARK: Blocks of a state

/// The bytes, about, of the records of a storage and of its block.
enum { RECORD = 128 };

static va_block *block_new(size_t bytes, bool zeros) {
  return zeros ? va_block_new(bytes) : va_block_new_unset(bytes);
}

/// Returns a block that counts as the state's memory, after collecting garbage if needed; NULL
/// if there is none. `is_limited`: true if the state's limit is the reason.
static va_block *obtain(lua_State *L, size_t bytes, bool zeros, bool *is_limited) {
  for (int attempt = 0; attempt < 2; attempt++) {
    *is_limited = !vtl_memory_add(L, bytes + RECORD);
    if (!*is_limited) {
      va_block *block = block_new(bytes, zeros);
      if (block) return block;
      vtl_memory_subtract(L, bytes + RECORD);
    }
    if (attempt == 0) {
      lua_gc(L, LUA_GCCOLLECT);
      va_cache_clear();
    }
  }
  return NULL;
}

/// Blocks of this many bytes and more are known by their address: one that comes back from another state,
/// or comes twice, counts once.
enum { LEAST_KNOWN = 64 << 10 };

/// Pushes the table of storages by the addresses of their blocks. Needs four free slots.
static void push_known(lua_State *L) {
  static const char key;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &key) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_newtable(L);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
}

/// The storage of the state that has the block, or NULL.
static vta_storage *known(lua_State *L, const va_block *block) {
  if (va_block_bytes(block) < LEAST_KNOWN) return NULL;
  push_known(L);
  lua_rawgetp(L, -1, block);
  vta_storage *storage = lua_touserdata(L, -1);
  lua_pop(L, 2);
  return storage;
}

/// Notes that the storage has its block. To set a field that is there allocates nothing.
static void note(lua_State *L, const va_block *block, vta_storage *storage) {
  if (va_block_bytes(block) < LEAST_KNOWN) return;
  push_known(L);
  if (storage) lua_pushlightuserdata(L, storage);
  else lua_pushnil(L);
  lua_rawsetp(L, -2, block);
  lua_pop(L, 1);
}

/// Ends the storage's use of its block. Another storage of the state that has it counts it from now.
/// Needs four free slots.
static void drop_block(lua_State *L, vta_storage *storage) {
  bool shares = storage->next != storage;
  if (known(L, storage->block) == storage)
    note(L, storage->block, shares ? storage->next : NULL);
  if (storage->next != storage) {
    vta_storage *before = storage->next;
    while (before->next != storage) before = before->next;
    before->next = storage->next;
    before->counted += storage->counted - RECORD;
    storage->counted = RECORD;
    storage->next = storage;
  }
  vtl_memory_subtract(L, storage->counted);
  va_block_release(storage->block);
}

static void release(lua_State *L, vta_array *array) {
  vta_storage *storage = array->storage;
  array->storage = NULL;
  if (!storage || storage->counted == 0 || --storage->references > 0) return;
  drop_block(L, storage);
  free(storage);
}

// MARK: Userdata

/// Pushes the metatable of arrays, or the one of arrays that need no finalizer. Needs three free slots.
static void push_metatable(lua_State *L, bool finalizer);

/// Pushes an array without a storage, and with `more` bytes after its lengths.
static vta_array *push_userdata(lua_State *L, const va_view *view, size_t more, bool finalizer) {
  int axes = view->axes;
  size_t size = sizeof(vta_array) + 2 * (size_t)axes * sizeof(int64_t);
  vta_array *array = lua_newuserdatauv(L, size + more, finalizer || more ? 0 : 1);
  array->tag = &vta_tag;
  array->storage = NULL;
  array->dtype = (int16_t)view->dtype;
  array->axes = (int16_t)axes;
  for (int axis = 0; axis < axes; axis++) array->lengths[axis] = view->shape[axis];
  push_metatable(L, finalizer);
  lua_setmetatable(L, -2);
  return array;
}

/// The parts of a small array that follow its lengths, before the elements.
typedef struct {
  vta_storage storage;
  char block[VA_BLOCK_RECORD];
} embedded;
_Static_assert(sizeof(embedded) % 16 == 0 && sizeof(vta_array) % 16 == 0, "elements are aligned");

static vta_array *new_embedded(lua_State *L, va_view *view, size_t bytes, bool zeros) {
  vta_array *array = push_userdata(L, view, sizeof(embedded) + bytes, false);
  embedded *parts = (embedded *)(array->lengths + 2 * view->axes);
  char *data = (char *)(parts + 1);
  parts->storage = (vta_storage){va_block_embed(parts->block, data, bytes), 1, 0, &parts->storage};
  array->storage = &parts->storage;
  array->offset = 0;
  va_set_strides(view);
  for (int axis = 0; axis < view->axes; axis++)
    array->lengths[view->axes + axis] = view->strides[axis];
  if (zeros) memset(data, 0, bytes);
  view->data = data;
  return array;
}

static bool is_embedded(const vta_storage *storage) { return storage->counted == 0; }

/// Sets the user value of the view on top: the array that has the elements of `base`.
static void keep_elements(lua_State *L, const vta_array *base) {
  static const int upvalues[] = {lua_upvalueindex(1), lua_upvalueindex(2)};
  int index = lua_gettop(L) - 1;
  while (index > 0 && lua_touserdata(L, index) != base) index--;
  for (int i = 0; i < 2 && index <= 0; i++)
    if (lua_touserdata(L, upvalues[i]) == base) index = upvalues[i];
  if (index == 0) luaL_error(L, "the array of a view is not on the stack");
  bool has_them = base->storage == (const void *)(base->lengths + 2 * base->axes);
  if (has_them) lua_pushvalue(L, index);
  else lua_getiuservalue(L, index, 1);
  lua_setiuservalue(L, -2, 1);
}

static void set_strides(vta_array *array, const va_view *view) {
  memcpy(array->lengths + array->axes, view->strides, (size_t)view->axes * sizeof(int64_t));
}

vta_array *vta_new(lua_State *L, va_view *view, bool zeros) {
  size_t bytes = vta_bytes(L, view);
  luaL_checkstack(L, 8, "arrays");
  if (bytes <= VTA_EMBEDDED) return new_embedded(L, view, bytes, zeros);
  vtl_memory_step(L);
  vta_array *array = push_userdata(L, view, 0, true);
  vta_storage *storage = malloc(sizeof *storage);
  bool is_limited = true;
  va_block *block = storage ? obtain(L, bytes, zeros, &is_limited) : NULL;
  if (!block) {
    free(storage);
    if (is_limited) vta_no_memory(L);
    vta_no_memory_for(L, view, bytes);
  }
  *storage = (vta_storage){block, 1, bytes + RECORD, storage};
  array->storage = storage;
  array->offset = 0;
  va_set_strides(view);
  set_strides(array, view);
  note(L, block, storage);
  view->data = va_block_data(block);
  return array;
}

vta_array *vta_push_view(lua_State *L, const vta_array *base, const va_view *view) {
  // The offset is taken first: to allocate may run a finalizer that moves the storage.
  int64_t offset = view->data - va_block_data(base->storage->block);
  bool has_block = !is_embedded(base->storage);
  luaL_checkstack(L, 4, "arrays");
  vta_array *array = push_userdata(L, view, 0, has_block);
  if (!base->storage) luaL_error(L, "the array was closed");
  array->storage = base->storage;
  if (has_block) array->storage->references++;
  else keep_elements(L, base);
  array->offset = offset;
  set_strides(array, view);
  return array;
}

/// Below this size a copy is cheaper than a block that is shared.
enum { LEAST_SHARED = 16 << 10 };

vta_array *vta_push_derived(lua_State *L, const vta_array *base, const va_view *view) {
  int64_t offset = view->data - va_block_data(base->storage->block);
  size_t bytes = vta_bytes(L, view);
  va_view from = *view, copy = *view;
  if (bytes < LEAST_SHARED || bytes < va_block_bytes(base->storage->block) / 2 ||
      va_block_is_shared(base->storage->block)) {
    vta_array *array = vta_new(L, &copy, false);
    if (!base->storage) luaL_error(L, "the array was closed");
    from.data = va_block_data(base->storage->block) + offset;
    va_assign(&from, &copy);
    return array;
  }
  luaL_checkstack(L, 4, "arrays");
  vta_array *array = push_userdata(L, view, 0, true);
  if (!base->storage) luaL_error(L, "the array was closed");
  vta_storage *storage = malloc(sizeof *storage), *other = base->storage;
  if (!storage || !vtl_memory_add(L, RECORD)) {
    free(storage);
    vta_no_memory(L);
  }
  va_block_retain(other->block);
  *storage = (vta_storage){other->block, 1, RECORD, other->next};
  other->next = storage;
  array->storage = storage;
  array->offset = offset;
  set_strides(array, view);
  return array;
}

vta_array *vta_push_adopted(lua_State *L, const va_view *view, va_block *block) {
  luaL_checkstack(L, 8, "arrays");
  vtl_memory_step(L);
  vta_array *array = push_userdata(L, view, 0, true);
  vta_storage *storage = malloc(sizeof *storage), *other = known(L, block);
  size_t bytes = (other ? 0 : va_block_bytes(block)) + RECORD;
  bool counted = storage && vtl_memory_add(L, bytes);
  if (storage && !counted) {
    lua_gc(L, LUA_GCCOLLECT);
    other = known(L, block);
    bytes = (other ? 0 : va_block_bytes(block)) + RECORD;
    counted = vtl_memory_add(L, bytes);
  }
  if (!counted) {
    free(storage);
    vta_no_memory(L);
  }
  va_block_retain(block);
  *storage = (vta_storage){block, 1, bytes, other ? other->next : storage};
  if (other) other->next = storage;
  array->storage = storage;
  array->offset = view->data - va_block_data(block);
  set_strides(array, view);
  if (!other) note(L, block, storage);
  return array;
}

vta_array *vta_push_copy(lua_State *L, const vta_array *array, va_view *copy) {
  va_view from;
  vta_view(L, array, &from);
  *copy = from;
  vta_array *result = vta_new(L, copy, false);
  vta_view(L, array, &from);
  va_assign(&from, copy);
  return result;
}

vta_array *vta_test(lua_State *L, int index) {
  vta_array *array = lua_touserdata(L, index);
  if (!array) return NULL;
  // The length of a light userdata, which may point anywhere, is 0.
  return lua_rawlen(L, index) >= sizeof *array && array->tag == &vta_tag ? array : NULL;
}

vta_array *vta_check(lua_State *L, int index, const char *function) {
  vta_array *array = vta_test(L, index);
  if (!array)
    luaL_error(L, "%s: argument %d must be an array, got %s", function, index,
               luaL_typename(L, index));
  return array;
}

void vta_view(lua_State *L, const vta_array *array, va_view *view) {
  if (!array->storage) luaL_error(L, "the array was closed");
  view->data = va_block_data(array->storage->block) + array->offset;
  view->dtype = (va_dtype)array->dtype;
  view->axes = array->axes;
  memcpy(view->shape, array->lengths, (size_t)view->axes * sizeof(int64_t));
  memcpy(view->strides, array->lengths + view->axes, (size_t)view->axes * sizeof(int64_t));
}

void vta_writable(lua_State *L, vta_array *array, va_view *view) {
  vta_view(L, array, view);
  vta_storage *storage = array->storage;
  if (va_block_is_own(storage->block)) return;
  size_t bytes = va_block_bytes(storage->block);
  luaL_checkstack(L, 8, "arrays");
  bool is_limited;
  va_block *block = obtain(L, bytes, false, &is_limited);
  if (!block && is_limited) vta_no_memory(L);
  if (!block) vta_no_memory_for(L, view, bytes);
  // To collect garbage may have run a finalizer that has closed the array.
  if (array->storage != storage) {
    vtl_memory_subtract(L, bytes + RECORD);
    va_block_release(block);
    luaL_error(L, "the array was closed");
  }
  memcpy(va_block_data(block), va_block_data(storage->block), bytes);
  drop_block(L, storage);
  storage->block = block;
  storage->counted = bytes + RECORD;
  note(L, block, storage);
  view->data = va_block_data(block) + array->offset;
}

// MARK: The metatable

static int collect(lua_State *L) {
  vta_array *array = vta_test(L, 1);
  if (array) release(L, array);
  return 0;
}

static const luaL_Reg lifetime[] = {{"__gc", collect}, {"__close", collect}, {NULL, NULL}};

static void make_metatable(lua_State *L, bool finalizer) {
  lua_createtable(L, 0, 32);
  luaL_setfuncs(L, finalizer ? lifetime : lifetime + 1, 0);
  const luaL_Reg *const groups[] = {
      vta_index_operators, vta_iteration_operators, vta_text_operators, vta_operators,
      vta_equality_operators, vta_html_operators};
  for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) luaL_setfuncs(L, groups[i], 0);
  lua_pushliteral(L, "array");
  lua_setfield(L, -2, "__name");
}

static void push_metatable(lua_State *L, bool finalizer) {
  static const char keys[2];
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &keys[finalizer]) == LUA_TTABLE) return;
  lua_pop(L, 1);
  make_metatable(L, finalizer);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &keys[finalizer]);
}
