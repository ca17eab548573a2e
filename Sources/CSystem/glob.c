// SPDX-License-Identifier: BSD-3-Clause
//
// Finding files by patterns.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "FileTree.h"

// MARK: Lists of names

static int append(vty_names *names, const char *name, size_t length) {
  if (names->room - names->length <= length) {
    size_t room = 2 * names->room + length + 256;
    char *bytes = realloc(names->bytes, room);
    if (!bytes) return ENOMEM;
    names->bytes = bytes;
    names->room = room;
  }
  memcpy(names->bytes + names->length, name, length);
  names->bytes[names->length + length] = '\0';
  names->length += length + 1;
  return 0;
}

static int compare(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/// Sorts the names, and removes those that are there twice.
static int sort(vty_names *names) {
  size_t count = 0;
  for (size_t at = 0; at < names->length; at += strlen(names->bytes + at) + 1) count++;
  if (count < 2) return 0;
  char **list = malloc(count * sizeof *list), *sorted = malloc(names->length);
  if (!list || !sorted) {
    free(list);
    free(sorted);
    return ENOMEM;
  }
  size_t next = 0;
  for (size_t at = 0; at < names->length; at += strlen(names->bytes + at) + 1)
    list[next++] = names->bytes + at;
  qsort(list, count, sizeof *list, compare);
  size_t length = 0;
  for (size_t i = 0; i < count; i++) {
    if (i && strcmp(list[i], list[i - 1]) == 0) continue;
    size_t more = strlen(list[i]) + 1;
    memcpy(sorted + length, list[i], more);
    length += more;
  }
  free(list);
  free(names->bytes);
  *names = (vty_names){sorted, length, names->length};
  return 0;
}

// MARK: Matching a name

/// The number of bytes of the character at `text`; 1 for a byte that begins none.
static size_t character(const char *text) {
  unsigned char first = (unsigned char)*text;
  size_t length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  for (size_t i = 1; i < length; i++)
    if (((unsigned char)text[i] & 0xC0) != 0x80) return 1;
  return length;
}

static long code(const char *text, size_t length) {
  unsigned char first = (unsigned char)*text;
  if (length == 1) return first;
  long value = first & (0xFF >> (length + 1));
  for (size_t i = 1; i < length; i++) value = value << 6 | ((unsigned char)text[i] & 0x3F);
  return value;
}

/// The end of the set `[...]` at `pattern`, after the bracket; NULL where it has none.
static const char *end_of_set(const char *pattern) {
  const char *at = pattern + 1;
  if (*at == '!' || *at == '^') at++;
  if (*at == ']') at++;
  while (*at && *at != ']') at += *at == '\\' && at[1] ? 2 : 1;
  return *at ? at + 1 : NULL;
}

static bool in_set(const char *set, const char *end, long value) {
  const char *at = set + 1;
  bool is_negated = *at == '!' || *at == '^', found = false;
  if (is_negated) at++;
  for (end--; at < end;) {
    if (*at == '\\' && at + 1 < end) at++;
    size_t length = character(at);
    long low = code(at, length), high = low;
    at += length;
    if (*at == '-' && at + 1 < end) {
      at++;
      if (*at == '\\' && at + 1 < end) at++;
      length = character(at);
      high = code(at, length);
      at += length;
    }
    if (low <= value && value <= high) found = true;
  }
  return found != is_negated;
}

/// True if a name matches a part of a pattern.
static bool matches(const char *pattern, const char *name) {
  const char *star = NULL, *rest = NULL;
  for (;;) {
    if (*pattern == '*') {
      star = ++pattern;
      rest = name;
      continue;
    }
    bool fits = false;
    if (*name) {
      size_t length = character(name);
      const char *end;
      if (*pattern == '?') {
        fits = true;
        pattern++;
      } else if (*pattern == '[' && (end = end_of_set(pattern))) {
        fits = in_set(pattern, end, code(name, length));
        if (fits) pattern = end;
      } else {
        const char *own = *pattern == '\\' && pattern[1] ? pattern + 1 : pattern;
        fits = *own && strncmp(own, name, length) == 0;
        if (fits) pattern = own + length;
      }
      if (fits) name += length;
    } else if (!*pattern) {
      return true;
    }
    if (fits) continue;
    if (!star || !*rest) return false;
    rest += character(rest);
    name = rest;
    pattern = star;
  }
}

static bool is_magic(const char *part) {
  for (; *part; part++) {
    if (*part == '\\' && part[1]) part++;
    else if (strchr("*?", *part) || (*part == '[' && end_of_set(part))) return true;
  }
  return false;
}

// MARK: Walking through directories

struct walk {
  char **parts;  ///< ended by NULL
  int flags;
  vty_names *found;
  vty_stop stop;
  void *context;
  bool has_opened;  ///< a directory was opened, or refused
  size_t length;
  char path[PATH_MAX];
};

static bool is_of_type(struct walk *walk, unsigned char type) {
  struct stat about;
  if (!(walk->flags & (VTY_GLOB_FILES | VTY_GLOB_DIRECTORIES))) return true;
  if (type != DT_REG && type != DT_DIR) {
    if (stat(walk->path, &about) != 0) return false;
    type = S_ISDIR(about.st_mode) ? DT_DIR : S_ISREG(about.st_mode) ? DT_REG : DT_UNKNOWN;
  }
  return type == (walk->flags & VTY_GLOB_FILES ? DT_REG : DT_DIR);
}

/// Adds a name to the path. False where it becomes too long.
static bool enter(struct walk *walk, const char *name, size_t length) {
  bool has_slash = !walk->length || walk->path[walk->length - 1] == '/';
  if (walk->length + length + 2 > sizeof walk->path) return false;
  if (!has_slash) walk->path[walk->length++] = '/';
  memcpy(walk->path + walk->length, name, length);
  walk->length += length;
  walk->path[walk->length] = '\0';
  return true;
}

static void leave(struct walk *walk, size_t length) {
  walk->length = length;
  walk->path[length] = '\0';
}

static int find(struct walk *walk, char **parts);

/// Follows an entry of a directory. Its first byte is the type.
static int follow(struct walk *walk, char **parts, const char *entry) {
  const char *name = entry + 1;
  unsigned char type = (unsigned char)entry[0] & 0x7F;
  bool is_hidden = *name == '.' && !(walk->flags & VTY_GLOB_HIDDEN);
  size_t before = walk->length;
  bool is_deep = strcmp(*parts, "**") == 0;
  if (is_deep ? is_hidden : (is_hidden && **parts != '.' && strncmp(*parts, "\\.", 2) != 0) ||
                                !matches(*parts, name))
    return 0;
  if (!enter(walk, name, strlen(name))) return 0;
  int error = 0;
  struct stat about;
  if (is_deep) {
    if (!parts[1] && is_of_type(walk, type)) error = append(walk->found, walk->path, walk->length);
    bool is_directory = type == DT_DIR;
    if (type == DT_UNKNOWN)
      is_directory = lstat(walk->path, &about) == 0 && S_ISDIR(about.st_mode);
    if (!error && is_directory) error = find(walk, parts);
  } else if (!parts[1]) {
    if (is_of_type(walk, type)) error = append(walk->found, walk->path, walk->length);
  } else if (type == DT_DIR || (type != DT_REG && stat(walk->path, &about) == 0 &&
                                S_ISDIR(about.st_mode))) {
    error = find(walk, parts + 1);
  }
  leave(walk, before);
  return error;
}

/// Finds what matches the parts of the pattern below the path.
static int find(struct walk *walk, char **parts) {
  size_t before = walk->length;
  if (walk->stop && walk->stop(walk->context)) return ECANCELED;
  if (!is_magic(*parts)) {
    char name[NAME_MAX + 1];
    size_t length = 0;
    for (const char *at = *parts; *at && length < NAME_MAX; at++) {
      if (*at == '\\' && at[1]) at++;
      name[length++] = *at;
    }
    struct stat about;
    int error = 0;
    if (enter(walk, name, length) && lstat(walk->path, &about) == 0) {
      if (parts[1]) error = find(walk, parts + 1);
      else if (is_of_type(walk, DT_UNKNOWN))
        error = append(walk->found, walk->path, walk->length);
    }
    leave(walk, before);
    return error;
  }
  // `**` stands for no directory, too.
  if (strcmp(*parts, "**") == 0 && parts[1]) {
    int error = find(walk, parts + 1);
    if (error) return error;
  }
  DIR *directory = opendir(walk->length ? walk->path : ".");
  int problem = directory || walk->has_opened ? 0 : errno;
  walk->has_opened = true;
  // The caller has named this one; others that cannot be read are left out, as shells do.
  if (!directory) return problem == EACCES ? EACCES : 0;
  // Closed before the directories in it are opened: there may be many levels.
  vty_names entries = {NULL, 0, 0};
  int error = 0;
  struct dirent *entry;
  while (!error && (entry = readdir(directory))) {
    const char *name = entry->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) continue;
    char text[NAME_MAX + 2];
    size_t length = strlen(name);
    text[0] = (char)(entry->d_type | 0x80);
    memcpy(text + 1, name, length);
    error = append(&entries, text, length + 1);
  }
  closedir(directory);
  for (size_t at = 0; !error && at < entries.length; at += strlen(entries.bytes + at) + 1)
    error = follow(walk, parts, entries.bytes + at);
  free(entries.bytes);
  return error;
}

