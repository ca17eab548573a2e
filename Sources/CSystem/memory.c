// SPDX-License-Identifier: BSD-3-Clause

#define _GNU_SOURCE
#include "Memory.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

int vty_memory_make(size_t length) {
  int descriptor = memfd_create("vtlua", MFD_CLOEXEC);
  if (descriptor < 0) return -1;
  if (ftruncate(descriptor, (off_t)length) != 0) {
    int error = errno;
    close(descriptor);
    errno = error;
    return -1;
  }
  return descriptor;
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
