// SPDX-License-Identifier: BSD-3-Clause
//
// CSV text as columns. After a look at the first lines, two passes at most: the first one finds the
// types of columns without one and stores what it can, the second one reads the columns whose type
// has turned out to be another.

#include <math.h>

#include "csv.h"

static bool same(const vtf_field *field, const vtf_text *text) {
  return field->length == text->length && memcmp(field->text, text->bytes, text->length) == 0;
}

static bool is_absent(const vtf_texts *absent, const vtf_field *field) {
  if (field->length > absent->longest) return false;
  for (int i = 0; i < absent->count; i++)
    if (same(field, &absent->texts[i])) return true;
  return false;
}

// MARK: Storing fields

/// Pushes the text of a field.
static void push_text(lua_State *L, const vtf_field *field) {
  if (!field->doubled) {
    lua_pushlstring(L, field->text, field->length);
    return;
  }
  luaL_Buffer buffer;
  char *to = luaL_buffinitsize(L, &buffer, field->length), *from = to;
  for (size_t i = 0; i < field->length; i++) {
    *to++ = field->text[i];
    if (field->text[i] == '"') i++;
  }
  luaL_pushresultsize(&buffer, (size_t)(to - from));
}

/// Reads "true" and "false"; with `any_case` also "True" and "TRUE".
static bool parse_boolean(const vtf_field *field, bool any_case, bool *value) {
  static const char *const words[] = {"true", "True", "TRUE", "false", "False", "FALSE"};
  for (int i = 0; i < 6; i++) {
    if (!any_case && i % 3) continue;
    if (field->length == strlen(words[i]) && memcmp(field->text, words[i], field->length) == 0) {
      *value = i < 3;
      return true;
    }
  }
  return false;
}

/// True if the text of a number has digits after a zero, as codes and not numbers have.
static bool has_leading_zero(const vtf_field *field) {
  const char *text = field->text;
  size_t length = field->length;
  if (length && (*text == '-' || *text == '+')) text++, length--;
  return length > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
}

/// Turns the integers of a column into floats, in place.
static void widen(vtf_csv_column *column, int64_t rows) {
  for (int64_t i = 0; i < rows; i++) {
    int64_t value = column->integers[i];
    if (value > (int64_t)1 << 53 || value < -((int64_t)1 << 53)) column->is_wide = true;
    column->numbers[i] = (double)value;
  }
  column->kind = VTF_AUTO_NUMBER;
}

/// Stores a field of a column whose type is not known yet. Sets the type to the one that fits so far.
static void store_any(
    const vtf_csv_options *options, vtf_csv_column *column, int64_t row, const vtf_field *field) {
  if (field->doubled) goto text;
  if (is_absent(&options->absent, field)) {
    if (column->kind == VTF_AUTO_INTEGER) widen(column, row);
    if (column->kind == VTF_AUTO_BOOLEAN) column->has_missing = true;
    else column->numbers[row] = NAN;
    column->has_missing = true;
    return;
  }
  switch (column->kind) {
    case VTF_AUTO_BOOLEAN: {
      bool value;
      if (!parse_boolean(field, true, &value)) goto text;
      column->booleans[row] = value;
      return;
    }
    case VTF_AUTO:
    case VTF_AUTO_INTEGER: {
      if (has_leading_zero(field)) goto text;
      if (vtf_parse_integer(field->text, field->length, &column->integers[row])) {
        if (column->kind == VTF_AUTO && !column->has_missing) column->kind = VTF_AUTO_INTEGER;
        if (column->kind == VTF_AUTO) {
          int64_t value = column->integers[row];
          if (value > (int64_t)1 << 53 || value < -((int64_t)1 << 53)) column->is_wide = true;
          column->numbers[row] = (double)value;
          column->kind = VTF_AUTO_NUMBER;
        }
        return;
      }
      bool value;
      if (column->kind == VTF_AUTO && parse_boolean(field, true, &value)) {
        // Missing values before it need a list, which the second pass makes.
        column->kind = VTF_AUTO_BOOLEAN;
        column->booleans[row] = value;
        return;
      }
      double number;
      if (!vtf_parse_number(field->text, field->length, &number)) goto text;
      if (column->kind == VTF_AUTO_INTEGER) widen(column, row);
      column->kind = VTF_AUTO_NUMBER;
      goto number;
    }
    default: goto number;
  }
number:
  if (has_leading_zero(field) ||
      !vtf_parse_number(field->text, field->length, &column->numbers[row]))
    goto text;
  bool only_digits = true;
  for (size_t i = 0; i < field->length; i++)
    only_digits &= field->text[i] != '.' && (field->text[i] | 32) != 'e' && (field->text[i] | 32) != 'n';
  if (!only_digits) column->has_fraction = true;
  else if (fabs(column->numbers[row]) > 9007199254740992.0) column->is_wide = true;
  return;
text:
  column->kind = VTF_LATER_TEXT;
}

