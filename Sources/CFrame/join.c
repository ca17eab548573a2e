// SPDX-License-Identifier: BSD-3-Clause
//
// Pairs of rows with equal codes.

#include <string.h>

#include "frame.h"

/// join(left codes, right codes, number of codes, how): the rows of both sides for each row of the
/// result, from 1, and 0 where a side has none. Rows are in the order of the left side, and rows that
/// match the same one in that of the right side. `how` is "inner", "left", "outer", "semi" or "anti";
/// the last two have no right rows.
int vtf_join(lua_State *L) {
  int64_t left_count, right_count, groups = luaL_checkinteger(L, 3);
  const char *how = luaL_checkstring(L, 4);
  lua_settop(L, 4);
  vtf_integers(L, 1, &left_count);
  vtf_integers(L, 2, &right_count);
  // The rows of each code lie between its start and the next one.
  int64_t *starts = vtf_memory(L, (size_t)(groups + 2) * sizeof *starts);
  int64_t *order = vtf_memory(L, (size_t)(right_count + 1) * sizeof *order);
  int64_t *left = vtf_integers(L, 1, &left_count), *right = vtf_integers(L, 2, &right_count);
  memset(starts, 0, (size_t)(groups + 2) * sizeof *starts);
  for (int64_t i = 0; i < right_count; i++) {
    if (right[i] < 0 || right[i] > groups) return luaL_error(L, "a code is out of range");
    if (right[i]) starts[right[i] + 1]++;
  }
  for (int64_t code = 1; code <= groups + 1; code++) starts[code] += starts[code - 1];
  for (int64_t i = 0; i < right_count; i++)
    if (right[i]) order[starts[right[i]]++] = i + 1;
  // Filling has moved each start to its end, which is the start of the next code.
  bool keeps = strcmp(how, "left") == 0 || strcmp(how, "outer") == 0;
  bool semi = strcmp(how, "semi") == 0, anti = strcmp(how, "anti") == 0;
  int64_t count = 0;
  for (int64_t i = 0; i < left_count; i++) {
    if (left[i] < 0 || left[i] > groups) return luaL_error(L, "a code is out of range");
    int64_t matches = left[i] ? starts[left[i]] - starts[left[i] - 1] : 0;
    count += semi ? matches > 0 : anti ? matches == 0 : matches == 0 && keeps ? 1 : matches;
  }
  uint8_t *used = NULL;
  if (strcmp(how, "outer") == 0) {
    used = vtf_memory(L, (size_t)right_count);
    left = vtf_integers(L, 1, &left_count);
    memset(used, 0, (size_t)right_count);
    for (int64_t i = 0; i < left_count; i++)
      if (left[i])
        for (int64_t j = starts[left[i] - 1]; j < starts[left[i]]; j++) used[order[j] - 1] = 1;
    for (int64_t i = 0; i < right_count; i++) count += !used[i];
  }
  int64_t *out_left = vtf_new_array(L, VA_INT64, count);
  int64_t *out_right = vtf_new_array(L, VA_INT64, count);
  left = vtf_integers(L, 1, &left_count);
  int64_t at = 0;
  for (int64_t i = 0; i < left_count; i++) {
    if ((i & 0xffff) == 0) vtf_check_stop(L);
    int64_t first = left[i] ? starts[left[i] - 1] : 0, end = left[i] ? starts[left[i]] : 0;
    if (semi || anti || first == end) {
      if (semi ? first == end : anti ? first != end : !keeps) continue;
      out_left[at] = i + 1;
      out_right[at++] = 0;
      continue;
    }
    for (int64_t j = first; j < end; j++) {
      out_left[at] = i + 1;
      out_right[at++] = order[j];
    }
  }
  if (used)
    for (int64_t i = 0; i < right_count; i++)
      if (!used[i]) {
        out_left[at] = 0;
        out_right[at++] = i + 1;
      }
  return 2;
}
