// SPDX-License-Identifier: BSD-3-Clause
//
// .npy and .npz files. They are read and written by the library `files`, as all files of a flow.

#include <CLuaGuard.h>
#include <NPY.h>
#include <string.h>

#include "array.h"
#include "options.h"

static const char *path_argument(lua_State *L, const char *function) {
  if (lua_type(L, 1) != LUA_TSTRING)
    luaL_error(L, "%s: the path must be a string, got %s", function, luaL_typename(L, 1));
  return lua_tostring(L, 1);
}

static bool ends_in(const char *text, size_t length, const char *end) {
  size_t size = strlen(end);
  return length >= size && memcmp(text + length - size, end, size) == 0;
}

/// Calls files.NAME with the arguments on top, and leaves its result.
static void call_files(lua_State *L, const char *name, int arguments) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "files");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, name);
  lua_insert(L, -2 - arguments);
  lua_pop(L, 1);
  if (lua_pcall(L, arguments, 1, 0) == LUA_OK) return;
  // The library has no line to name; the caller of this function has.
  luaL_where(L, 1);
  lua_insert(L, -2);
  if (lua_type(L, -1) == LUA_TSTRING) lua_concat(L, 2);
  lua_error(L);
}

/// The checksum of bytes. Looks for a stop between parts.
static uint32_t checksum_of(lua_State *L, const char *bytes, size_t length) {
  enum { PART = 1 << 26 };
  uint32_t sum = 0;
  for (size_t done = 0; done < length; done += PART) {
    vta_check_stop(L);
    sum = va_crc32(sum, bytes + done, length - done < PART ? length - done : PART);
  }
  return sum;
}

// MARK: Reading

/// Raises the error of a file or of a member.
static int bad_file(lua_State *L, const char *path, const va_zip_member *member, const char *message) {
  if (!member) return luaL_error(L, "%s: %s", path, message);
  const char *name = lua_pushlstring(L, member->name, member->name_length);
  return luaL_error(L, "%s: %s %s", path, name, message);
}

/// Pushes the array of a .npy file that is in memory. Memory of Lua strings and userdata does not
/// move.
static void push_npy(
    lua_State *L, const char *bytes, size_t length, const char *path, const va_zip_member *member) {
  va_npy npy;
  char message[200];
  if (!va_npy_parse(bytes, length, length, &npy, message, sizeof message))
    bad_file(L, path, member, message);
  va_view view = npy.view;
  vta_new(L, &view, false);
  va_npy_decode(&npy, bytes + npy.data, &view);
}

static void push_npz(lua_State *L, const char *bytes, size_t length, const char *path) {
  size_t directory, members;
  va_zip_member member;
  char message[200];
  if (!va_zip_open(bytes, length, &directory, &members, message, sizeof message))
    bad_file(L, path, NULL, message);
  lua_newtable(L);
  for (size_t i = 0; i < members; i++) {
    if (!va_zip_next(bytes, length, &directory, &member, message, sizeof message))
      bad_file(L, path, NULL, message);
    const char *data = bytes + member.offset;
    lua_pushlstring(L, member.name,
                    member.name_length - (ends_in(member.name, member.name_length, ".npy") ? 4 : 0));
    if (member.deflated) {
      char *inflated = lua_newuserdatauv(L, member.unpacked + 1, 0);
      bool ok = va_zip_inflate(
          bytes, &member, inflated, vtl_stop_flag(), message, sizeof message);
      vta_check_stop(L);
      if (!ok) bad_file(L, path, &member, message);
      data = inflated;
    }
    if (checksum_of(L, data, member.unpacked) != member.crc)
      bad_file(L, path, &member, "has damaged data: its checksum is another one");
    push_npy(L, data, member.unpacked, path, &member);
    if (member.deflated) lua_remove(L, -2);
    lua_rawset(L, -3);
  }
}

/// load(path): an array of a .npy file, a table by name of a .npz file.
static int load(lua_State *L) {
  const char *path = path_argument(L, "load");
  vta_check_options(L, 2, "load", "");
  lua_settop(L, 1);
  lua_pushvalue(L, 1);
  call_files(L, "read", 1);
  size_t length;
  const char *bytes = lua_tolstring(L, 2, &length);
  if (length >= 4 && memcmp(bytes, "PK\3\4", 4) == 0) push_npz(L, bytes, length, path);
  else if (length >= 4 && memcmp(bytes, "PK\5\6", 4) == 0) push_npz(L, bytes, length, path);
  else push_npy(L, bytes, length, path, NULL);
  return 1;
}

