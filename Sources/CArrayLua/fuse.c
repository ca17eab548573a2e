// SPDX-License-Identifier: BSD-3-Clause
//
// array.fuse: the function runs with symbols for its arrays, which record what is computed. The
// steps are then computed in one pass over memory.

#include "fuse.h"

#include <Fuse.h>
#include <string.h>

#include "open.h"

enum { STEP = 1 << 16 };  // values of steps are numbered from here while steps are recorded

/// The steps that a call has recorded.
typedef struct {
  va_step steps[VA_FUSE_STEPS];
  int count, inputs;
  vta_array *arrays[VA_FUSE_INPUTS];  // NULL for a constant; its user value keeps them alive
  _Alignas(16) char constants[VA_FUSE_INPUTS][16];
  va_dtype types[VA_FUSE_INPUTS];
  bool done;
} program;

struct vta_symbol {
  const void *tag;
  program *of;  // its user value keeps it alive
  int value;
  va_dtype dtype;
  bool is_reduction;
  va_reduction reduction;
  va_reduction_options options;
};

static const char symbol_tag;

// MARK: Symbols

vta_symbol *vta_test_symbol(lua_State *L, int index) {
  vta_symbol *symbol = lua_touserdata(L, index);
  if (!symbol) return NULL;
  return lua_rawlen(L, index) == sizeof *symbol && symbol->tag == &symbol_tag ? symbol : NULL;
}

va_dtype vta_symbol_type(lua_State *L, const vta_symbol *symbol) {
  if (symbol->of->done) luaL_error(L, "array.fuse: this value belongs to a call that has ended");
  if (symbol->is_reduction) luaL_error(L, "array.fuse: a reduction must come last");
  return symbol->dtype;
}

int vta_refuse_symbol(lua_State *L, const char *function) {
  return luaL_error(L, "array.fuse: '%s' is not elementwise", function);
}

static int index_symbol(lua_State *L) {
  if (lua_type(L, 2) != LUA_TSTRING) return vta_refuse_symbol(L, "indexing");
  const char *name = lua_tostring(L, 2);
  if (strcmp(name, "dtype") == 0) {
    lua_pushstring(L, va_name(vta_symbol_type(L, vta_test_symbol(L, 1))));
    return 1;
  }
  for (const luaL_Reg *row = vta_elementwise_functions; row->name; row++) {
    if (strcmp(row->name, name) != 0) continue;
    lua_pushcfunction(L, row->func);
    return 1;
  }
  for (const luaL_Reg *row = vta_reduction_functions; row->name; row++) {
    if (strcmp(row->name, name) != 0) continue;
    lua_pushcfunction(L, row->func);
    return 1;
  }
  return vta_refuse_symbol(L, name);
}

static void push_symbol_metatable(lua_State *L) {
  static const char key;
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &key) == LUA_TTABLE) return;
  lua_pop(L, 1);
  lua_newtable(L);
  luaL_setfuncs(L, vta_operators, 0);
  lua_pushcfunction(L, index_symbol);
  lua_setfield(L, -2, "__index");
  lua_pushliteral(L, "array of array.fuse");
  lua_setfield(L, -2, "__name");
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &key);
}

/// Pushes a symbol of the program whose userdata is at `at`.
static vta_symbol *push_symbol(lua_State *L, int at, int value, va_dtype dtype) {
  vta_symbol *symbol = lua_newuserdatauv(L, sizeof *symbol, 1);
  *symbol = (vta_symbol){&symbol_tag, lua_touserdata(L, at), value, dtype, false, VA_SUM, {0}};
  lua_pushvalue(L, at);
  lua_setiuservalue(L, -2, 1);
  push_symbol_metatable(L);
  lua_setmetatable(L, -2);
  return symbol;
}

// MARK: Recording

static int add_input(lua_State *L, program *to) {
  if (to->inputs == VA_FUSE_INPUTS)
    luaL_error(L, "array.fuse: at most %d arrays and constants", VA_FUSE_INPUTS);
  return to->inputs++;
}

/// The number of the array's value. `at`: the stack index of the program's userdata.
static int add_array(lua_State *L, program *to, int at, vta_array *array, int index) {
  for (int i = 0; i < to->inputs; i++)
    if (to->arrays[i] == array) return i;
  int input = add_input(L, to);
  lua_getiuservalue(L, at, 1);
  lua_pushvalue(L, index);
  lua_rawseti(L, -2, input + 1);
  lua_pop(L, 1);
  to->arrays[input] = array;
  to->types[input] = (va_dtype)array->dtype;
  return input;
}

