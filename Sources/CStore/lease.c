// SPDX-License-Identifier: BSD-3-Clause

#define _GNU_SOURCE

#include "CStore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

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