// MARK: Writing

/// Pushes the array as a .npy file.
static void push_file(lua_State *L, const vta_array *array) {
  va_view view, copy;
  char header[1024];
  vta_view(L, array, &view);
  size_t head = va_npy_header(&view, header), bytes = vta_bytes(L, &view);
  luaL_Buffer buffer;
  char *to = luaL_buffinitsize(L, &buffer, head + bytes);
  memcpy(to, header, head);
  vta_view(L, array, &view);
  copy = view;
  copy.data = to + head;
  va_set_strides(&copy);
  va_assign(&view, &copy);
  luaL_pushresultsize(&buffer, head + bytes);
}

static void put_number(luaL_Buffer *to, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; i++) luaL_addchar(to, (char)(value >> 8 * i));
}

/// The part of a member that the directory needs.
typedef struct {
  uint64_t unpacked, packed, offset;
  uint32_t crc;
  bool deflated;
} written_member;

/// Adds the part that an entry of the directory and the record before the data have in common.
/// Sizes are always in the 64-bit extension, so that their place does not depend on them.
static void put_record(
    luaL_Buffer *to, bool is_entry, const char *name, size_t length, const written_member *member) {
  put_number(to, is_entry ? 0x02014b50 : 0x04034b50, 4);
  if (is_entry) put_number(to, 45, 2);
  put_number(to, 45, 2);
  put_number(to, 1 << 11, 2);  // names are UTF-8
  put_number(to, member->deflated ? 8 : 0, 2);
  put_number(to, 0, 2);
  put_number(to, 1 << 5 | 1, 2);  // 1 January 1980: equal arrays make equal files
  put_number(to, member->crc, 4);
  put_number(to, 0xffffffff, 4);
  put_number(to, 0xffffffff, 4);
  put_number(to, length + 4, 2);
  put_number(to, is_entry ? 28 : 20, 2);
  if (is_entry) {
    put_number(to, 0, 2);
    put_number(to, 0, 2);
    put_number(to, 0, 2);
    put_number(to, 0, 4);
    put_number(to, 0xffffffff, 4);
  }
  luaL_addlstring(to, name, length);
  luaL_addstring(to, ".npy");
  put_number(to, 1, 2);
  put_number(to, is_entry ? 24 : 16, 2);
  put_number(to, member->unpacked, 8);
  put_number(to, member->packed, 8);
  if (is_entry) put_number(to, member->offset, 8);
}

/// Pushes a list of the names of the table at 2, in order; returns their number.
static int push_names(lua_State *L) {
  lua_newtable(L);
  int list = lua_gettop(L), count = 0;
  lua_pushnil(L);
  while (lua_next(L, 2)) {
    if (lua_type(L, -2) != LUA_TSTRING)
      luaL_error(L, "save: the table must have arrays by name, and %s is a %s",
                 luaL_tolstring(L, -2, NULL), luaL_typename(L, -3));
    lua_pop(L, 1);
    lua_pushvalue(L, -1);
    lua_rawseti(L, list, ++count);
  }
  for (int i = 2; i <= count; i++) {  // by insertion: there are few
    lua_rawgeti(L, list, i);
    int at = i;
    for (; at > 1; at--) {
      lua_rawgeti(L, list, at - 1);
      if (!lua_compare(L, -2, -1, LUA_OPLT)) {
        lua_pop(L, 1);
        break;
      }
      lua_rawseti(L, list, at);
    }
    lua_rawseti(L, list, at);
  }
  return count;
}

/// Replaces the .npy file on top by its deflated bytes.
static void deflate_top(lua_State *L, const char *path) {
  size_t length, room;
  char message[200];
  const char *bytes = lua_tolstring(L, -1, &length);
  room = va_zip_bound(length);
  char *to = lua_newuserdatauv(L, room, 0);
  size_t packed =
      va_zip_deflate(bytes, length, to, room, vtl_stop_flag(), message, sizeof message);
  vta_check_stop(L);
  if (packed == 0) bad_file(L, path, NULL, message);
  lua_pushlstring(L, to, packed);
  lua_replace(L, -3);
  lua_pop(L, 1);
}

