// SPDX-License-Identifier: BSD-3-Clause

/// Typed n-dimensional arrays: types of elements, blocks of memory, views, and kernels over them.
/// No Lua. The kernels are in the headers beside this one.
#ifndef VTLUA_CARRAYS_H
#define VTLUA_CARRAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// MARK: Types of elements

typedef enum {
  VA_BOOL, VA_INT8, VA_INT16, VA_INT32, VA_INT64, VA_UINT8, VA_UINT16, VA_UINT32, VA_UINT64,
  VA_FLOAT32, VA_FLOAT64, VA_COMPLEX64, VA_COMPLEX128,
  VA_DTYPES,  // the number of types; as a result: no such type
} va_dtype;

/// The bytes of an element.
extern const uint8_t va_sizes[VA_DTYPES];
static inline size_t va_size(va_dtype dtype) { return va_sizes[dtype]; }

/// The name of a type, such as "float64".
const char *va_name(va_dtype dtype);
/// The type with the name, or VA_DTYPES.
va_dtype va_dtype_named(const char *name, size_t length);

static inline bool va_is_bool(va_dtype t) { return t == VA_BOOL; }
static inline bool va_is_signed(va_dtype t) { return t >= VA_INT8 && t <= VA_INT64; }
static inline bool va_is_unsigned(va_dtype t) { return t >= VA_UINT8 && t <= VA_UINT64; }
static inline bool va_is_integer(va_dtype t) { return t >= VA_INT8 && t <= VA_UINT64; }
static inline bool va_is_real(va_dtype t) { return t == VA_FLOAT32 || t == VA_FLOAT64; }
static inline bool va_is_complex(va_dtype t) { return t >= VA_COMPLEX64; }
static inline bool va_is_floating(va_dtype t) { return t >= VA_FLOAT32; }
/// The smallest and largest value of an integer type. The largest of uint64 is given as -1.
void va_bounds(va_dtype dtype, int64_t *least, int64_t *greatest);

/// The common type of two arrays; VA_DTYPES when they have none: int64 with uint64, or bool with a
/// number.
va_dtype va_promote(va_dtype a, va_dtype b);

// MARK: Views

enum { VA_MAX_AXES = 16 };

/// Elements in memory. Strides are in bytes, and may be 0 or negative. Elements are aligned to
/// their size (complex ones to half of it).
typedef struct {
  char *data;  // the element at index 0 of each axis
  va_dtype dtype;
  int axes;
  int64_t shape[VA_MAX_AXES];
  int64_t strides[VA_MAX_AXES];
} va_view;

/// The number of elements: 1 without axes, 0 when an axis is empty.
int64_t va_count(const va_view *view);
/// True if the elements lie one after another in row-major order. True for an empty view.
bool va_is_contiguous(const va_view *view);
/// Sets row-major strides for the shape and type.
void va_set_strides(va_view *view);
/// The lowest address of the view's elements, and the address after the highest.
void va_extent(const va_view *view, char **first, char **end);

/// One to four views of one shape, with equal axes merged: the plan of a loop. Axes of length 1 are
/// dropped. An axis is merged with the next one where this is possible in every view, so
/// that the order of elements (row-major) stays. `axes` is at least 1.
typedef struct {
  int axes;
  int64_t shape[VA_MAX_AXES];
  int64_t strides[4][VA_MAX_AXES];
  char *data[4];
} va_loop;

/// Plans the loop over views of one shape. Returns false when they have no elements.
bool va_plan(va_loop *loop, int views, const va_view *const *view);

/// Steps to the next run of the innermost axis. `index` starts as zeros; `at` as loop->data.
/// Returns false after the last run.
static inline bool va_next(const va_loop *loop, int views, int64_t *index, char **at) {
  for (int axis = loop->axes - 2; axis >= 0; axis--) {
    if (++index[axis] < loop->shape[axis]) {
      for (int v = 0; v < views; v++) at[v] += loop->strides[v][axis];
      return true;
    }
    index[axis] = 0;
    for (int v = 0; v < views; v++)
      at[v] -= loop->strides[v][axis] * (loop->shape[axis] - 1);
  }
  return false;
}

