// SPDX-License-Identifier: BSD-3-Clause
//
// Typed arrays as values that travel. This library knows how they are encoded; the target that has
// them registers the functions that read and make them.

#ifndef VTS_ARRAYS_H
#define VTS_ARRAYS_H

#include <lua.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VTS_ARRAY_AXES = 16 };

/// The types of elements, in the order of the array library.
typedef enum {
  VTS_BOOL, VTS_INT8, VTS_INT16, VTS_INT32, VTS_INT64, VTS_UINT8, VTS_UINT16, VTS_UINT32,
  VTS_UINT64, VTS_FLOAT32, VTS_FLOAT64, VTS_COMPLEX64, VTS_COMPLEX128, VTS_ARRAY_TYPES,
} vts_array_type;

/// The type, the shape and the number of bytes of an array.
typedef struct {
  vts_array_type type;
  int axes;
  int64_t shape[VTS_ARRAY_AXES];
  size_t bytes;
} vts_array;

/// The functions of the array library. Those without "may raise" neither raise nor run Lua code.
typedef struct {
  /// True if the value at `index` is an array that was not closed.
  bool (*describe)(lua_State *L, int index, vts_array *array);
  /// Copies the array's elements, in row-major order, to `to`.
  void (*copy)(lua_State *L, int index, void *to);
  /// Returns a block that nothing writes to any more, with the elements in row-major order from
  /// `bytes` on; NULL when there is no memory. The caller owns one count of it.
  void *(*lend)(lua_State *L, int index, const void **bytes);
  void (*release)(void *block);
  /// Pushes a new array and returns the address of its elements, which the caller sets at once. May
  /// raise.
  void *(*create)(lua_State *L, const vts_array *array);
  /// Pushes an array over the elements that begin at `bytes` in a block of `lend`, with a count of its
  /// own. May raise.
  void (*adopt)(lua_State *L, const vts_array *array, void *block, const void *bytes);
  /// Pushes an independent array with the same elements. May raise.
  void (*duplicate)(lua_State *L, int index);
  /// Pushes the element, or an independent array, at place `place`, from 0, of the first axis. May raise.
  void (*element)(lua_State *L, int index, int64_t place);
  /// Pushes an independent array of `count` places from `first`, from 0, of the first axis. May raise.
  void (*part)(lua_State *L, int index, int64_t first, int64_t count);
} vts_array_functions;

/// Registers the functions of the array library, for all states of the process.
void vts_register_arrays(const vts_array_functions *functions);

/// True if the value at `index` is an array.
bool vts_describe_array(lua_State *L, int index, vts_array *array);
/// The name of a type, such as "float64".
const char *vts_array_type_name(vts_array_type type);
/// Pushes an independent array with the elements of the one at `index`; a large one shares the memory
/// until either is written. Returns Lua's status, with an error value on top, or VTS_NO_STACK.
int vts_copy_array(lua_State *L, int index);
/// Pushes the element, or an independent array, at place `place`, from 0, of the first axis of the array
/// at `index`. Returns as vts_copy_array.
int vts_push_array_element(lua_State *L, int index, int64_t place);
/// Pushes an independent array of `count` places from `first`, from 0, of the first axis of the array at
/// `index`, which must have them. Returns as vts_copy_array.
int vts_push_array_part(lua_State *L, int index, int64_t first, int64_t count);
/// Copies the elements of the array at `index`, in row-major order.
void vts_read_array(lua_State *L, int index, void *to);

#endif