static void push_npz_file(lua_State *L, const char *path, bool compress) {
  int count = push_names(L), list = lua_gettop(L);
  written_member *members = lua_newuserdatauv(L, (size_t)(count + 1) * sizeof *members, 0);
  luaL_checkstack(L, 16, "a file");
  lua_newtable(L);  // the parts of the file
  int parts = lua_gettop(L), used = 0;
  uint64_t offset = 0;
  for (int i = 0; i < count; i++) {
    lua_rawgeti(L, list, i + 1);
    lua_pushvalue(L, -1);
    lua_gettable(L, 2);
    push_file(L, vta_to_array(L, lua_gettop(L), VA_DTYPES, "save"));
    size_t length, name_length;
    const char *bytes = lua_tolstring(L, -1, &length), *name = lua_tolstring(L, -3, &name_length);
    if (name_length > 60000) luaL_error(L, "save: a name is too long");
    members[i] = (written_member){length, length, offset, checksum_of(L, bytes, length), compress};
    if (compress) {
      deflate_top(L, path);
      members[i].packed = lua_rawlen(L, -1);
    }
    luaL_Buffer record;
    luaL_buffinit(L, &record);
    put_record(&record, false, name, name_length, &members[i]);
    luaL_pushresult(&record);
    offset += lua_rawlen(L, -1) + members[i].packed;
    lua_rawseti(L, parts, ++used);
    lua_rawseti(L, parts, ++used);
    lua_settop(L, parts);
  }
  uint64_t directory = offset;
  for (int i = 0; i < count; i++) {
    size_t name_length;
    lua_rawgeti(L, list, i + 1);
    const char *name = lua_tolstring(L, -1, &name_length);
    luaL_Buffer entry;
    luaL_buffinit(L, &entry);
    put_record(&entry, true, name, name_length, &members[i]);
    luaL_pushresult(&entry);
    offset += lua_rawlen(L, -1);
    lua_rawseti(L, parts, ++used);
    lua_settop(L, parts);
  }
  luaL_Buffer end;
  luaL_buffinit(L, &end);
  put_number(&end, 0x06064b50, 4);  // the 64-bit record
  put_number(&end, 44, 8);
  put_number(&end, 45, 2);
  put_number(&end, 45, 2);
  put_number(&end, 0, 8);
  put_number(&end, (uint64_t)count, 8);
  put_number(&end, (uint64_t)count, 8);
  put_number(&end, offset - directory, 8);
  put_number(&end, directory, 8);
  put_number(&end, 0x07064b50, 4);  // its place
  put_number(&end, 0, 4);
  put_number(&end, offset, 8);
  put_number(&end, 1, 4);
  put_number(&end, 0x06054b50, 4);  // the end
  put_number(&end, 0, 4);
  put_number(&end, 0xffff, 2);
  put_number(&end, 0xffff, 2);
  put_number(&end, 0xffffffff, 4);
  put_number(&end, 0xffffffff, 4);
  put_number(&end, 0, 2);
  luaL_pushresult(&end);
  lua_rawseti(L, parts, ++used);
  lua_getglobal(L, "table");
  lua_getfield(L, -1, "concat");
  lua_pushvalue(L, parts);
  lua_call(L, 1, 1);
}

/// save(path, array) or save(path, { name = array }, { compress = true }).
static int save(lua_State *L) {
  if (vta_test(L, 1) && lua_type(L, 2) == LUA_TSTRING) {  // a:save(path)
    lua_pushvalue(L, 1);
    lua_remove(L, 1);
    lua_insert(L, 2);
  }
  const char *path = path_argument(L, "save");
  size_t length = lua_rawlen(L, 1);
  lua_settop(L, 3);
  vta_check_options(L, 3, "save", "compress");
  bool compress = vta_flag_option(L, 3, "compress", false);
  bool several = vta_is_options(L, 2);
  if (several != ends_in(path, length, ".npz"))
    return luaL_error(L, several ? "save: several arrays go to a file that ends in .npz: %s"
                                 : "save: a file .npz takes a table of arrays by name: %s", path);
  if (compress && !several)
    return luaL_error(L, "save: the option 'compress' is for files that end in .npz");
  lua_pushvalue(L, 1);
  if (several) push_npz_file(L, path, compress);
  else push_file(L, vta_to_array(L, 2, VA_DTYPES, "save"));
  lua_pushvalue(L, 1);
  lua_insert(L, -2);
  call_files(L, "write", 2);
  return 0;
}

const luaL_Reg vta_file_functions[] = {{"load", load}, {"save", save}, {NULL, NULL}};
