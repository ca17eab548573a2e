// SPDX-License-Identifier: BSD-3-Clause

#define _GNU_SOURCE

#include "CStore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// Locks of open file descriptions belong to the open file, not to the process: two stores in one
// process exclude each other, and the kernel drops the locks of a process that dies.
static vtd_lock set(int file, int64_t offset, short type) {
  struct flock lock = {
      .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)offset, .l_len = 1};
  if (fcntl(file, F_OFD_SETLK, &lock) == 0) return VTD_LOCKED;
  return errno == EAGAIN || errno == EACCES ? VTD_LOCKED_ELSEWHERE : VTD_NO_LOCKS;
}

vtd_lock vtd_lock_byte(int file, int64_t offset) { return set(file, offset, F_WRLCK); }

void vtd_unlock_byte(int file, int64_t offset) { set(file, offset, F_UNLCK); }

struct vtd_shared_number {
  _Atomic uint64_t value;
};

vtd_shared_number *vtd_number_map(int file, int64_t offset) {
  struct stat about;
  off_t end = (off_t)offset + (off_t)sizeof(vtd_shared_number);
  if (fstat(file, &about) != 0 || (about.st_size < end && ftruncate(file, end) != 0)) return NULL;
  void *at = mmap(NULL, sizeof(vtd_shared_number), PROT_READ | PROT_WRITE, MAP_SHARED, file, (off_t)offset);
  return at == MAP_FAILED ? NULL : at;
}

void vtd_number_unmap(vtd_shared_number *number) { munmap(number, sizeof *number); }

uint64_t vtd_number_get(vtd_shared_number *number) { return atomic_load(&number->value); }

uint64_t vtd_number_add(vtd_shared_number *number) { return atomic_fetch_add(&number->value, 1); }
