// SPDX-License-Identifier: BSD-3-Clause

/// Kernels that compute each element from the elements at the same place.
#ifndef VTLUA_CARRAYS_ELEMENTWISE_H
#define VTLUA_CARRAYS_ELEMENTWISE_H

#include "CArrays.h"

/// The operations: identifier, name, number of inputs, nanoseconds an element (about).
#define VA_OPERATIONS_LIST(F)                                                                  \
  F(NEGATIVE, "negative", 1, 1)                                                                \
  F(POSITIVE, "positive", 1, 1)                                                                \
  F(ABS, "abs", 1, 1)                                                                          \
  F(SIGN, "sign", 1, 1)                                                                        \
  F(SQUARE, "square", 1, 1)                                                                    \
  F(SQRT, "sqrt", 1, 2)                                                                        \
  F(RECIPROCAL, "reciprocal", 1, 2)                                                            \
  F(CEIL, "ceil", 1, 1)                                                                        \
  F(FLOOR, "floor", 1, 1)                                                                      \
  F(TRUNC, "trunc", 1, 1)                                                                      \
  F(ROUND, "round", 1, 1)                                                                      \
  F(CONJ, "conj", 1, 1)                                                                        \
  F(REAL, "real", 1, 1)                                                                        \
  F(IMAG, "imag", 1, 1)                                                                        \
  F(ISNAN, "isnan", 1, 1)                                                                      \
  F(ISINF, "isinf", 1, 1)                                                                      \
  F(ISFINITE, "isfinite", 1, 1)                                                                \
  F(SIGNBIT, "signbit", 1, 1)                                                                  \
  F(LOGICAL_NOT, "logical_not", 1, 1)                                                          \
  F(BITWISE_INVERT, "bitwise_invert", 1, 1)                                                    \
  F(EXP, "exp", 1, 2)                                                                          \
  F(EXP2, "exp2", 1, 2)                                                                        \
  F(EXPM1, "expm1", 1, 3)                                                                      \
  F(LOG, "log", 1, 2)                                                                          \
  F(LOG1P, "log1p", 1, 3)                                                                      \
  F(LOG2, "log2", 1, 2)                                                                        \
  F(LOG10, "log10", 1, 2)                                                                      \
  F(SIN, "sin", 1, 2)                                                                          \
  F(COS, "cos", 1, 2)                                                                          \
  F(TAN, "tan", 1, 3)                                                                          \
  F(ASIN, "asin", 1, 3)                                                                        \
  F(ACOS, "acos", 1, 3)                                                                        \
  F(ATAN, "atan", 1, 3)                                                                        \
  F(SINH, "sinh", 1, 4)                                                                        \
  F(COSH, "cosh", 1, 4)                                                                        \
  F(TANH, "tanh", 1, 4)                                                                        \
  F(ASINH, "asinh", 1, 5)                                                                      \
  F(ACOSH, "acosh", 1, 5)                                                                      \
  F(ATANH, "atanh", 1, 5)                                                                      \
  F(CBRT, "cbrt", 1, 4)                                                                        \
  F(ERF, "erf", 1, 5)                                                                          \
  F(ERFC, "erfc", 1, 8)                                                                        \
  F(GAMMA, "gamma", 1, 10)                                                                     \
  F(LGAMMA, "lgamma", 1, 10)                                                                   \
  F(ADD, "add", 2, 1)                                                                          \
  F(SUBTRACT, "subtract", 2, 1)                                                                \
  F(MULTIPLY, "multiply", 2, 1)                                                                \
  F(DIVIDE, "divide", 2, 2)                                                                    \
  F(FLOOR_DIVIDE, "floor_divide", 2, 1)                                                        \
  F(REMAINDER, "remainder", 2, 2)                                                              \
  F(POW, "pow", 2, 6)                                                                          \
  F(MINIMUM, "minimum", 2, 1)                                                                  \
  F(MAXIMUM, "maximum", 2, 1)                                                                  \
  F(EQUAL, "equal", 2, 1)                                                                      \
  F(NOT_EQUAL, "not_equal", 2, 1)                                                              \
  F(LESS, "less", 2, 1)                                                                        \
  F(LESS_EQUAL, "less_equal", 2, 1)                                                            \
  F(GREATER, "greater", 2, 1)                                                                  \
  F(GREATER_EQUAL, "greater_equal", 2, 1)                                                      \
  F(LOGICAL_AND, "logical_and", 2, 1)                                                          \
  F(LOGICAL_OR, "logical_or", 2, 1)                                                            \
  F(LOGICAL_XOR, "logical_xor", 2, 1)                                                          \
  F(BITWISE_AND, "bitwise_and", 2, 1)                                                          \
  F(BITWISE_OR, "bitwise_or", 2, 1)                                                            \
  F(BITWISE_XOR, "bitwise_xor", 2, 1)                                                          \
  F(LEFT_SHIFT, "bitwise_left_shift", 2, 1)                                                    \
  F(RIGHT_SHIFT, "bitwise_right_shift", 2, 1)                                                  \
  F(LOGICAL_RIGHT_SHIFT, ">>", 2, 1)                                                           \
  F(COPYSIGN, "copysign", 2, 1)                                                                \
  F(NEXTAFTER, "nextafter", 2, 4)                                                              \
  F(HYPOT, "hypot", 2, 3)                                                                      \
  F(ATAN2, "atan2", 2, 4)                                                                      \
  F(LOGADDEXP, "logaddexp", 2, 20)                                                             \
  F(CLIP, "clip", 3, 1)                                                                        \
  F(WHERE, "where", 3, 1)

