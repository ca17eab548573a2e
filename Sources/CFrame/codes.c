// SPDX-License-Identifier: BSD-3-Clause
//
// Numbers rows by the values in their columns: equal rows have equal codes.

#include <math.h>
#include <string.h>

#include "frame.h"

// MARK: Keys of arrays

/// The bits of an element that equal values share. Floats: -0 is 0, and there is one NaN.
static uint64_t key_of(const va_view *view, int64_t row, bool as_float) {
  const char *at = view->data + row * view->strides[0];
  if (!as_float) {
    switch (view->dtype) {
      case VA_BOOL:
      case VA_UINT8: return *(const uint8_t *)at;
      case VA_INT8: return (uint64_t)*(const int8_t *)at;
      case VA_INT16: return (uint64_t)*(const int16_t *)at;
      case VA_UINT16: return *(const uint16_t *)at;
      case VA_INT32: return (uint64_t)*(const int32_t *)at;
      case VA_UINT32: return *(const uint32_t *)at;
      default: return *(const uint64_t *)at;
    }
  }
  double value = vtf_number(view, row);
  uint64_t bits;
  if (value != value) return 0x7ff8000000000000u;
  value += 0.0;  // -0 becomes 0
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/// Finds the least and the greatest integer; false if they are too far apart for a direct table.
static bool is_dense(const va_view *const *views, const int64_t *rows, int parts, int64_t *least,
                     uint64_t *range) {
  int64_t low = INT64_MAX, high = INT64_MIN, count = 0;
  for (int part = 0; part < parts; part++) {
    for (int64_t i = 0; i < rows[part]; i++) {
      int64_t value = (int64_t)key_of(views[part], i, false);
      if (value < low) low = value;
      if (value > high) high = value;
    }
    count += rows[part];
  }
  if (count == 0) return false;
  *least = low;
  *range = (uint64_t)high - (uint64_t)low;
  uint64_t limit = 4 * (uint64_t)count;
  return *range < (limit > 4096 ? limit : 4096);
}

/// Numbers the values of arrays. The codes are written to `codes`, part after part. A missing value has
/// the code -1 with `skip`.
static int64_t code_arrays(
    lua_State *L, const va_view *const *views, const int64_t *rows, int parts, int64_t *codes,
    bool skip) {
  bool as_float = false;
  for (int part = 0; part < parts; part++) as_float |= va_is_real(views[part]->dtype);
  int64_t least;
  uint64_t range;
  if (!as_float && is_dense(views, rows, parts, &least, &range)) {
    int64_t *direct = vtf_memory(L, (range + 1) * sizeof *direct), count = 0;
    memset(direct, 0, (range + 1) * sizeof *direct);
    for (int part = 0; part < parts; part++)
      for (int64_t i = 0; i < rows[part]; i++) {
        int64_t *at = &direct[key_of(views[part], i, false) - (uint64_t)least];
        if (!*at) *at = ++count;
        *codes++ = *at - 1;
      }
    lua_pop(L, 1);
    return count;
  }
  vtf_table table;
  vtf_table_make(L, &table);
  for (int part = 0; part < parts; part++)
    for (int64_t i = 0; i < rows[part]; i++) {
      if ((i & 0xffff) == 0) vtf_check_stop(L);
      uint64_t key = key_of(views[part], i, as_float);
      *codes++ = skip && as_float && key == 0x7ff8000000000000u ? -1
                                                                : vtf_table_code(L, &table, key);
    }
  lua_pop(L, 1);
  return table.count;
}

// MARK: Keys of lists

/// A value that has a code.
typedef struct {
  const char *text;  // NULL for a number, a boolean or nil
  size_t length;     // of the text
  uint64_t bits;     // of the number or boolean, or the hash of the text
  enum { A_TEXT, AN_INTEGER, A_FLOAT, A_BOOLEAN, NOTHING } type;
} known_value;

static uint64_t hash_text(const char *text, size_t length) {
  uint64_t hash = length * 0x9e3779b97f4a7c15u;
  while (length >= 8) {
    uint64_t word;
    memcpy(&word, text, 8);
    hash = vtf_mix(hash ^ word);
    text += 8, length -= 8;
  }
  if (length) {
    uint64_t word = 0;
    memcpy(&word, text, length);
    hash = vtf_mix(hash ^ word);
  }
  return hash;
}

/// Reads the value on top. False for a missing one. A float with the value of an integer equals it.
static bool read_value(lua_State *L, known_value *value, int64_t row) {
  *value = (known_value){.type = NOTHING};
  switch (lua_type(L, -1)) {
    case LUA_TNIL: return false;
    case LUA_TBOOLEAN:
      value->type = A_BOOLEAN;
      value->bits = (uint64_t)lua_toboolean(L, -1);
      return true;
    case LUA_TNUMBER: {
      lua_Number number = lua_tonumber(L, -1);
      lua_Integer integer = lua_tointeger(L, -1);
      if (number != number) return false;
      value->type = lua_isinteger(L, -1) || (double)integer == number ? AN_INTEGER : A_FLOAT;
      if (value->type == AN_INTEGER) value->bits = (uint64_t)integer;
      else memcpy(&value->bits, &number, sizeof number);
      return true;
    }
    case LUA_TSTRING:
      value->text = lua_tolstring(L, -1, &value->length);
      value->bits = hash_text(value->text, value->length);
      value->type = A_TEXT;
      return true;
    default:
      luaL_error(L, "row %I of a column is a %s, which cannot be a key", (LUAI_UACINT)row,
                 luaL_typename(L, -1));
      return false;
  }
}

static bool is_known(const known_value *known, const known_value *value) {
  if (known->type != value->type || known->bits != value->bits) return false;
  return known->text == value->text ||
         (known->length == value->length && memcmp(known->text, value->text, value->length) == 0);
}

static int64_t code_lists(
    lua_State *L, const int *indices, const int64_t *rows, int parts, int64_t *codes, bool skip) {
  vtf_table table;
  vtf_table_make(L, &table);
  int64_t room = 1024;
  known_value *known = vtf_memory(L, (size_t)room * sizeof *known);
  int slot = lua_gettop(L);
  for (int part = 0; part < parts; part++) {
    for (int64_t i = 0; i < rows[part]; i++) {
      if ((i & 0xffff) == 0) vtf_check_stop(L);
      known_value value;
      lua_rawgeti(L, indices[part], i + 1);
      if (!read_value(L, &value, i + 1) && skip) {
        lua_pop(L, 1);
        *codes++ = -1;
        continue;
      }
      lua_pop(L, 1);  // the list keeps the text alive
      // Of different values with one hash, the next ones get the hash after it.
      for (uint64_t key = value.bits + value.type * 0x5bd1e995u;; key = vtf_mix(key + 1)) {
        int64_t before = table.count, code = vtf_table_code(L, &table, key);
        if (code == before) {
          if (code == room) {
            known_value *more = vtf_memory(L, 2 * (size_t)room * sizeof *more);
            memcpy(more, known, (size_t)room * sizeof *known);
            known = more;
            room *= 2;
            lua_replace(L, slot);
          }
          known[code] = value;
        } else if (!is_known(&known[code], &value)) {
          continue;
        }
        *codes++ = code;
        break;
      }
    }
  }
  lua_pop(L, 2);
  return table.count;
}

// MARK: Several columns

/// Combines the codes of two columns.
static int64_t combine(lua_State *L, int64_t *codes, const int64_t *others, int64_t others_count,
                       int64_t rows) {
  vtf_table table;
  vtf_table_make(L, &table);
  for (int64_t i = 0; i < rows; i++) {
    if ((i & 0xffff) == 0) vtf_check_stop(L);
    if (codes[i] < 0 || others[i] < 0) codes[i] = -1;
    else codes[i] = vtf_table_code(L, &table, (uint64_t)(codes[i] * others_count + others[i]));
  }
  lua_pop(L, 1);
  return table.count;
}

/// Codes of one column, in one or two parts at `index` of the lists of columns.
static int64_t code_column(
    lua_State *L, int column, const int64_t *rows, int parts, int64_t *codes, bool skip) {
  vtf_column read[2];
  int indices[2];
  const va_view *views[2];
  int lists = 0;
  for (int part = 0; part < parts; part++) {
    lua_rawgeti(L, 1 + 2 * part, column);
    vtf_read_column(L, -1, rows[part], &read[part]);
    indices[part] = read[part].index;
    views[part] = &read[part].view;
    if (!read[part].is_list && va_is_complex(read[part].view.dtype))
      luaL_error(L, "complex numbers cannot be keys");
    lists += read[part].is_list;
  }
  if (lists > 0 && lists < parts)
    luaL_error(L, "a column of numbers and one of texts have no common keys");
  int64_t count = lists ? code_lists(L, indices, rows, parts, codes, skip)
                        : code_arrays(L, views, rows, parts, codes, skip);
  lua_pop(L, parts);
  return count;
}

/// codes(columns, rows [, columns, rows]): for each row the code of its values, from 1 in the order of
/// first appearance, and the number of codes. With columns of two frames: the codes of both, and a row
/// with a missing value has the code 0. Codes are int64 arrays.
int vtf_codes(lua_State *L) {
  int parts = lua_gettop(L) >= 4 ? 2 : 1;
  int64_t rows[2] = {luaL_checkinteger(L, 2), parts == 2 ? luaL_checkinteger(L, 4) : 0};
  lua_settop(L, 2 * parts);
  int64_t all = rows[0] + rows[1];
  int columns = (int)lua_rawlen(L, 1);
  bool skip = parts == 2;
  int64_t *results[2] = {NULL, NULL};
  for (int part = 0; part < parts; part++) results[part] = vtf_new_array(L, VA_INT64, rows[part]);
  int top = lua_gettop(L);
  int64_t *codes = vtf_memory(L, (size_t)all * sizeof *codes);
  int64_t *others = columns > 1 ? vtf_memory(L, (size_t)all * sizeof *others) : NULL;
  int64_t count = code_column(L, 1, rows, parts, codes, skip);
  for (int column = 2; column <= columns; column++) {
    int64_t more = code_column(L, column, rows, parts, others, skip);
    count = combine(L, codes, others, more, all);
  }
  for (int part = 0; part < parts; part++)
    for (int64_t i = 0; i < rows[part]; i++) *results[part]++ = *codes++ + 1;
  lua_settop(L, top);
  lua_pushinteger(L, count);
  return parts + 1;
}
