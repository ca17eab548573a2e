// SPDX-License-Identifier: BSD-3-Clause

#define _GNU_SOURCE
#include "Memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "Sandbox.h"

/// The bytes of such memory that this process maps.
static _Atomic(size_t) mapped;

/// True if the limit of a sandboxed process leaves this number of bytes. The system counts private memory only.
static bool is_within_limit(size_t length) {
  if (!vty_is_sandboxed()) return true;
  struct rlimit limit;
  if (getrlimit(RLIMIT_DATA, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return true;
  // All counts are in pages; the sixth one is that of private memory.
  unsigned long private_pages = 0;
  FILE *file = fopen("/proc/self/statm", "re");
  if (file) {
    if (fscanf(file, "%*u %*u %*u %*u %*u %lu", &private_pages) != 1) private_pages = 0;
    fclose(file);
  }
  const size_t used = atomic_load(&mapped) + private_pages * (size_t)sysconf(_SC_PAGESIZE);
  return used <= limit.rlim_cur && length <= limit.rlim_cur - used;
}

int vty_memory_make(size_t length) {
  if (!is_within_limit(length)) {
    errno = ENOMEM;
    return -1;
  }
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
  atomic_fetch_add(&mapped, length);
  // Small pages would cost more than the copy.
  madvise(bytes, length, MADV_HUGEPAGE);
  return bytes;
}

void vty_memory_unmap(void *bytes, size_t length) {
  munmap(bytes, length);
  atomic_fetch_sub(&mapped, length);
}
