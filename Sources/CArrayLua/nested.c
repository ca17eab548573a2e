// SPDX-License-Identifier: BSD-3-Clause
//
// Nested lists as arrays, and arrays as nested lists.

#include <string.h>

#include "array.h"
#include "fuse.h"

typedef struct {
  lua_State *L;
  const char *function;
  va_view view;  // the shape; `axes` once it is known
  bool has_bool, has_number, has_float, has_complex;
  int64_t place[VA_MAX_AXES];  // the indices of the current list, from 1
  int depth;
  char *data;  // while elements are stored
  va_dtype dtype;
} reading;

/// Pushes "row 3", "row (1, 2)", or "the list".
static const char *push_row(reading *state, int depth) {
  if (depth == 0) return lua_pushliteral(state->L, "the list");
  if (depth == 1) return lua_pushfstring(state->L, "row %I", (LUAI_UACINT)state->place[0]);
  return lua_pushfstring(state->L, "row %s",
                         vta_push_shape_text(state->L, depth, state->place));
}

static int bad_element(reading *state, int64_t position, const char *what) {
  lua_State *L = state->L;
  if (state->depth == 0)
    return luaL_error(L, "%s: element %I is %s", state->function, (LUAI_UACINT)position, what);
  return luaL_error(L, "%s: element %I of %s is %s", state->function, (LUAI_UACINT)position,
                    push_row(state, state->depth), what);
}

static const char *push_kind(lua_State *L, int index) {
  if (lua_isnil(L, index)) return lua_pushliteral(L, "nil");
  const char *name = luaL_typename(L, index);
  if (vta_test(L, index)) return lua_pushliteral(L, "an array; use array.stack");
  return lua_pushfstring(L, "a %s", name);
}

/// Notes the kind of the element on top.
static void note_element(reading *state, int64_t position) {
  lua_State *L = state->L;
  switch (lua_type(L, -1)) {
    case LUA_TNUMBER:
      state->has_number = true;
      if (!lua_isinteger(L, -1)) state->has_float = true;
      return;
    case LUA_TBOOLEAN: state->has_bool = true; return;
    case LUA_TTABLE: bad_element(state, position, "a list, where other elements are not"); return;
    default: {
      vta_array *array = vta_test(L, -1);
      if (!array || array->axes > 0) {
        bad_element(state, position, push_kind(L, -1));
        return;
      }
      if (va_is_complex((va_dtype)array->dtype)) state->has_complex = true;
      if ((va_dtype)array->dtype == VA_BOOL) state->has_bool = true;
      else state->has_number = true;
      if (va_is_real((va_dtype)array->dtype)) state->has_float = true;
    }
  }
}

static int64_t list_length(reading *state) {
  lua_State *L = state->L;
  lua_Integer length = vta_list_length(L, -1);
  if (length == 0) {
    lua_pushnil(L);
    if (lua_next(L, -2))
      luaL_error(L, "%s: %s is a table with names, and a list is needed", state->function,
                 push_row(state, state->depth));
  }
  return length;
}

/// A list of this many elements may have one in its hash part, among the names.
enum { LEAST_IN_ARRAY = 1024 };

/// Raises an error if the list on top, whose `length` elements were read, has other keys; `n`, of
/// table.pack, may be its length.
static void check_keys(reading *state, int64_t length) {
  lua_State *L = state->L;
  if (length == 0) return;
  if (lua_getmetatable(L, -1)) {
    lua_pop(L, 1);
    return;
  }
  // The keys after that of the last element, which lies in the array part of a long list.
  if (length < LEAST_IN_ARRAY) lua_pushnil(L);
  else lua_pushinteger(L, length);
  for (int64_t i = 1; lua_next(L, -2); i++) {
    if (vta_is_turn_to_check(i)) vta_check_stop(L);
    if (lua_isinteger(L, -2)) {
      lua_Integer key = lua_tointeger(L, -2);
      lua_pop(L, 1);
      if (key >= 1 && key <= length) continue;
    } else {
      bool is_count = lua_type(L, -2) == LUA_TSTRING && strcmp(lua_tostring(L, -2), "n") == 0 &&
                      lua_isinteger(L, -1) && lua_tointeger(L, -1) == length;
      lua_pop(L, 1);
      if (is_count) continue;
    }
    const char *key = luaL_tolstring(L, -1, NULL);
    luaL_error(L, "%s: %s has the key %s beside its elements", state->function,
               push_row(state, state->depth), key);
  }
}

