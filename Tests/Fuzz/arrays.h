// SPDX-License-Identifier: BSD-3-Clause
//
// The smallest array library that serialization can use: a userdata with the description and the
// elements.

#ifndef VTLUA_FUZZ_ARRAYS_H
#define VTLUA_FUZZ_ARRAYS_H

#include <string.h>

#include "Arrays.h"

typedef struct {
  const void *tag;
  vts_array array;
  char bytes[];
} fuzz_array;

static const char fuzz_tag;

static fuzz_array *fuzz_array_at(lua_State *state, int index) {
  fuzz_array *found = lua_touserdata(state, index);
  return found && lua_rawlen(state, index) >= sizeof *found && found->tag == &fuzz_tag ? found : NULL;
}

static bool fuzz_describe(lua_State *state, int index, vts_array *array) {
  fuzz_array *found = fuzz_array_at(state, index);
  if (found) *array = found->array;
  return found;
}

static void fuzz_copy(lua_State *state, int index, void *to) {
  fuzz_array *found = fuzz_array_at(state, index);
  memcpy(to, found->bytes, found->array.bytes);
}

static void *fuzz_create(lua_State *state, const vts_array *array) {
  fuzz_array *made = lua_newuserdatauv(state, sizeof *made + array->bytes, 0);
  made->tag = &fuzz_tag;
  made->array = *array;
  // Every element is set by the decoder, or this shows.
  memset(made->bytes, 0xA5, array->bytes);
  return made->bytes;
}

static const vts_array_functions fuzz_arrays = {
    .describe = fuzz_describe, .copy = fuzz_copy, .create = fuzz_create};

#endif
