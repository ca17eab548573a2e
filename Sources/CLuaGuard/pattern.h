// SPDX-License-Identifier: BSD-3-Clause
//
// Matching of Lua's patterns, for functions that can be stopped.

#ifndef VTL_PATTERN_H
#define VTL_PATTERN_H

#include "restricted.h"

enum {
  VTL_CAPTURES = 32,    ///< the most captures of a pattern
  VTL_IS_OPEN = -1,        ///< the length of a capture that is not closed
  VTL_IS_POSITION = -2,    ///< the length of a capture of a position
};

typedef struct {
  lua_State *L;
  const char *text, *text_end, *pattern_end;
  int depth, captures;
  size_t steps;
  struct {
    const char *start;
    ptrdiff_t length;
  } capture[VTL_CAPTURES];
} vtl_matcher;

void vtl_matcher_prepare(vtl_matcher *m, lua_State *L, const char *text, size_t length,
                         const char *pattern, size_t pattern_length);
/// Counts a step, and raises if the evaluation must stop.
void vtl_matcher_step(vtl_matcher *m);
/// Returns the end of the match of the pattern at `p` with the text at `s`; NULL if there is none.
const char *vtl_match(vtl_matcher *m, const char *s, const char *p);

#endif