/// Finds the shape and the kinds of elements of the list on top.
static void measure(reading *state) {
  lua_State *L = state->L;
  luaL_checkstack(L, 8, "nested lists");
  int depth = state->depth;
  int64_t length = list_length(state);
  bool first = state->view.axes == 0 || depth >= state->view.axes;
  if (first && depth > 0) {
    for (int outer = 0; outer < depth; outer++)
      if (state->place[outer] != 1) {
        state->depth--;
        bad_element(state, state->place[depth - 1], "a list, where other elements are not");
      }
  }
  if (first && depth == VA_MAX_AXES)
    luaL_error(L, "%s: the lists are nested deeper than %d axes", state->function, VA_MAX_AXES);
  if (first) {
    state->view.shape[depth] = length;
    state->view.axes = depth + 1;
  } else if (state->view.shape[depth] != length) {
    int64_t ones[VA_MAX_AXES];
    for (int axis = 0; axis < depth; axis++) ones[axis] = 1;
    const char *here = push_row(state, depth);
    const char *one = depth == 1 ? "row 1"
                                 : lua_pushfstring(L, "row %s", vta_push_shape_text(L, depth, ones));
    luaL_error(L, "%s: %s has %I element%s, where %s has %I", state->function, here,
               (LUAI_UACINT)length, length == 1 ? "" : "s", one, (LUAI_UACINT)state->view.shape[depth]);
  }
  for (int64_t i = 1; i <= length; i++) {
    if (vta_is_turn_to_check(i)) vta_check_stop(L);
    lua_geti(L, -1, i);
    bool nested = lua_type(L, -1) == LUA_TTABLE;
    if (nested && (depth + 1 < state->view.axes || i == 1)) {
      state->place[depth] = i;
      state->depth = depth + 1;
      measure(state);
      state->depth = depth;
    } else if (depth + 1 < state->view.axes) {
      bad_element(state, i, nested ? "a list" : lua_pushfstring(
          L, "%s, where element 1 is a list", push_kind(L, -1)));
    } else {
      note_element(state, i);
    }
    lua_pop(L, 1);
  }
  check_keys(state, length);
}

/// Stores the elements of the list on top.
static void store(reading *state, int depth) {
  lua_State *L = state->L;
  size_t size = va_size(state->dtype);
  for (int64_t i = 1; i <= state->view.shape[depth]; i++) {
    if (vta_is_turn_to_check(i)) vta_check_stop(L);
    lua_geti(L, -1, i);
    if (depth + 1 < state->view.axes) {
      if (lua_type(L, -1) != LUA_TTABLE) luaL_error(L, "%s: the list has changed", state->function);
      store(state, depth + 1);
    } else {
      vta_read_element(L, -1, state->dtype, state->data);
      state->data += size;
    }
    lua_pop(L, 1);
  }
}

static va_dtype found_type(reading *state) {
  if (state->has_bool && (state->has_number || state->has_complex))
    luaL_error(state->L, "%s: the list has booleans and numbers", state->function);
  if (state->has_bool) return VA_BOOL;
  if (state->has_complex) return VA_COMPLEX128;
  return state->has_float || !state->has_number ? VA_FLOAT64 : VA_INT64;
}

vta_array *vta_push_nested(lua_State *L, int index, va_dtype dtype, const char *function) {
  reading state = {.L = L, .function = function};
  lua_pushvalue(L, index);
  measure(&state);
  state.dtype = dtype != VA_DTYPES ? dtype : found_type(&state);
  state.view.dtype = state.dtype;
  vta_array *array = vta_new(L, &state.view, true);
  lua_insert(L, -2);
  state.data = state.view.data;
  store(&state, 0);
  lua_pop(L, 1);
  return array;
}

vta_array *vta_push_collected(lua_State *L, va_view *view, const char *function) {
  vta_array *array = vta_push_nested(L, lua_gettop(L), view->dtype, function);
  va_view list, shaped = *view;
  vta_view(L, array, &list);
  shaped.dtype = list.dtype;
  shaped.data = list.data;
  va_set_strides(&shaped);
  return vta_push_view(L, array, &shaped);
}

/// The type of a scalar's array, when none is given.
static va_dtype scalar_type(lua_State *L, int index) {
  if (lua_type(L, index) == LUA_TBOOLEAN) return VA_BOOL;
  return lua_isinteger(L, index) ? VA_INT64 : VA_FLOAT64;
}

vta_array *vta_to_array(lua_State *L, int index, va_dtype dtype, const char *function) {
  vta_array *array = vta_test(L, index);
  if (array) return array;
  int type = lua_type(L, index);
  if (type == LUA_TTABLE) {
    array = vta_push_nested(L, index, dtype, function);
  } else if (type == LUA_TNUMBER || type == LUA_TBOOLEAN) {
    va_view view = {.dtype = dtype != VA_DTYPES ? dtype : scalar_type(L, index)};
    array = vta_new(L, &view, true);
    vta_read_element(L, index, view.dtype, view.data);
  } else if (vta_test_symbol(L, index)) {
    vta_refuse_symbol(L, function);
  } else {
    luaL_error(L, "%s: an array, a list or a number is needed, got %s", function,
               luaL_typename(L, index));
  }
  lua_replace(L, index);
  return array;
}

// MARK: Lists

/// Pushes the list of the elements from an axis on. `offset` is that of the first one.
static void push_list(lua_State *L, const vta_array *array, int axis, int64_t offset) {
  luaL_checkstack(L, 6, "nested lists");
  int64_t length = array->lengths[axis], stride = array->lengths[array->axes + axis];
  lua_createtable(L, length < 1 << 30 ? (int)length : 0, 0);
  vta_check_stop(L);
  for (int64_t i = 0; i < length; i++) {
    if (vta_is_turn_to_check(i)) vta_check_stop(L);
    if (axis + 1 < array->axes) {
      push_list(L, array, axis + 1, offset + i * stride);
    } else {
      // The block may have been replaced by a finalizer, which creating a table may run.
      if (!array->storage) luaL_error(L, "the array was closed");
      vta_push_element(L, (va_dtype)array->dtype,
                       va_block_data(array->storage->block) + array->offset + offset + i * stride);
    }
    lua_rawseti(L, -2, i + 1);
  }
}

void vta_push_lists(lua_State *L, const vta_array *array) {
  va_view view;
  vta_view(L, array, &view);
  if (view.axes == 0) vta_push_element(L, view.dtype, view.data);
  else push_list(L, array, 0, 0);
}
