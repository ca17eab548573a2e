// SPDX-License-Identifier: BSD-3-Clause

#define _GNU_SOURCE
#include "Secrets.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// A form of a secret. Forms are never removed.
struct form {
  char *bytes;
  size_t length;
  const char *name;
  bool is_original;
  struct form *next;  ///< no longer than this one
};

_Atomic(bool) vty_secrets_exist;

static pthread_rwlock_t secrets_lock = PTHREAD_RWLOCK_INITIALIZER;
static struct form *forms;

// MARK: Forms

/// Adds a form if it is new. The lock is held.
static void add(const char *name, const char *bytes, size_t length, bool is_original) {
  if (length < VTY_SHORTEST_SECRET) return;
  for (struct form *form = forms; form; form = form->next)
    if (form->length == length && memcmp(form->bytes, bytes, length) == 0) {
      form->is_original |= is_original;
      return;
    }
  struct form *made = calloc(1, sizeof *made);
  char *copy = malloc(length);
  if (!made || !copy) {
    free(made);
    free(copy);
    return;
  }
  memcpy(copy, bytes, length);
  *made = (struct form){copy, length, name, is_original, NULL};
  struct form **at = &forms;
  while (*at && (*at)->length > length) at = &(*at)->next;
  made->next = *at;
  *at = made;
}

