// SPDX-License-Identifier: BSD-3-Clause
//
// The signatures that the engines of one cluster on this machine have seen, in memory that they share.
// The file is locked by each engine that uses it; one without a lock is removed.

#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "CJupyter.h"

// A signature is random: a part of it selects a bucket, another one is kept.
enum { BUCKETS = 1 << 14, WAYS = 8, SIZE = BUCKETS * WAYS * 8 };

struct vtj_seen {
  int file;
  _Atomic(uint64_t) *slots;
  char path[PATH_MAX];
};

/// Opens the file; -1 if it is not one of this user. `flags` may have O_CREAT.
static int open_own(const char *path, int flags) {
  int file = open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | flags, 0600);
  struct stat about;
  if (file < 0) return -1;
  if (fstat(file, &about) == 0 && S_ISREG(about.st_mode) && about.st_uid == geteuid() &&
      (about.st_mode & 077) == 0)
    return file;
  close(file);
  return -1;
}

static bool is_at(const char *path, int file) {
  struct stat there, here;
  return lstat(path, &there) == 0 && fstat(file, &here) == 0 && there.st_ino == here.st_ino &&
         there.st_dev == here.st_dev;
}

/// Removes the file if no engine uses it.
static void remove_unused(const char *path) {
  int file = open_own(path, 0);
  if (file < 0) return;
  if (flock(file, LOCK_EX | LOCK_NB) == 0 && is_at(path, file)) unlink(path);
  close(file);
}

/// Removes the files of clusters that have ended, which have names with the same beginning.
static void remove_leftovers(const char *directory, const char *prefix) {
  DIR *all = opendir(directory);
  if (!all) return;
  char path[PATH_MAX];
  for (struct dirent *entry; (entry = readdir(all));)
    if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 &&
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name) < (int)sizeof path)
      remove_unused(path);
  closedir(all);
}

vtj_seen *vtj_seen_open(const char *directory, const char *name) {
  vtj_seen *seen = calloc(1, sizeof *seen);
  char prefix[64];
  if (!seen) return NULL;
  snprintf(prefix, sizeof prefix, "vtlua-seen-%u-", (unsigned)geteuid());
  remove_leftovers(directory, prefix);
  if (snprintf(seen->path, sizeof seen->path, "%s/%s%s", directory, prefix, name) >=
      (int)sizeof seen->path)
    seen->path[0] = '\0';
  for (int attempt = 0; attempt < 100; attempt++) {
    seen->file = open_own(seen->path, O_CREAT);
    if (seen->file < 0) break;
    if (flock(seen->file, LOCK_SH) == 0 && is_at(seen->path, seen->file)) {
      void *memory = MAP_FAILED;
      // Reserved now: where memory is short, there is none to share.
      if (posix_fallocate(seen->file, 0, SIZE) == 0)
        memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, seen->file, 0);
      if (memory != MAP_FAILED) {
        seen->slots = memory;
        return seen;
      }
      close(seen->file);
      break;
    }
    close(seen->file);  // it was removed meanwhile
  }
  free(seen);
  return NULL;
}

/// Returns the bucket of a signature, and the value that is kept.
static _Atomic(uint64_t) *find(vtj_seen *seen, const unsigned char *digits, size_t length,
                               uint64_t *value, uint64_t *rest) {
  uint64_t parts[2] = {0, 0};
  for (size_t i = 0; i < length && i < 32; i++)
    parts[i / 16] = parts[i / 16] << 4 | (digits[i] <= '9' ? digits[i] - '0' : digits[i] - 'a' + 10);
  *value = parts[0] ? parts[0] : 1;
  *rest = parts[1] >> 32;
  return &seen->slots[parts[1] % BUCKETS * WAYS];
}

bool vtj_seen_has(vtj_seen *seen, const void *signature, size_t length) {
  uint64_t value, rest;
  _Atomic(uint64_t) *bucket = find(seen, signature, length, &value, &rest);
  for (int i = 0; i < WAYS; i++)
    if (atomic_load(&bucket[i]) == value) return true;
  return false;
}

bool vtj_seen_add(vtj_seen *seen, const void *signature, size_t length) {
  uint64_t value, rest;
  _Atomic(uint64_t) *bucket = find(seen, signature, length, &value, &rest);
  for (int i = 0; i < WAYS; i++) {
    uint64_t found = 0;
    if (atomic_compare_exchange_strong(&bucket[i], &found, value)) return true;
    if (found == value) return false;
  }
  atomic_store(&bucket[rest & (WAYS - 1)], value);
  return true;
}

void vtj_seen_close(vtj_seen *seen) {
  munmap(seen->slots, SIZE);
  close(seen->file);
  remove_unused(seen->path);
  free(seen);
}