static int add_constant(lua_State *L, program *to, va_dtype dtype, const char *element) {
  size_t size = va_size(dtype);
  for (int i = 0; i < to->inputs; i++)
    if (!to->arrays[i] && to->types[i] == dtype && memcmp(to->constants[i], element, size) == 0)
      return i;
  int input = add_input(L, to);
  to->arrays[input] = NULL;
  to->types[input] = dtype;
  memcpy(to->constants[input], element, size);
  return input;
}

static int add_step(lua_State *L, program *to, const va_step *step) {
  if (to->count == VA_FUSE_STEPS) luaL_error(L, "array.fuse: at most %d steps", VA_FUSE_STEPS);
  to->steps[to->count] = *step;
  return STEP + to->count++;
}

static int cast_value(lua_State *L, program *to, int value, va_dtype from, va_dtype dtype) {
  if (from == dtype) return value;
  return add_step(L, to, &(va_step){VA_FUSE_CAST, from, dtype, {value, 0, 0}});
}

int vta_record(vta_operands *operands, va_operation operation, int first, va_dtype loop) {
  lua_State *L = operands->L;
  program *to = NULL;
  for (int i = 0; i < operands->count; i++) {
    vta_symbol *symbol = vta_test_symbol(L, operands->at[i]);
    if (!symbol) continue;
    if (to && symbol->of != to)
      luaL_error(L, "array.fuse: this value belongs to another call");
    to = symbol->of;
    if (lua_gettop(L) < operands->at[i] + 1) lua_settop(L, operands->at[i] + 1);
    lua_getiuservalue(L, operands->at[i], 1);
  }
  int at = lua_gettop(L);  // the program's userdata
  va_step step = {operation, loop, va_operation_result(operation, loop), {0}};
  for (int i = 0; i < operands->count; i++) {
    va_dtype dtype = i < first ? VA_BOOL : loop;
    vta_symbol *symbol = vta_test_symbol(L, operands->at[i]);
    if (symbol) {
      step.inputs[i] = cast_value(L, to, symbol->value, symbol->dtype, dtype);
    } else if (operands->arrays[i]) {
      int value = add_array(L, to, at, operands->arrays[i], operands->at[i]);
      step.inputs[i] = cast_value(L, to, value, to->types[value], dtype);
    } else {
      _Alignas(16) char element[16];
      vta_read_element(L, operands->at[i], dtype, element);
      step.inputs[i] = add_constant(L, to, dtype, element);
    }
  }
  push_symbol(L, at, add_step(L, to, &step), step.result);
  return 1;
}

int vta_record_reduction(
    lua_State *L, va_reduction reduction, const va_reduction_options *options,
    const char *function) {
  vta_symbol *symbol = vta_test_symbol(L, 1);
  va_dtype dtype = vta_symbol_type(L, symbol);
  if (reduction == VA_ARGMIN || reduction == VA_ARGMAX) return vta_refuse_symbol(L, function);
  if (va_reduction_result(reduction, dtype) == VA_DTYPES)
    return luaL_error(L, "%s: not defined for %s", function, va_name(dtype));
  lua_getiuservalue(L, 1, 1);
  vta_symbol *reduced = push_symbol(L, lua_gettop(L), symbol->value, symbol->dtype);
  reduced->is_reduction = true;
  reduced->reduction = reduction;
  reduced->options = *options;
  return 1;
}

// MARK: Computing

/// Makes the result the last step, and numbers the values as the kernel does.
static void finish(lua_State *L, program *of, const vta_symbol *result) {
  int value = result->value;
  if (value < STEP) {
    va_operation operation = result->dtype == VA_BOOL ? VA_LOGICAL_OR : VA_POSITIVE;
    va_dtype dtype = va_operation_result(operation, result->dtype);
    of->count = 0;
    value = add_step(L, of, &(va_step){operation, result->dtype, dtype, {value, value, 0}});
  }
  of->count = value - STEP + 1;
  for (int i = 0; i < of->count; i++) {
    for (int k = 0; k < 3; k++) {
      int *input = &of->steps[i].inputs[k];
      if (*input >= STEP) *input += of->inputs - STEP;
    }
  }
}

