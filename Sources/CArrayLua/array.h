// SPDX-License-Identifier: BSD-3-Clause
//
// An array as Lua has it, and what the files of this target share. Functions that take a Lua state
// may raise an error.
//
// An allocation of Lua may run a finalizer, which may write to an array, whose storage then gets
// another block. So the address of elements is taken after the last allocation.

#ifndef VTLUA_ARRAY_H
#define VTLUA_ARRAY_H

#include <CArrays.h>
#include <lauxlib.h>
#include <lua.h>

/// The memory that all views of one array share. It belongs to one Lua state. Several storages may have one
/// block: before one of them is written, it gets a copy of its own.
///
/// The storage, the block and the elements of a small array lie in its userdata, which needs no finalizer
/// then. Its views have the userdata as a user value, and no count.
typedef struct vta_storage {
  va_block *block;
  int64_t references;
  size_t counted;            // the bytes that count as the state's memory; 0: embedded
  struct vta_storage *next;  // the ring of the state's storages of this block
} vta_storage;

/// The userdata.
typedef struct {
  const void *tag;       // the address of vta_tag: no other userdata has it
  vta_storage *storage;  // NULL once the array was closed
  int64_t offset;        // of the first element in the block
  int16_t dtype;
  int16_t axes;
  int64_t lengths[];  // the shape, then the strides
} vta_array;

extern const char vta_tag;

// MARK: Storage (storage.c)

/// The array at `index`, or NULL.
vta_array *vta_test(lua_State *L, int index);
/// The array at `index`; otherwise an error that names the function.
vta_array *vta_check(lua_State *L, int index, const char *function);
/// The view of an array; an error if the array was closed.
void vta_view(lua_State *L, const vta_array *array, va_view *view);
/// The view of an array that is about to be written: copies a block that has other owners.
void vta_writable(lua_State *L, vta_array *array, va_view *view);
/// Pushes a new array of the view's type and shape, and sets the rest of the view. Its elements
/// are zeros, or unset: then the caller sets each of them before anything else can happen.
vta_array *vta_new(lua_State *L, va_view *view, bool zeros);
/// Pushes a new array over the storage of `base`, whose elements `view` has. `base` is on the stack of
/// the running function, or an upvalue of it.
vta_array *vta_push_view(lua_State *L, const vta_array *base, const va_view *view);
/// Pushes an array with the elements that `view` has in the storage of `base`, independent of it. A
/// large one shares the block until one of them is written.
vta_array *vta_push_derived(lua_State *L, const vta_array *base, const va_view *view);
/// Pushes an array of the view's elements, which lie in a block of another state, with a count of its
/// own.
vta_array *vta_push_adopted(lua_State *L, const va_view *view, va_block *block);
/// Pushes a contiguous copy.
vta_array *vta_push_copy(lua_State *L, const vta_array *array, va_view *copy);
/// Replaces an array over shared memory at `index` by a copy that no other worker can change, and returns
/// the array there; NULL for another value. For elements that decide which memory is used.
vta_array *vta_private(lua_State *L, int index);
/// The same after vta_to_array.
vta_array *vta_to_private(lua_State *L, int index, va_dtype dtype, const char *function);
/// Arrays of up to this many bytes are embedded.
enum { VTA_EMBEDDED = 1024 };
/// Raises Lua's "not enough memory".
int vta_no_memory(lua_State *L);
/// Raises the error that the system does not give the bytes of an array, with the caller's place.
int vta_no_memory_for(lua_State *L, const va_view *view, size_t bytes);

// MARK: Elements (element.c)

/// Pushes the element as a Lua value; a complex one as an array without axes.
void vta_push_element(lua_State *L, va_dtype dtype, const char *at);
/// Stores the Lua value at `index` as an element; an error if it does not fit.
void vta_read_element(lua_State *L, int index, va_dtype dtype, void *element);
/// True if the value is a number, a boolean or an array without axes.
bool vta_is_scalar(lua_State *L, int index);
/// The type named at `index`; `otherwise` if nothing is there.
va_dtype vta_dtype_option(lua_State *L, int index, va_dtype otherwise, const char *function);

// MARK: Shapes (shape.c)

/// Pushes "(3, 4)".
const char *vta_push_shape_text(lua_State *L, int axes, const int64_t *shape);
/// Reads a shape, a list of lengths or one length, into the view.
void vta_read_shape(lua_State *L, int index, va_view *view, const char *function);
/// Reads a list of up to VA_MAX_AXES integers, or one integer; returns their number.
int vta_read_integers(
    lua_State *L, int index, int64_t *values, const char *function, const char *what);
