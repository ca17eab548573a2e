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
  bool is_shared;  ///< over memory that other threads and processes write
} vts_array;

/// The place of an array in its block.
typedef struct {
  const void *start;  ///< of the block
  size_t length;      ///< of the block
  int64_t offset;     ///< of the first element, in bytes
  int64_t strides[VTS_ARRAY_AXES];
} vts_array_place;

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
  /// Returns the block of an array, of which the caller owns one count, and the array's place in it; NULL
  /// where there is none.
  void *(*hold)(lua_State *L, int index, vts_array_place *place);
  /// Pushes an array over elements in a block; false, and pushes nothing, if they do not lie in it. May
  /// raise.
  bool (*adopt_view)(
      lua_State *L, const vts_array *array, void *block, const vts_array_place *place);
  /// Returns a block over bytes that nothing writes to until `done` is called, on any thread; NULL when
  /// there is no memory.
  void *(*wrap)(void *bytes, size_t length, void (*done)(void *context), void *context);
  /// The address and the length of a block.
  const void *(*bytes)(void *block, size_t *length);
  /// The descriptor of a block of shared memory; -1 for another block.
  int (*descriptor)(void *block);
  /// Returns the block of the shared memory with that descriptor, which it takes over; NULL if it cannot be
  /// mapped.
  void *(*open)(int descriptor);
  /// Pushes an independent array with the same elements. May raise.
  void (*duplicate)(lua_State *L, int index);
  /// Pushes the element, or an independent array, at place `place`, from 0, of the first axis; the only
  /// element of an array without axes is at place 0. May raise.
  void (*element)(lua_State *L, int index, int64_t place);
  /// Pushes an independent array of `count` places from `first`, from 0, of the first axis. May raise.
  void (*part)(lua_State *L, int index, int64_t first, int64_t count);
} vts_array_functions;

/// Registers the functions of the array library, for all states of the process.
void vts_register_arrays(const vts_array_functions *functions);

/// The functions of blocks, for readers of messages: as those of vts_array_functions. Without the array
/// library, there is no block.
void *vts_block_wrap(void *bytes, size_t length, void (*done)(void *context), void *context);
const void *vts_block_bytes(void *block, size_t *length);
int vts_block_descriptor(void *block);
void *vts_block_open(int descriptor);
void vts_block_release(void *block);
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