/// Computes the program whose userdata is at `at`, and pushes the result.
static int compute(lua_State *L, program *of, const vta_symbol *result) {
  finish(L, of, result);
  va_view views[VA_FUSE_INPUTS], shape = {0}, out;
  const va_view *inputs[VA_FUSE_INPUTS];
  for (int i = 0; i < of->inputs; i++) {
    if (!of->arrays[i]) continue;
    int64_t common[VA_MAX_AXES];
    vta_view(L, of->arrays[i], &views[i]);
    shape.axes = vta_common_shape(L, &shape, &views[i], common, "array.fuse");
    memcpy(shape.shape, common, sizeof common);
  }
  out = shape;
  out.dtype = of->steps[of->count - 1].result;
  if (result->is_reduction) {
    out.axes = 0;
    out.dtype = va_reduction_result(result->reduction, out.dtype);
  }
  vta_new(L, &out, true);
  for (int i = 0; i < of->inputs; i++) {
    if (of->arrays[i]) vta_view(L, of->arrays[i], &views[i]);
    else views[i] = (va_view){.data = of->constants[i], .dtype = of->types[i]};
    vta_broadcast(&views[i], shape.axes, shape.shape);
    inputs[i] = &views[i];
  }
  va_program steps = {of->steps, of->count, of->inputs};
  va_detail detail = vta_new_detail();
  va_reduction_options options = result->options;
  options.axes = (1u << shape.axes) - 1;
  va_status status = result->is_reduction
                         ? va_fuse_reduce(&steps, inputs, result->reduction, &options, &out, &detail)
                         : va_fuse(&steps, inputs, &out, &detail);
  if (status == VA_NOT_DEFINED) return luaL_error(L, "array.fuse: the function is too complex");
  if (status != VA_OK) return vta_raise(L, "array.fuse", status, &detail, out.dtype, &shape);
  if (out.axes == 0 && !va_is_complex(out.dtype)) vta_push_element(L, out.dtype, out.data);
  return 1;
}

/// Replaces lists among the arguments by arrays, where there is no array. Beside an array a list stays
/// as it is: the function may index it.
static void convert_lists(lua_State *L, int arguments) {
  for (int i = 1; i <= arguments; i++)
    if (vta_test(L, i)) return;
  for (int i = 1; i <= arguments; i++)
    if (lua_type(L, i) == LUA_TTABLE && lua_rawlen(L, i) > 0)
      vta_to_array(L, i, VA_DTYPES, "array.fuse");
}

/// The function that array.fuse returns.
static int call(lua_State *L) {
  int arguments = lua_gettop(L);
  program *of = lua_newuserdatauv(L, sizeof *of, 1);
  int at = lua_gettop(L);
  of->count = of->inputs = 0;
  of->done = false;
  lua_newtable(L);
  lua_setiuservalue(L, at, 1);
  luaL_checkstack(L, arguments + 8, "arguments");
  convert_lists(L, arguments);
  lua_pushvalue(L, lua_upvalueindex(1));
  for (int i = 1; i <= arguments; i++) {
    vta_array *array = vta_test(L, i);
    if (array) {
      int input = add_array(L, of, at, array, i);
      push_symbol(L, at, input, (va_dtype)array->dtype);
    } else {
      lua_pushvalue(L, i);
    }
  }
  lua_call(L, arguments, LUA_MULTRET);
  of->done = true;
  if (lua_gettop(L) > at + 1)
    return luaL_error(L, "array.fuse: the function must return one value, got %d",
                      lua_gettop(L) - at);
  lua_settop(L, at + 1);
  vta_symbol *result = vta_test_symbol(L, -1);
  if (!result || result->of != of)
    return luaL_error(L, "array.fuse: the function must return what it computes from its arrays, "
                      "got %s", luaL_typename(L, -1));
  return compute(L, of, result);
}

static int fuse(lua_State *L) {
  if (lua_type(L, 1) != LUA_TFUNCTION)
    return luaL_error(L, "array.fuse: argument 1 must be a function, got %s", luaL_typename(L, 1));
  lua_settop(L, 1);
  lua_pushcclosure(L, call, 1);
  return 1;
}

const luaL_Reg vta_fuse_functions[] = {{"fuse", fuse}, {NULL, NULL}};