// MARK: Results of kernels

typedef enum {
  VA_OK = 0,
  VA_NO_MEMORY = 1,
  VA_STOPPED = 2,        // the state was cancelled while the kernel ran
  VA_DOES_NOT_FIT = 3,   // a value does not fit the type; detail.place, detail.value
  VA_NAN_TO_INTEGER = 4, // NaN has no integer; detail.place
  VA_BY_ZERO = 5,        // division of an integer by zero; detail.place
  VA_NOT_DEFINED = 6,    // not defined for these types
  VA_NEGATIVE_POWER = 7, // an integer to a negative power; detail.place
  VA_SINGULAR = 8,       // detail.place: the row
  VA_NOT_POSITIVE = 9,   // the matrix is not positive definite; detail.place: the row
  VA_NO_LIBRARY = 10,    // detail.library is not installed
  VA_EMPTY = 11,         // a reduction without identity over no elements
  VA_NOT_CONVERGED = 12,
} va_status;

/// The place and the reason of a failure. `place` counts elements in the row-major order of the (broadcast)
/// shape, from 0; the first such element.
typedef struct {
  int64_t place;
  double value;         // the value that does not fit, if it is a float
  int64_t integer;      // the value that does not fit, if it is an integer
  const char *library;  // for VA_NO_LIBRARY: the file, such as "libopenblas.so.0"
  const char *package;  // and Debian's package
  /// Is set by the caller, or NULL: long kernels stop when it is not 0.
  const volatile int *stop;
  /// Is set by the caller: the number of threads that a kernel may use; 0 for the default.
  int threads;
} va_detail;

// MARK: Blocks

/// Memory of one or more arrays, aligned to 64 bytes, counted by its owners on any thread.
typedef struct va_block va_block;
enum { VA_BLOCK_RECORD = 64 };

/// A block of zeros with one owner. NULL without memory.
va_block *va_block_new(size_t bytes);
/// A block whose content the caller will overwrite completely. NULL without memory.
va_block *va_block_new_unset(size_t bytes);
/// A read-only block over memory that the caller owns. `release` is called when the last owner is gone.
va_block *va_block_lend(void *data, size_t bytes, void (*release)(void *context), void *context);
/// A block of zeros that all of its owners write, also those in other processes. NULL, with errno set, if
/// the system gives no memory or no descriptor.
va_block *va_block_new_shared(size_t bytes);
/// The block over the memory of that descriptor, which it takes over: one more owner of it where this
/// process has it already. NULL if it cannot be mapped.
va_block *va_block_open_shared(int descriptor);
/// A block in memory of the caller, `record` of VA_BLOCK_RECORD bytes and its data: it ends with that memory,
/// so that it is neither retained nor released.
va_block *va_block_embed(void *record, void *data, size_t bytes);
bool va_block_is_embedded(const va_block *block);
bool va_block_is_shared(const va_block *block);
/// The descriptor of shared memory, which stays the block's; -1 for another block.
int va_block_descriptor(const va_block *block);
void va_block_retain(va_block *block);
void va_block_release(va_block *block);
char *va_block_data(const va_block *block);
size_t va_block_bytes(const va_block *block);
/// True if the owner may write to the block: it has one owner and is not lent, or it is shared.
bool va_block_is_own(const va_block *block);
/// Frees the blocks that are kept to be used again.
void va_cache_clear(void);
/// The bytes of the blocks that are kept to be used again.
size_t va_cache_bytes(void);

// MARK: Copies

/// Copies elements between views of one shape and one type. The views may overlap only if
/// they are the same memory, element by element.
void va_assign(const va_view *from, const va_view *to);
/// Sets every element to the one at `element`.
void va_fill(const va_view *to, const void *element);
/// True if the bytes of two views may overlap.
bool va_may_overlap(const va_view *a, const va_view *b);

#endif