static bool is_plain(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

/// The form in an address or a form: `%XX`, with `+` for a space if `plus`.
static size_t percent(const unsigned char *bytes, size_t length, bool plus, const char *digits,
                      char *out) {
  size_t count = 0;
  for (size_t i = 0; i < length; i++) {
    if (is_plain(bytes[i])) {
      out[count++] = (char)bytes[i];
    } else if (plus && bytes[i] == ' ') {
      out[count++] = '+';
    } else {
      out[count++] = '%';
      out[count++] = digits[bytes[i] >> 4];
      out[count++] = digits[bytes[i] & 15];
    }
  }
  return count;
}

/// The form between quotes of JSON and of Lua.
static size_t escaped(const unsigned char *bytes, size_t length, char quoted, char *out) {
  size_t count = 0;
  for (size_t i = 0; i < length; i++) {
    char c = (char)bytes[i];
    if (c == '"' || c == '\\' || (quoted && c == quoted)) {
      out[count++] = '\\';
      out[count++] = c;
    } else if (c == '\n' || c == '\t' || c == '\r') {
      out[count++] = '\\';
      out[count++] = c == '\n' ? 'n' : c == '\t' ? 't' : 'r';
    } else {
      out[count++] = c;
    }
  }
  return count;
}

/// The form in an element or an attribute of HTML.
static size_t markup(const unsigned char *bytes, size_t length, char *out) {
  size_t count = 0;
  for (size_t i = 0; i < length; i++) {
    const char *name = bytes[i] == '&'    ? "&amp;"
                       : bytes[i] == '<'  ? "&lt;"
                       : bytes[i] == '>'  ? "&gt;"
                       : bytes[i] == '"'  ? "&quot;"
                       : bytes[i] == '\'' ? "&#39;"
                                          : NULL;
    if (!name) {
      out[count++] = (char)bytes[i];
      continue;
    }
    size_t more = strlen(name);
    memcpy(out + count, name, more);
    count += more;
  }
  return count;
}

static size_t hexadecimal(const unsigned char *bytes, size_t length, const char *digits, char *out) {
  for (size_t i = 0; i < length; i++) {
    out[2 * i] = digits[bytes[i] >> 4];
    out[2 * i + 1] = digits[bytes[i] & 15];
  }
  return 2 * length;
}

/// The characters of base64 that depend on these bytes alone, when `before` bytes stand in front of
/// them.
static size_t base64(const unsigned char *bytes, size_t length, size_t before, const char *letters,
                     char *out) {
  size_t first = (8 * before + 5) / 6, end = 8 * (before + length) / 6, count = 0;
  for (size_t i = first; i < end; i++) {
    unsigned value = 0;
    for (size_t bit = 6 * i; bit < 6 * i + 6; bit++) {
      size_t place = bit - 8 * before;
      value = value << 1 | (bytes[place / 8] >> (7 - place % 8) & 1);
    }
    out[count++] = letters[value];
  }
  return count;
}

static void add_forms(const char *name, const unsigned char *bytes, size_t length) {
  static const char upper[] = "0123456789ABCDEF", lower[] = "0123456789abcdef";
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  char *out = malloc(6 * length + 8);
  if (!out) return;
  add(name, out, percent(bytes, length, false, upper, out), false);
  add(name, out, percent(bytes, length, true, upper, out), false);
  add(name, out, percent(bytes, length, false, lower, out), false);
  add(name, out, escaped(bytes, length, 0, out), false);
  add(name, out, escaped(bytes, length, '/', out), false);
  add(name, out, escaped(bytes, length, '\'', out), false);
  add(name, out, markup(bytes, length, out), false);
  if (length >= 8) {
    add(name, out, hexadecimal(bytes, length, upper, out), false);
    add(name, out, hexadecimal(bytes, length, lower, out), false);
    char letters[65];
    for (int kind = 0; kind < 2; kind++) {
      snprintf(letters, sizeof letters, "%s%s", alphabet, kind ? "-_" : "+/");
      for (size_t before = 0; before < 3; before++)
        add(name, out, base64(bytes, length, before, letters, out), false);
    }
  }
  free(out);
}

void vty_secret_add(const char *name, const void *bytes, size_t length) {
  if (length < VTY_SHORTEST_SECRET) return;
  pthread_rwlock_wrlock(&secrets_lock);
  char *kept = NULL;
  for (struct form *form = forms; form && !kept; form = form->next)
    if (strcmp(form->name, name) == 0) kept = (char *)form->name;
  if (!kept) kept = strdup(name);
  if (kept) {
    add(kept, bytes, length, true);
    add_forms(kept, bytes, length);
    // Each line of a long text, such as a key, may be printed by itself.
    const char *at = bytes, *end = at + length;
    while (at < end) {
      const char *line = memchr(at, '\n', (size_t)(end - at));
      size_t count = (size_t)((line ? line : end) - at);
      if (count < length && count >= 16) add(kept, at, count, false);
      at += count + 1;
    }
    atomic_store_explicit(&vty_secrets_exist, forms != NULL, memory_order_release);
  }
  pthread_rwlock_unlock(&secrets_lock);
}

// MARK: Search

const char *vty_secret_in(const void *bytes, size_t length) {
  if (!vty_has_secrets()) return NULL;
  const char *name = NULL;
  pthread_rwlock_rdlock(&secrets_lock);
  for (struct form *form = forms; form && !name; form = form->next)
    if (memmem(bytes, length, form->bytes, form->length)) name = form->name;
  pthread_rwlock_unlock(&secrets_lock);
  return name;
}

void vty_secrets_blank(void *bytes, size_t length) {
  if (!vty_has_secrets()) return;
  pthread_rwlock_rdlock(&secrets_lock);
  for (struct form *form = forms; form; form = form->next) {
    char *at = bytes, *end = at + length;
    while ((at = memmem(at, (size_t)(end - at), form->bytes, form->length))) {
      memset(at, '*', form->length);
      at += form->length;
    }
  }
  pthread_rwlock_unlock(&secrets_lock);
}

char *vty_secrets_mask(const char *text, size_t length, size_t *masked) {
  if (!vty_secret_in(text, length)) return NULL;
  char *out = malloc(length + 1);
  bool *hidden = calloc(length, sizeof *hidden);
  if (!out || !hidden) {  // nothing is better than a secret
    free(hidden);
    *masked = 0;
    return out ? out : calloc(1, 1);
  }
  pthread_rwlock_rdlock(&secrets_lock);
  for (struct form *form = forms; form; form = form->next) {
    const char *at = text, *end = text + length;
    while ((at = memmem(at, (size_t)(end - at), form->bytes, form->length))) {
      memset(hidden + (at - text), 1, form->length);
      at++;
    }
  }
  pthread_rwlock_unlock(&secrets_lock);
  size_t count = 0;
  for (size_t i = 0; i < length; i++) {
    if (!hidden[i]) {
      out[count++] = text[i];
    } else if (i == 0 || !hidden[i - 1]) {
      // At least four bytes are hidden: there is room.
      memcpy(out + count, "***", 3);
      count += 3;
    }
  }
  free(hidden);
  *masked = count;
  return out;
}

void vty_secrets_each(
    void (*body)(void *context, const char *name, const void *bytes, size_t length),
    void *context) {
  if (!vty_has_secrets()) return;
  pthread_rwlock_rdlock(&secrets_lock);
  for (struct form *form = forms; form; form = form->next)
    if (form->is_original) body(context, form->name, form->bytes, form->length);
  pthread_rwlock_unlock(&secrets_lock);
}
