// SPDX-License-Identifier: BSD-3-Clause
//
// Finding, describing, copying and removing files, and their SHA-256.

#ifndef VTY_FILE_TREE_H
#define VTY_FILE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Called periodically by functions that may take long; true makes them stop with ECANCELED.
typedef bool (*vty_stop)(void *context);

/// A list of names, each ended by a zero byte. The caller frees `bytes`.
typedef struct {
  char *bytes;
  size_t length, room;
} vty_names;

enum {
  VTY_GLOB_HIDDEN = 1,       ///< `*`, `?` and `**` match names that begin with a dot
  VTY_GLOB_FILES = 2,        ///< regular files only, and links to them
  VTY_GLOB_DIRECTORIES = 4,  ///< directories only, and links to them
};

/// Finds the paths that match a pattern, sorted by their bytes. `*` and `?` match within a name, `[a-z]`
/// and `[!a-z]` one character, `{a,b}` one of several texts, and a whole part `**` any number of
/// directories, without following links. A backslash makes the next character an ordinary one.
/// Returns an error number, or 0.
int vty_glob(const char *pattern, int flags, vty_names *found, vty_stop stop, void *context);

/// The status of a file.
typedef struct {
  char kind;  ///< 'f'ile, 'd'irectory, 'l'ink (only when links are not followed), 'o'ther
  int64_t size, modified;  ///< `modified` in nanoseconds since 1970
  unsigned mode;
} vty_status;

/// Reads the status of a file. Returns an error number, or 0.
int vty_status_read(const char *path, bool follows, vty_status *status);
/// The text of an observed status: of all fields, or only of the kind. Empty where there is no file.
void vty_status_text(const char *path, bool has_all, char text[96]);

enum { VTY_PROGRAM_PATH = 4096 };
/// The list of directories that is searched for programs: `given`, or else PATH, or else a default.
const char *vty_program_path(const char *given);
/// Finds the file of a program in a list of directories such as PATH; a name with a slash is a path
/// itself. Returns an error number, or 0.
int vty_find_program(const char *name, const char *search, char path[VTY_PROGRAM_PATH]);

/// Makes a directory and its parents. Returns an error number, or 0. `*existed` becomes true if it was
/// there already.
int vty_make_directories(const char *path, bool *existed);
/// Removes a file, or a directory with everything in it, without following links. Returns an error
/// number, or 0.
int vty_remove_tree(const char *path, vty_stop stop, void *context);
/// Copies a regular file with its permissions to a name that nothing has. Returns an error number, or
/// 0; then there is no new file.
int vty_copy_file(const char *from, const char *to, vty_stop stop, void *context);
/// The SHA-256 of a file as 64 hexadecimal digits. Returns an error number, or 0.
int vty_sha256_file(const char *path, char digits[65], vty_stop stop, void *context);
/// The same of bytes.
void vty_sha256_text(const void *bytes, size_t length, char digits[65]);

#endif
