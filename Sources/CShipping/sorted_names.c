// SPDX-License-Identifier: BSD-3-Clause

#include "sorted_names.h"

#include <stdlib.h>
#include <string.h>

static const char *const standard[VTS_STANDARD] = {
    "_G", "coroutine", "table", "io", "os", "string", "math", "utf8", "debug", "package"};

bool vts_is_standard(const char *name, size_t length) {
  for (int i = 0; i < VTS_STANDARD; i++)
    if (strlen(standard[i]) == length && memcmp(standard[i], name, length) == 0) return true;
  return false;
}

int vts_rank(const vts_name *name) {
  int rank = 0;
  while (rank < VTS_STANDARD && strcmp(standard[rank], name->bytes) != 0) rank++;
  return rank;
}

static int compare_names(const void *a, const void *b) {
  const vts_name *one = a, *other = b;
  size_t length = one->length < other->length ? one->length : other->length;
  int order = memcmp(one->bytes, other->bytes, length);
  return order ? order : one->length < other->length ? -1 : one->length > other->length;
}

static int compare_modules(const void *a, const void *b) {
  int one = vts_rank(a), other = vts_rank(b);
  return one != other ? one - other : compare_names(a, b);
}

static vts_name *push_sorted(lua_State *L, size_t *count,
                             int (*order)(const void *, const void *)) {
  int table = lua_gettop(L);
  *count = 0;
  for (lua_pushnil(L); lua_next(L, table); lua_settop(L, -2)) ++*count;
  vts_name *names = lua_newuserdatauv(L, (*count + 1) * sizeof *names, 0);
  size_t i = 0;
  for (lua_pushnil(L); i < *count && lua_next(L, table); lua_settop(L, -2)) {
    if (lua_type(L, -2) != LUA_TSTRING) continue;
    names[i].bytes = lua_tolstring(L, -2, &names[i].length);
    i++;
  }
  lua_settop(L, table + 1);
  *count = i;
  if (i) qsort(names, i, sizeof *names, order);
  return names;
}

vts_name *vts_push_names(lua_State *L, size_t *count) { return push_sorted(L, count, compare_names); }

vts_name *vts_push_modules(lua_State *L, size_t *count) {
  return push_sorted(L, count, compare_modules);
}
