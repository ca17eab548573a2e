// SPDX-License-Identifier: BSD-3-Clause
//
// A hash table from 64-bit keys to numbers in the order of appearance, with open addressing.

#include <string.h>

#include "frame.h"

enum { FIRST_SIZE = 1024 };

static void set_memory(vtf_table *table, void *memory, uint64_t size) {
  memset(memory, 0, size * 16);
  table->keys = memory;
  table->codes = (int64_t *)memory + size;
  table->mask = size - 1;
}

void vtf_table_make(lua_State *L, vtf_table *table) {
  set_memory(table, vtf_memory(L, FIRST_SIZE * 16), FIRST_SIZE);
  table->slot = lua_gettop(L);
  table->count = 0;
}

static void insert(vtf_table *table, uint64_t key, int64_t code) {
  uint64_t at = vtf_mix(key) & table->mask;
  while (table->codes[at]) at = (at + 1) & table->mask;
  table->keys[at] = key;
  table->codes[at] = code;
}

static void grow(lua_State *L, vtf_table *table) {
  vtf_table old = *table;
  uint64_t size = 4 * (table->mask + 1);
  set_memory(table, vtf_memory(L, size * 16), size);
  for (uint64_t i = 0; i <= old.mask; i++)
    if (old.codes[i]) insert(table, old.keys[i], old.codes[i]);
  lua_replace(L, table->slot);
}

int64_t vtf_table_code(lua_State *L, vtf_table *table, uint64_t key) {
  uint64_t at = vtf_mix(key) & table->mask;
  for (;; at = (at + 1) & table->mask) {
    if (!table->codes[at]) break;
    if (table->keys[at] == key) return table->codes[at] - 1;
  }
  table->keys[at] = key;
  table->codes[at] = ++table->count;
  if ((uint64_t)table->count * 2 > table->mask) grow(L, table);
  return table->count - 1;
}
