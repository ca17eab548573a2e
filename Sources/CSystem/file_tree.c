// SPDX-License-Identifier: BSD-3-Clause
//
// The status of files, and making, copying and removing them.

#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "FileTree.h"
#include "SHA256.h"

int vty_status_read(const char *path, bool follows, vty_status *status) {
  struct stat about;
  if (fstatat(AT_FDCWD, path, &about, follows ? 0 : AT_SYMLINK_NOFOLLOW) != 0) return errno;
  status->kind = S_ISREG(about.st_mode)   ? 'f'
                 : S_ISDIR(about.st_mode) ? 'd'
                 : S_ISLNK(about.st_mode) ? 'l'
                                          : 'o';
  status->size = about.st_size;
  status->modified = about.st_mtim.tv_sec * INT64_C(1000000000) + about.st_mtim.tv_nsec;
  status->mode = about.st_mode & 07777;
  return 0;
}

void vty_status_text(const char *path, bool has_all, char text[96]) {
  vty_status status;
  text[0] = '\0';
  if (vty_status_read(path, true, &status) != 0) return;
  if (has_all)
    snprintf(text, 96, "%c %" PRId64 " %" PRId64 " %o", status.kind, status.size, status.modified,
             status.mode);
  else
    snprintf(text, 96, "%c", status.kind);
}

// MARK: Programs

/// True for a file that can be run. `*problem` becomes the reason why one that exists cannot.
static bool is_program(const char *path, int *problem) {
  struct stat about;
  if (stat(path, &about) != 0) {
    if (errno != ENOENT && errno != ENOTDIR) *problem = errno;
    return false;
  }
  if (S_ISDIR(about.st_mode)) *problem = EISDIR;
  else if (access(path, X_OK) != 0) *problem = EACCES;
  else return true;
  return false;
}

const char *vty_program_path(const char *given) {
  if (!given) given = getenv("PATH");
  return given ? given : "/usr/local/bin:/usr/bin:/bin";
}

int vty_find_program(const char *name, const char *search, char path[VTY_PROGRAM_PATH]) {
  int problem = ENOENT;
  bool is_path = strchr(name, '/');
  if (is_path) search = "";
  for (const char *start = search; *name;) {
    int length = (int)strcspn(start, ":");
    int all = is_path  ? snprintf(path, VTY_PROGRAM_PATH, "%s", name)
              : length ? snprintf(path, VTY_PROGRAM_PATH, "%.*s/%s", length, start, name)
                       : snprintf(path, VTY_PROGRAM_PATH, "./%s", name);
    if (all < VTY_PROGRAM_PATH && is_program(path, &problem)) return 0;
    if (!start[length]) break;
    start += length + 1;
  }
  return problem;
}

// MARK: Changes

static bool is_directory(const char *path) {
  struct stat about;
  return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

int vty_make_directories(const char *path, bool *existed) {
  *existed = is_directory(path);
  if (*existed) return 0;
  char *copy = strdup(path);
  if (!copy) return ENOMEM;
  int error = 0;
  for (char *at = copy + 1; !error; at++) {
    if (*at && *at != '/') continue;
    bool is_end = !*at;
    *at = '\0';
    if (mkdir(copy, 0777) != 0) {
      error = errno;
      // Another process may have made it meanwhile.
      if (is_directory(copy)) error = 0;
    }
    if (is_end) break;
    *at = '/';
  }
  free(copy);
  return error;
}

/// Removes an entry of a directory that is open.
static int remove_entry(int directory, const char *name, vty_stop stop, void *context) {
  if (stop && stop(context)) return ECANCELED;
  if (unlinkat(directory, name, 0) == 0) return 0;
  if (errno != EISDIR && errno != EPERM) return errno;
  int error = errno;
  int inner = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (inner < 0) return errno == ENOTDIR || errno == ELOOP ? error : errno;
  DIR *entries = fdopendir(inner);
  if (!entries) {
    error = errno;
    close(inner);
    return error;
  }
  error = 0;
  struct dirent *entry;
  while (!error && (entry = readdir(entries)))
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
      error = remove_entry(inner, entry->d_name, stop, context);
  closedir(entries);
  if (!error && unlinkat(directory, name, AT_REMOVEDIR) != 0) error = errno;
  return error;
}

int vty_remove_tree(const char *path, vty_stop stop, void *context) {
  return remove_entry(AT_FDCWD, path, stop, context);
}

int vty_copy_file(const char *from, const char *to, vty_stop stop, void *context) {
  enum { PIECE = 1 << 24 };
  int source = open(from, O_RDONLY | O_CLOEXEC);
  if (source < 0) return errno;
  struct stat about;
  int error = fstat(source, &about) == 0 ? 0 : errno;
  if (!error && S_ISDIR(about.st_mode)) error = EISDIR;
  int target = error ? -1 : open(to, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (!error && target < 0) error = errno;
  if (error) {
    close(source);
    return error;
  }
  bool uses_kernel = true;
  char *block = NULL;
  while (!error) {
    ssize_t count = -1;
    if (uses_kernel) {
      count = copy_file_range(source, NULL, target, NULL, PIECE, 0);
      // Not between all file systems; and files of the system seem empty.
      if (count < 0 || (count == 0 && about.st_size == 0)) uses_kernel = false;
    }
    if (!uses_kernel) {
      if (!block && !(block = malloc(1 << 18))) error = ENOMEM;
      count = block ? read(source, block, 1 << 18) : 0;
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) error = errno;
      for (ssize_t at = 0; at < count && !error;) {
        ssize_t written = write(target, block + at, (size_t)(count - at));
        if (written < 0 && errno != EINTR) error = errno;
        if (written > 0) at += written;
      }
    }
    if (count == 0) break;
    if (!error && stop && stop(context)) error = ECANCELED;
  }
  if (!error && fchmod(target, about.st_mode & 0777) != 0) error = errno;
  if (close(target) != 0 && !error) error = errno;
  if (error) unlink(to);
  free(block);
  close(source);
  return error;
}

// MARK: Hashes

static void write_digits(vty_sha256 *hash, char digits[65]) {
  uint8_t digest[32];
  vty_sha256_end(hash, digest);
  for (int i = 0; i < 64; i++) digits[i] = "0123456789abcdef"[digest[i / 2] >> (i % 2 ? 0 : 4) & 15];
  digits[64] = '\0';
}

void vty_sha256_text(const void *bytes, size_t length, char digits[65]) {
  vty_sha256 hash;
  vty_sha256_start(&hash);
  vty_sha256_add(&hash, bytes, length);
  write_digits(&hash, digits);
}

int vty_sha256_file(const char *path, char digits[65], vty_stop stop, void *context) {
  enum { BLOCK = 1 << 18 };
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return errno;
  unsigned char *block = malloc(BLOCK);
  vty_sha256 hash;
  vty_sha256_start(&hash);
  int error = block ? 0 : ENOMEM;
  while (!error) {
    ssize_t count = read(file, block, BLOCK);
    if (count < 0 && errno != EINTR) error = errno;
    if (count == 0) break;
    if (count > 0) vty_sha256_add(&hash, block, (size_t)count);
    if (stop && stop(context)) error = ECANCELED;
  }
  free(block);
  close(file);
  write_digits(&hash, digits);
  return error;
}