/// Stores a field, or nil for one that is not there. False for a fault.
static bool store(
    lua_State *L, const vtf_csv_options *options, vtf_csv_column *column, int64_t row,
    const vtf_field *field) {
  switch (column->kind) {
    case VTF_SKIP:
    case VTF_LATER_TEXT: return true;
    case VTF_TEXT:
      if (!is_absent(&options->absent_texts, field) || field->doubled) {
        push_text(L, field);
        lua_rawseti(L, column->slot, row + 1);
      }
      return true;
    case VTF_BOOLEAN_LIST: {
      bool value;
      if (!is_absent(&options->absent, field) && parse_boolean(field, true, &value)) {
        lua_pushboolean(L, value);
        lua_rawseti(L, column->slot, row + 1);
      }
      return true;
    }
    case VTF_NUMBER:
      if (field->doubled) return false;
      if (options->has_number && is_absent(&options->absent, field))
        column->numbers[row] = options->number;
      else if (!vtf_parse_number(field->text, field->length, &column->numbers[row])) return false;
      return true;
    case VTF_INTEGER:
      if (field->doubled) return false;
      if (options->has_integer && is_absent(&options->absent, field))
        column->integers[row] = options->integer;
      else if (!vtf_parse_integer(field->text, field->length, &column->integers[row])) return false;
      return true;
    case VTF_BOOLEAN: {
      bool value;
      if (field->doubled) return false;
      if (options->has_boolean && is_absent(&options->absent, field)) value = options->boolean;
      else if (!parse_boolean(field, false, &value)) return false;
      column->booleans[row] = value;
      return true;
    }
    default: store_any(options, column, row, field); return true;
  }
}

// MARK: Passes

/// Reads the records from `reader.at` on. Returns their number, or -1 for a fault.
static int64_t read_records(
    lua_State *L, const vtf_csv_options *options, vtf_csv_column *columns, int width) {
  vtf_reader reader = options->reader;
  int64_t row = 0;
  while (vtf_next_record(&reader)) {
    if ((row & 4095) == 0) vtf_check_stop(L);
    vtf_field field;
    vtf_found found = VTF_FIELD;
    int column = 0;
    for (; found == VTF_FIELD && column < width; column++) {
      found = vtf_next_field(&reader, &field);
      if (found == VTF_FAULT || !store(L, options, &columns[column], row, &field)) return -1;
    }
    if (column < width) {
      if (!options->fill) return -1;
      field = (vtf_field){"", 0, false};
      for (; column < width; column++)
        if (!store(L, options, &columns[column], row, &field)) return -1;
    }
    while (found == VTF_FIELD) {
      found = vtf_next_field(&reader, &field);
      if (found == VTF_FAULT) return -1;
      if (!options->truncate && !(options->fill && field.length == 0)) return -1;
    }
    row++;
  }
  return row;
}

/// Pushes what the columns are stored in. `rows` is the largest number of records.
static void make_columns(lua_State *L, vtf_csv_column *columns, int width, int64_t rows) {
  for (int i = 0; i < width; i++) {
    vtf_csv_column *column = &columns[i];
    if (column->slot) continue;
    switch (column->kind) {
      case VTF_SKIP: continue;
      case VTF_TEXT:
      case VTF_BOOLEAN_LIST: lua_createtable(L, (int)(rows < INT32_MAX ? rows : INT32_MAX), 0); break;
      case VTF_BOOLEAN: column->booleans = vtf_new_array(L, VA_BOOL, rows); break;
      default: column->numbers = vtf_new_array(L, VA_FLOAT64, rows);
    }
    column->slot = lua_gettop(L);
  }
}

/// The type of a column after the first pass: true if it must be read again.
static bool settle(vtf_csv_column *column) {
  if (column->kind == VTF_AUTO_NUMBER && column->is_wide && !column->has_fraction)
    column->kind = VTF_LATER_TEXT;  // integers that a float cannot hold
  if (column->kind == VTF_LATER_TEXT) column->kind = VTF_TEXT;
  else if (column->kind == VTF_AUTO_BOOLEAN && column->has_missing) column->kind = VTF_BOOLEAN_LIST;
  else return false;
  column->slot = 0;
  return true;
}

/// The most records that the text can have.
static int64_t count_lines(lua_State *L, const char *at, const char *end) {
  int64_t lines = 1;
  for (; at < end; lines++) {
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    if (!stop) break;
    at = stop + 1;
    if ((lines & 0xffff) == 0) vtf_check_stop(L);
  }
  return lines;
}

