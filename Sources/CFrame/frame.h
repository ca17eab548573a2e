// SPDX-License-Identifier: BSD-3-Clause
//
// The declarations that the files of this target share. All functions that take a Lua state may raise an error, so
// that memory is userdata, which Lua's collector frees. The address of an array's elements is taken
// after the last allocation (see array.h).

#ifndef VTLUA_FRAME_H
#define VTLUA_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../CArrayLua/array.h"

// MARK: Functions for Lua, by file

int vtf_csv(lua_State *L);        // csv.c
int vtf_infer(lua_State *L);      // column.c
int vtf_take(lua_State *L);       // column.c
int vtf_compare(lua_State *L);    // compare.c
int vtf_rank(lua_State *L);       // rank.c
int vtf_codes(lua_State *L);      // codes.c
int vtf_aggregate(lua_State *L);  // aggregate.c
int vtf_join(lua_State *L);       // join.c
int vtf_format(lua_State *L);     // format.c

// MARK: Memory and stops (open.c)

/// Pushes memory of that size, unset.
void *vtf_memory(lua_State *L, size_t bytes);
/// Pushes an array of one axis, unset, and returns the address of its elements.
void *vtf_new_array(lua_State *L, va_dtype dtype, int64_t length);
/// Raises the stop of the evaluation if there is one. To be called every few thousand rows.
void vtf_check_stop(lua_State *L);

// MARK: Columns (column.c)

/// A column of rows: an array of one axis, or a list that may have holes.
typedef struct {
  bool is_list;
  int index;      // of the list on the stack
  va_view view;   // of the array
} vtf_column;

/// Reads the column at `index`; an error if it is neither a list nor an array of `rows` elements. An
/// array on the stack is replaced by one that nothing else refers to, so that its elements stay
/// where they are.
void vtf_read_column(lua_State *L, int index, int64_t rows, vtf_column *column);
/// The elements of an int64 array of one axis, one after another, at `index`. The array must be one
/// that these functions made.
int64_t *vtf_integers(lua_State *L, int index, int64_t *count);
/// A number of an array. Integers beyond 2^53 are rounded.
double vtf_number(const va_view *view, int64_t row);

// MARK: Numbers in text (number.c)

/// Reads a decimal number as Lua's `tonumber` does, with the digits of a float correctly rounded.
/// False for other text. "nan", "inf" and "-inf" are numbers, in any case of letters.
bool vtf_parse_number(const char *text, size_t length, double *value);
/// Reads an integer: a sign and digits. False if it does not fit.
bool vtf_parse_integer(const char *text, size_t length, int64_t *value);

// MARK: Codes (table.c)

/// A hash table that numbers different values from 0 in the order of their first appearance.
typedef struct {
  int slot;          // the stack index of its memory
  uint64_t *keys;    // the slots: the key, and its code + 1; 0 for an empty slot
  int64_t *codes;
  uint64_t mask;
  int64_t count;
} vtf_table;

/// Makes an empty table and pushes its memory.
void vtf_table_make(lua_State *L, vtf_table *table);
/// The code of a key.
int64_t vtf_table_code(lua_State *L, vtf_table *table, uint64_t key);

/// Mixes the bits of a number so that near numbers get distant hashes.
static inline uint64_t vtf_mix(uint64_t x) {
  __uint128_t product = (__uint128_t)(x ^ 0x9e3779b97f4a7c15u) * 0xd1342543de82ef95u;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}

#endif