typedef enum {
#define VA_OPERATION_CASE(id, name, inputs, cost) VA_##id,
  VA_OPERATIONS_LIST(VA_OPERATION_CASE)
#undef VA_OPERATION_CASE
  VA_OPERATIONS  // the number of operations; as a result: no such operation
} va_operation;

/// The name of an operation: the Array API standard's where it has one.
const char *va_operation_name(va_operation operation);
/// The operation with the name, or VA_OPERATIONS.
va_operation va_operation_named(const char *name);
/// The number of inputs: 1, 2 or 3.
int va_operation_inputs(va_operation operation);

/// The type of the result for inputs of the type `dtype`: VA_BOOL for comparisons and predicates,
/// the real type for `abs`, `real` and `imag` of complex numbers, else `dtype`. VA_DTYPES when the
/// operation is not defined for the type. Integers have no functions such as `sin` and `divide`:
/// convert them to float64 before. `dtype` is the type of all inputs, except of the first one of
/// `where`, which is bool.
va_dtype va_operation_result(va_operation operation, va_dtype dtype);

/// Computes `out` from the inputs, which have its shape and one type. An input may be the same
/// memory as `out`, element by element; otherwise they do not overlap.
///
/// Integers wrap. `floor_divide` and `remainder` round down, as Lua's `//` and `%`, also for
/// infinities; for integers they fail with VA_BY_ZERO and `pow` with VA_NEGATIVE_POWER before
/// anything is written. A shift by the width of the type or more gives 0 (`bitwise_right_shift`,
/// which keeps the sign: 0 or -1); a negative shift is one in the other direction; `>>` shifts
/// zeros in, as Lua does.
va_status va_apply(
    va_operation operation, const va_view *const *inputs, const va_view *out, va_detail *detail);

/// Computes `n` elements that lie one after another: p[0] and so on are the inputs, then the output. For
/// operations and types that are defined and never fail.
void va_apply_flat(va_operation operation, va_dtype dtype, char *const *p, int64_t n);

/// True if elementwise functions such as `sin` use SLEEF; loads it. Otherwise they use libm, and
/// `failure` is the reason.
bool va_has_sleef(const char **failure);

typedef enum {
  VA_CAST_CHECKED,   ///< a value that does not fit is an error
  VA_CAST_SATURATE,  ///< it becomes the nearest that fits
  VA_CAST_WRAP,      ///< its lowest bits are kept; a float must fit int64
} va_cast_mode;

/// Converts between any two types but complex to real. Floats are truncated towards zero; NaN to
/// an integer is an error in every mode.
va_status va_cast(
    const va_view *from, const va_view *to, va_cast_mode mode, va_detail *detail);

#endif
