// SPDX-License-Identifier: BSD-3-Clause
//
// Patterns for restricted states. They have the meaning and the messages of Lua's own, and can be stopped: a
// pattern that backtracks may take years, and Lua's functions run no hooks.

#include "pattern.h"

#include <ctype.h>
#include <string.h>

enum {
  DEEPEST = 200,   ///< nested calls of vtl_match
  POLL = 1 << 12,  ///< steps between two looks for a stop
  COMPARED = 16,   ///< bytes that are compared in the time of a step
};

/// Counts steps, and raises if the evaluation must stop.
static void spend(vtl_matcher *m, ptrdiff_t steps) {
  m->steps += (size_t)steps;
  if (m->steps < POLL) return;
  m->steps = 0;
  vtl_poll_stop(m->L);
}

void vtl_matcher_step(vtl_matcher *m) { spend(m, 1); }

void vtl_matcher_prepare(vtl_matcher *m, lua_State *L, const char *text, size_t length, const char *pattern,
                    size_t pattern_length) {
  m->L = L;
  m->text = text;
  m->text_end = text + length;
  m->pattern_end = pattern + pattern_length;
  m->depth = DEEPEST;
  m->captures = 0;
  m->steps = 0;
}

// MARK: Single characters

/// The end of the item at `p`: a character, a class, or a set.
static const char *item_end(vtl_matcher *m, const char *p) {
  char first = *p++;
  if (first == '%') {
    if (p == m->pattern_end) luaL_error(m->L, "malformed pattern (ends with '%%')");
    return p + 1;
  }
  if (first != '[') return p;
  const char *start = p;
  if (p < m->pattern_end && *p == '^') p++;
  // A bracket in the first place is a member of the set.
  for (bool is_first = true; is_first || p == m->pattern_end || *p != ']'; is_first = false) {
    if (p == m->pattern_end) luaL_error(m->L, "malformed pattern (missing ']')");
    if (*p++ == '%') {
      if (p == m->pattern_end) luaL_error(m->L, "malformed pattern (missing ']')");
      p++;
    }
  }
  spend(m, p - start);
  return p + 1;
}

static bool in_class(int c, int class) {
  bool found;
  switch (tolower(class)) {
    case 'a': found = isalpha(c); break;
    case 'c': found = iscntrl(c); break;
    case 'd': found = isdigit(c); break;
    case 'g': found = isgraph(c); break;
    case 'l': found = islower(c); break;
    case 'p': found = ispunct(c); break;
    case 's': found = isspace(c); break;
    case 'u': found = isupper(c); break;
    case 'w': found = isalnum(c); break;
    case 'x': found = isxdigit(c); break;
    case 'z': found = c == 0; break;
    default: return class == c;
  }
  return isupper(class) ? !found : found;
}

/// True if `c` is in the set from `p`, its opening bracket, to `last`, its closing one.
static bool in_set(int c, const char *p, const char *last) {
  bool result = true;
  if (*++p == '^') {
    result = false;
    p++;
  }
  for (; p < last; p++) {
    if (*p == '%') {
      if (in_class(c, (unsigned char)*++p)) return result;
    } else if (p[1] == '-' && p + 2 < last) {
      if ((unsigned char)*p <= c && c <= (unsigned char)p[2]) return result;
      p += 2;
    } else if ((unsigned char)*p == c) {
      return result;
    }
  }
  return !result;
}

/// True if the character at `s` matches the item from `p` to `end`.
static bool is_single(vtl_matcher *m, const char *s, const char *p, const char *end) {
  if (s >= m->text_end) return false;
  int c = (unsigned char)*s;
  switch (*p) {
    case '.': return true;
    case '%': return in_class(c, (unsigned char)p[1]);
    case '[': spend(m, end - p); return in_set(c, p, end - 1);
    default: return (unsigned char)*p == c;
  }
}

// MARK: Items

static const char *match_most(vtl_matcher *m, const char *s, const char *p, const char *end) {
  ptrdiff_t count = 0;
  for (; is_single(m, s + count, p, end); count++) vtl_matcher_step(m);
  for (; count >= 0; count--) {
    vtl_matcher_step(m);
    const char *found = vtl_match(m, s + count, end + 1);
    if (found) return found;
  }
  return NULL;
}

static const char *match_least(vtl_matcher *m, const char *s, const char *p, const char *end) {
  for (;;) {
    vtl_matcher_step(m);
    const char *found = vtl_match(m, s, end + 1);
    if (found) return found;
    if (!is_single(m, s, p, end)) return NULL;
    s++;
  }
}

