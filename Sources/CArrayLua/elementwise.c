// SPDX-License-Identifier: BSD-3-Clause
//
// Elementwise functions, one row each, and operators.

#include <string.h>

#include "elementwise.h"
#include "fuse.h"
#include "options.h"

// MARK: Types

static bool is_bitwise(va_operation operation) {
  return operation == VA_BITWISE_AND || operation == VA_BITWISE_OR || operation == VA_BITWISE_XOR ||
         operation == VA_BITWISE_INVERT || operation == VA_LEFT_SHIFT ||
         operation == VA_RIGHT_SHIFT || operation == VA_LOGICAL_RIGHT_SHIFT;
}

static int not_defined(lua_State *L, const char *what, va_operation operation, va_dtype dtype) {
  if (is_bitwise(operation))
    return luaL_error(L, "%s: not defined for %s; it takes %s", what, va_name(dtype),
                      va_operation_result(operation, VA_BOOL) == VA_DTYPES
                          ? "integers" : "integers and booleans");
  if (dtype == VA_BOOL && operation >= VA_ADD && operation <= VA_POW)
    return luaL_error(L, "%s: not defined for bool; use & | ~, array.where, or a:astype \"int64\"",
                      what);
  if (dtype == VA_BOOL)
    return luaL_error(L, "%s: not defined for bool; convert it: a:astype \"int64\"", what);
  return luaL_error(L, "%s: not defined for %s", what, va_name(dtype));
}

/// The type in which the operation is computed for operands of the type.
static va_dtype loop_type(lua_State *L, const char *what, va_operation operation, va_dtype dtype) {
  if (va_operation_result(operation, dtype) != VA_DTYPES) return dtype;
  if (va_is_integer(dtype) && va_operation_result(operation, VA_FLOAT64) != VA_DTYPES)
    return VA_FLOAT64;
  not_defined(L, what, operation, dtype);
  return dtype;
}

/// For bitwise operations, floats with the value of an integer become integers, as in Lua.
static void round_scalars(lua_State *L, const vta_operands *operands) {
  for (int i = 0; i < operands->count; i++) {
    int exact;
    if (operands->arrays[i] || lua_type(L, operands->at[i]) != LUA_TNUMBER) continue;
    lua_Integer value = lua_tointegerx(L, operands->at[i], &exact);
    if (!exact) continue;
    lua_pushinteger(L, value);
    lua_replace(L, operands->at[i]);
  }
}

static int compute(
    lua_State *L, vta_operands *operands, va_operation operation, const char *what, bool floats,
    int options) {
  vta_read_operands(L, operands, what);
  if (is_bitwise(operation)) round_scalars(L, operands);
  operands->arithmetic = operation >= VA_ADD && operation <= VA_POW;
  int first = operation == VA_WHERE ? 1 : 0;
  va_dtype dtype = vta_common_type(operands, first);
  if (floats && va_is_integer(dtype)) dtype = VA_FLOAT64;
  va_dtype loop = first ? dtype : loop_type(L, what, operation, dtype);
  if (first) {
    va_dtype type = operands->types[0];
    if (type != VA_DTYPES ? type != VA_BOOL : lua_type(L, operands->at[0]) != LUA_TBOOLEAN)
      return luaL_error(L, "where: the condition must be bool, got %s",
                        type != VA_DTYPES ? va_name(type) : luaL_typename(L, operands->at[0]));
    if (type == VA_DTYPES) {
      vta_read_element(L, operands->at[0], VA_BOOL, operands->scalars[0]);
      operands->views[0].dtype = VA_BOOL;
      operands->views[0].axes = 0;
    }
  }
  if (operands->has_symbol) {
    if (options) return luaL_error(L, "%s: options are not possible inside array.fuse", what);
    return vta_record(operands, operation, first, loop);
  }
  vta_convert_operands(operands, first, loop);
  vta_find_shape(operands);
  return vta_compute(operands, operation, loop, options);
}

// MARK: Functions

/// A function of `inputs` arguments, which options may follow.
static int call(lua_State *L, va_operation operation) {
  const char *what = va_operation_name(operation);
  vta_operands operands;  // most of it is set as far as it is used
  operands.count = va_operation_inputs(operation);
  int options = operands.count + 1;
  if (lua_gettop(L) > options)
    return luaL_error(L, "%s: %d arguments are too many", what, lua_gettop(L));
  lua_settop(L, options);
  vta_check_options(L, options, what, "out array");
  for (int i = 0; i < operands.count; i++) operands.at[i] = i + 1;
  if (lua_isnil(L, options)) options = 0;
  return compute(L, &operands, operation, what, false, options);
}