/// Finds what matches a pattern without braces.
static int find_all(char *pattern, int flags, vty_names *found, vty_stop stop, void *context) {
  size_t length = strlen(pattern);
  struct walk *walk = calloc(1, sizeof *walk);
  char **parts = calloc(length / 2 + 2, sizeof *parts);
  int error = walk && parts ? 0 : ENOMEM;
  if (!error && length) {
    *walk = (struct walk){.parts = parts, .flags = flags, .found = found, .stop = stop,
                          .context = context};
    if (*pattern == '/') enter(walk, "/", 1);
    if (pattern[length - 1] == '/') walk->flags |= VTY_GLOB_DIRECTORIES;
    int count = 0;
    for (char *part = strtok_r(pattern, "/", &pattern); part;
         part = strtok_r(NULL, "/", &pattern))
      if (!count || strcmp(part, "**") != 0 || strcmp(parts[count - 1], "**") != 0)
        parts[count++] = part;
    if (count) error = find(walk, parts);
    else if (is_of_type(walk, DT_UNKNOWN)) error = append(found, "/", 1);
  }
  free(parts);
  free(walk);
  return error;
}

/// Finds what matches a pattern, once for each text of its first braces.
static int expand(const char *pattern, int flags, vty_names *found, vty_stop stop, void *context,
                  int depth) {
  const char *open = NULL, *close = NULL;
  for (const char *at = pattern; *at && !close; at++) {
    if (*at == '\\' && at[1]) {
      at++;
    } else if (*at == '{' && !open) {
      int level = 0;
      for (const char *end = at; *end; end++) {
        if (*end == '\\' && end[1]) end++;
        else if (*end == '{') level++;
        else if (*end == '}' && --level == 0) {
          open = at;
          close = end;
          break;
        }
      }
    }
  }
  if (!close || depth > 16) {
    char *copy = strdup(pattern);
    if (!copy) return ENOMEM;
    int error = find_all(copy, flags, found, stop, context);
    free(copy);
    return error;
  }
  int error = 0, level = 0;
  const char *start = open + 1;
  for (const char *at = open + 1; !error && at <= close; at++) {
    if (*at == '\\' && at < close) {
      at++;
      continue;
    }
    if (*at == '{') level++;
    else if (*at == '}' && at < close) level--;
    if (at != close && (*at != ',' || level)) continue;
    size_t before = (size_t)(open - pattern), own = (size_t)(at - start);
    char *one = malloc(before + own + strlen(close));
    if (!one) return ENOMEM;
    memcpy(one, pattern, before);
    memcpy(one + before, start, own);
    strcpy(one + before + own, close + 1);
    error = expand(one, flags, found, stop, context, depth + 1);
    free(one);
    start = at + 1;
  }
  return error;
}

int vty_glob(const char *pattern, int flags, vty_names *found, vty_stop stop, void *context) {
  *found = (vty_names){NULL, 0, 0};
  int error = expand(pattern, flags, found, stop, context, 0);
  if (!error) error = sort(found);
  if (error) {
    free(found->bytes);
    *found = (vty_names){NULL, 0, 0};
  }
  return error;
}