static const char *match_balance(vtl_matcher *m, const char *s, const char *p) {
  if (p + 1 >= m->pattern_end)
    luaL_error(m->L, "malformed pattern (missing arguments to '%%b')");
  if (s >= m->text_end || *s != *p) return NULL;
  char opening = *p, closing = p[1];
  const char *start = s;
  size_t open = 1;
  while (++s < m->text_end) {
    if (*s == closing) {
      if (--open == 0) break;
    } else if (*s == opening) {
      open++;
    }
  }
  spend(m, s - start);
  return open == 0 ? s + 1 : NULL;
}

static const char *begin_capture(vtl_matcher *m, const char *s, const char *p, ptrdiff_t length) {
  if (m->captures >= VTL_CAPTURES) luaL_error(m->L, "too many captures");
  m->capture[m->captures].start = s;
  m->capture[m->captures].length = length;
  m->captures++;
  const char *found = vtl_match(m, s, p);
  if (!found) m->captures--;
  return found;
}

static const char *end_capture(vtl_matcher *m, const char *s, const char *p) {
  int last = m->captures - 1;
  while (last >= 0 && m->capture[last].length != VTL_IS_OPEN) last--;
  if (last < 0) luaL_error(m->L, "invalid pattern capture");
  m->capture[last].length = s - m->capture[last].start;
  const char *found = vtl_match(m, s, p);
  if (!found) m->capture[last].length = VTL_IS_OPEN;
  return found;
}

static const char *match_reference(vtl_matcher *m, const char *s, int digit) {
  int number = digit - '1';
  if (number < 0 || number >= m->captures || m->capture[number].length == VTL_IS_OPEN)
    luaL_error(m->L, "invalid capture index %%%d", number + 1);
  size_t length = (size_t)m->capture[number].length;
  spend(m, (ptrdiff_t)(length / COMPARED));
  if ((size_t)(m->text_end - s) < length || memcmp(m->capture[number].start, s, length) != 0)
    return NULL;
  return s + length;
}

/// True at the frontier of the set from `p` to `end`: its characters begin at `s`.
static bool is_frontier(vtl_matcher *m, const char *s, const char *p, const char *end) {
  spend(m, 2 * (end - p));
  int before = s == m->text ? 0 : (unsigned char)s[-1];
  int here = s == m->text_end ? 0 : (unsigned char)*s;
  return !in_set(before, p, end - 1) && in_set(here, p, end - 1);
}

static const char *match_here(vtl_matcher *m, const char *s, const char *p) {
  while (p != m->pattern_end) {
    vtl_matcher_step(m);
    if (*p == '(') {
      bool is_position = p + 1 < m->pattern_end && p[1] == ')';
      return begin_capture(m, s, p + 1 + is_position, is_position ? VTL_IS_POSITION : VTL_IS_OPEN);
    }
    if (*p == ')') return end_capture(m, s, p + 1);
    if (*p == '$' && p + 1 == m->pattern_end) return s == m->text_end ? s : NULL;
    if (*p == '%' && p + 1 < m->pattern_end) {
      if (p[1] == 'b') {
        s = match_balance(m, s, p + 2);
        if (!s) return NULL;
        p += 4;
        continue;
      }
      if (p[1] == 'f') {
        p += 2;
        if (p == m->pattern_end || *p != '[')
          luaL_error(m->L, "missing '[' after '%%f' in pattern");
        const char *end = item_end(m, p);
        if (!is_frontier(m, s, p, end)) return NULL;
        p = end;
        continue;
      }
      if (isdigit((unsigned char)p[1])) {
        s = match_reference(m, s, (unsigned char)p[1]);
        if (!s) return NULL;
        p += 2;
        continue;
      }
    }
    const char *end = item_end(m, p);
    switch (end == m->pattern_end ? 0 : *end) {
      case '*': return match_most(m, s, p, end);
      case '+': return is_single(m, s, p, end) ? match_most(m, s + 1, p, end) : NULL;
      case '-': return match_least(m, s, p, end);
      case '?':
        if (is_single(m, s, p, end)) {
          const char *found = vtl_match(m, s + 1, end + 1);
          if (found) return found;
        }
        p = end + 1;
        break;
      default:
        if (!is_single(m, s, p, end)) return NULL;
        s++;
        p = end;
    }
  }
  return s;
}

const char *vtl_match(vtl_matcher *m, const char *s, const char *p) {
  if (m->depth-- == 0) luaL_error(m->L, "pattern too complex");
  const char *found = match_here(m, s, p);
  m->depth++;
  return found;
}