/// The length of the list at `index`; raises where a metamethod gives a negative one.
int64_t vta_list_length(lua_State *L, int index);
/// The axis, from 0, that the value at `index` names, from 1 or from the end.
int vta_read_axis(lua_State *L, int index, int axes, const va_view *of, const char *function);
/// Reads one axis or a list of different ones, and returns their number.
int vta_read_axes(lua_State *L, int index, const va_view *of, int *axes, const char *function);
/// Broadcasts the view to the shape; false if it does not fit.
bool vta_broadcast(va_view *view, int axes, const int64_t *shape);
/// Sets `shape` to the common shape; an error that begins with `what`, such as "a + b".
int vta_common_shape(
    lua_State *L, const va_view *a, const va_view *b, int64_t *shape, const char *what);
/// The number of bytes of a view's elements; an error if they are too many.
size_t vta_bytes(lua_State *L, const va_view *view);
/// Pushes the place of element number `place` in row-major order: "(2, 3)"; "5" for one axis.
const char *vta_push_place(lua_State *L, const va_view *view, int64_t place);

// MARK: Values that become arrays (nested.c)

/// Pushes an array of a nested list. `dtype` may be VA_DTYPES: found from the elements.
vta_array *vta_push_nested(lua_State *L, int index, va_dtype dtype, const char *function);
/// Pushes an array of the shape, with the elements that the list on top has in row-major order.
/// `view->dtype` may be VA_DTYPES.
vta_array *vta_push_collected(lua_State *L, va_view *view, const char *function);
/// Replaces the value at `index`, a list, a scalar or an array, by an array.
vta_array *vta_to_array(lua_State *L, int index, va_dtype dtype, const char *function);
/// Pushes the array as nested lists.
void vta_push_lists(lua_State *L, const vta_array *array);

// MARK: Conversion (convert.c)

/// The details for a kernel, which stops when the state is stopped.
va_detail vta_new_detail(void);
/// Raises the stop of the state, if there is one. For long loops that neither run code of Lua nor
/// call a kernel: the count hook, which raises it in such code, does not run in them.
void vta_check_stop(lua_State *L);
/// Is true for a few of the numbers that a loop counts.
static inline bool vta_is_turn_to_check(int64_t number) { return (number & 1023) == 1023; }
/// Raises the error of a kernel. `what` begins the message; `view` has the shape of the place.
int vta_raise(
    lua_State *L, const char *what, va_status status, const va_detail *detail, va_dtype to,
    const va_view *view);
/// Pushes a contiguous array of the type with the array's elements, which must fit.
vta_array *vta_push_cast(
    lua_State *L, const vta_array *array, va_dtype dtype, va_view *view, const char *what);

// MARK: Indexing (index.c, select.c)

/// Sets the elements of `target`, a view of the array at 1, to the value at `index`.
void vta_assign(lua_State *L, vta_array *array, va_view *target, int index, const char *what);
/// Pushes the elements that an array of booleans or integers selects.
int vta_select(lua_State *L, vta_array *array, vta_array *by);
/// Sets the elements that `by` selects to the value at 3.
void vta_select_assign(lua_State *L, vta_array *array, vta_array *by, int value);
/// The index from 0 of an element; an error if it is out of bounds.
int64_t vta_element_index(lua_State *L, int64_t index, const va_view *view, int axis);

int vta_index(lua_State *L);     // __index
int vta_newindex(lua_State *L);  // __newindex
int vta_call(lua_State *L);      // __call

// MARK: The functions of each file, for the table and for the methods

extern const luaL_Reg vta_creation_functions[], vta_sequence_functions[], vta_shaping_functions[],
    vta_moving_functions[], vta_joining_functions[], vta_conversion_functions[],
    vta_taking_functions[], vta_text_functions[], vta_iteration_functions[],
    vta_elementwise_functions[], vta_reduction_functions[], vta_equality_functions[],
    vta_equality_operators[], vta_file_functions[], vta_sorting_functions[], vta_random_functions[], vta_matrix_functions[], vta_fuse_functions[], vta_statistics_functions[],
    vta_sample_functions[], vta_series_functions[], vta_tensor_functions[],
    vta_operators[], vta_text_operators[], vta_html_operators[], vta_iteration_operators[], vta_index_operators[];

/// Pushes a property such as `shape`; false if there is none of that name.
bool vta_push_property(lua_State *L, const vta_array *array, const char *name);

#endif
