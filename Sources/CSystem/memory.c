// SPDX-License-Identifier: BSD-3-Clause

#define _GNU_SOURCE
#include "Memory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

int vty_memory_make(size_t length) {
  int descriptor = memfd_create("vtlua", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (descriptor < 0) return -1;
  if (ftruncate(descriptor, (off_t)length) != 0) {
    int error = errno;
    close(descriptor);
    errno = error;
    return -1;
  }
  fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK);
  return descriptor;
}

bool vty_memory_keeps_size(int descriptor) {
  int seals = fcntl(descriptor, F_GET_SEALS);
  return seals >= 0 && seals & F_SEAL_SHRINK;
}

void *vty_memory_map(int descriptor, size_t length, bool writable) {
  void *bytes =
      mmap(NULL, length, PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED, descriptor, 0);
  if (bytes == MAP_FAILED) return NULL;
  // Small pages would cost more than the copy.
  madvise(bytes, length, MADV_HUGEPAGE);
  return bytes;
}

void vty_memory_unmap(void *bytes, size_t length) { munmap(bytes, length); }