#define FUNCTION(id, name, inputs, cost) \
  static int call_##id(lua_State *L) { return call(L, VA_##id); }
VA_OPERATIONS_LIST(FUNCTION)
#undef FUNCTION

/// clip(a, least, greatest), where one of the bounds may be nil.
static int clip(lua_State *L) {
  vta_operands operands = {.count = 3, .at = {1, 2, 3}};
  lua_settop(L, 4);
  vta_check_options(L, 4, "clip", "out array");
  int options = lua_isnil(L, 4) ? 0 : 4;
  va_operation operation = VA_CLIP;
  if (lua_isnil(L, 2) && lua_isnil(L, 3)) {
    operation = VA_POSITIVE;
    operands.count = 1;
  } else if (lua_isnil(L, 2)) {
    operation = VA_MINIMUM;
    operands.count = 2;
    operands.at[1] = 3;
  } else if (lua_isnil(L, 3)) {
    operation = VA_MAXIMUM;
    operands.count = 2;
  }
  return compute(L, &operands, operation, "clip", false, options);
}

const luaL_Reg vta_elementwise_functions[] = {
#define ROW(id, name, inputs, cost) {name, call_##id},
    VA_OPERATIONS_LIST(ROW)
#undef ROW
    {"clip", clip},
    {"eq", call_EQUAL},
    {"ne", call_NOT_EQUAL},
    {"lt", call_LESS},
    {"le", call_LESS_EQUAL},
    {"gt", call_GREATER},
    {"ge", call_GREATER_EQUAL},
    {NULL, NULL}};

// MARK: Operators

static int operate(lua_State *L, va_operation operation, const char *what, bool floats) {
  if (vta_compute_small(L, operation)) return 1;
  vta_operands operands;
  operands.count = va_operation_inputs(operation);
  for (int i = 1; i <= operands.count; i++) {
    int type = lua_type(L, i);
    operands.at[i - 1] = i;
    if (type != LUA_TNUMBER && type != LUA_TBOOLEAN && type != LUA_TTABLE && type != LUA_TUSERDATA)
      return luaL_error(L, "%s: %s is a %s; an array, a number or a list is needed", what,
                        i == 1 ? "a" : "b", luaL_typename(L, i));
  }
  lua_settop(L, operands.count);
  return compute(L, &operands, operation, what, floats, 0);
}

#define OPERATOR(name, id, text, floats) \
  static int name(lua_State *L) { return operate(L, VA_##id, text, floats); }
OPERATOR(op_add, ADD, "a + b", false)
OPERATOR(op_sub, SUBTRACT, "a - b", false)
OPERATOR(op_mul, MULTIPLY, "a * b", false)
OPERATOR(op_div, DIVIDE, "a / b", true)
OPERATOR(op_idiv, FLOOR_DIVIDE, "a // b", false)
OPERATOR(op_mod, REMAINDER, "a % b", false)
OPERATOR(op_pow, POW, "a ^ b", true)
OPERATOR(op_unm, NEGATIVE, "-a", false)
OPERATOR(op_band, BITWISE_AND, "a & b", false)
OPERATOR(op_bor, BITWISE_OR, "a | b", false)
OPERATOR(op_bxor, BITWISE_XOR, "a ~ b", false)
OPERATOR(op_bnot, BITWISE_INVERT, "~a", false)
OPERATOR(op_shl, LEFT_SHIFT, "a << b", false)
OPERATOR(op_shr, LOGICAL_RIGHT_SHIFT, "a >> b", false)

static int op_order(lua_State *L) {
  return luaL_error(L, "arrays are compared by a:lt(b), which gives an array of booleans");
}

const luaL_Reg vta_operators[] = {
    {"__add", op_add},   {"__sub", op_sub},   {"__mul", op_mul},   {"__div", op_div},
    {"__idiv", op_idiv}, {"__mod", op_mod},   {"__pow", op_pow},   {"__unm", op_unm},
    {"__band", op_band}, {"__bor", op_bor},   {"__bxor", op_bxor}, {"__bnot", op_bnot},
    {"__shl", op_shl},   {"__shr", op_shr},   {"__lt", op_order},  {"__le", op_order},
    {NULL, NULL}};