/// Finds columns of texts in the first lines, so that most texts need one pass. A column that has a text
/// has texts, whatever follows.
static void find_texts(
    lua_State *L, const vtf_csv_options *options, vtf_csv_column *columns, int width) {
  enum { LINES = 100 };
  int top = lua_gettop(L);
  vtf_csv_options first = *options;
  const char *end = options->reader.at;
  for (int line = 0; line < LINES && end < options->reader.end; line++) {
    const char *stop = memchr(end, '\n', (size_t)(options->reader.end - end));
    end = stop ? stop + 1 : options->reader.end;
  }
  first.reader.end = end;
  vtf_csv_column *trial = vtf_memory(L, (size_t)(width + 1) * sizeof *trial);
  memset(trial, 0, (size_t)(width + 1) * sizeof *trial);
  for (int i = 0; i < width; i++)
    if (columns[i].kind == VTF_AUTO) trial[i].kind = VTF_AUTO;
  make_columns(L, trial, width, LINES + 1);
  read_records(L, &first, trial, width);
  for (int i = 0; i < width; i++)
    if (trial[i].kind == VTF_LATER_TEXT) columns[i].kind = VTF_TEXT;
  lua_settop(L, top);
}

/// Pushes the finished column of `rows` elements.
static void push_column(lua_State *L, const vtf_csv_column *column, int64_t rows) {
  va_dtype dtype = VA_FLOAT64;
  switch (column->kind) {
    case VTF_SKIP: lua_pushboolean(L, false); return;
    case VTF_TEXT:
    case VTF_BOOLEAN_LIST: lua_pushvalue(L, column->slot); return;
    case VTF_INTEGER:
    case VTF_AUTO_INTEGER: dtype = VA_INT64; break;
    case VTF_BOOLEAN:
    case VTF_AUTO_BOOLEAN: dtype = VA_BOOL; break;
    default: break;
  }
  vta_array *array = vta_test(L, column->slot);
  va_view view;
  vta_view(L, array, &view);
  view.dtype = dtype;
  view.shape[0] = rows;
  va_set_strides(&view);
  vta_push_view(L, array, &view);
}

static vtf_kind read_kind(lua_State *L, int index) {
  static const char *const names[] = {"auto", "string", "number", "integer", "boolean", "skip", NULL};
  static const vtf_kind kinds[] = {VTF_AUTO,    VTF_TEXT,    VTF_NUMBER,
                                   VTF_INTEGER, VTF_BOOLEAN, VTF_SKIP};
  return kinds[luaL_checkoption(L, index, NULL, names)];
}

/// csv(text, offset, options, kinds): the columns and the number of records; nothing if the text has
/// a fault. `kinds` has a type for each column.
int vtf_csv(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  lua_Integer offset = luaL_checkinteger(L, 2);
  luaL_checktype(L, 3, LUA_TTABLE);
  luaL_checktype(L, 4, LUA_TTABLE);
  lua_settop(L, 4);
  vtf_csv_options options = {0};
  vtf_csv_read_options(L, 3, &options);
  options.reader.at = text + (offset < 0 || (size_t)offset > length ? length : (size_t)offset);
  options.reader.end = text + length;
  lua_Unsigned count = lua_rawlen(L, 4);
  if (count > 100000) return 0;
  int width = (int)count;
  luaL_checkstack(L, 2 * width + 20, "columns");
  vtf_csv_column *columns = vtf_memory(L, (count + 1) * sizeof *columns);
  memset(columns, 0, (count + 1) * sizeof *columns);
  for (int i = 0; i < width; i++) {
    lua_rawgeti(L, 4, i + 1);
    columns[i].kind = read_kind(L, -1);
    lua_pop(L, 1);
  }
  find_texts(L, &options, columns, width);
  int64_t most = count_lines(L, options.reader.at, options.reader.end);
  make_columns(L, columns, width, most);
  int64_t rows = read_records(L, &options, columns, width);
  if (rows < 0) return 0;
  vtf_csv_column *again = vtf_memory(L, (count + 1) * sizeof *again);
  memset(again, 0, (count + 1) * sizeof *again);
  bool any = false;
  for (int i = 0; i < width; i++) {
    if (!settle(&columns[i])) continue;
    again[i].kind = columns[i].kind;
    any = true;
  }
  if (any) {
    make_columns(L, again, width, rows);
    read_records(L, &options, again, width);
    for (int i = 0; i < width; i++)
      if (again[i].kind != VTF_SKIP) columns[i] = again[i];
  }
  lua_createtable(L, width, 0);
  for (int i = 0; i < width; i++) {
    push_column(L, &columns[i], rows);
    lua_rawseti(L, -2, i + 1);
  }
  lua_pushinteger(L, rows);
  return 2;
}
