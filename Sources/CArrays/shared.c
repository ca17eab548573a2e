// SPDX-License-Identifier: BSD-3-Clause
//
// Memory that several threads and processes write. It has no name in the file system: a process gets
// its descriptor through a socket, and the system frees it when the last process that maps it has
// ended.

#define _GNU_SOURCE

#include <Memory.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "block.h"

/// The memory of one descriptor. A process maps it once, however often it receives the descriptor.
typedef struct shared_memory {
  va_block *block;
  int descriptor;
  dev_t device;
  ino_t inode;
  void *data;
  size_t bytes;
  struct shared_memory *next;
} shared_memory;

static struct {
  pthread_mutex_t lock;
  shared_memory *first;
} all = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void release(void *context) {
  shared_memory *memory = context;
  pthread_mutex_lock(&all.lock);
  shared_memory **link = &all.first;
  while (*link != memory) link = &(*link)->next;
  *link = memory->next;
  pthread_mutex_unlock(&all.lock);
  vty_memory_unmap(memory->data, memory->bytes);
  close(memory->descriptor);
  free(memory);
}

/// Adds an owner, unless the last one is just being removed.
static bool retain_living(va_block *block) {
  int64_t owners = atomic_load_explicit(&block->owners, memory_order_relaxed);
  while (owners > 0)
    if (atomic_compare_exchange_weak_explicit(
            &block->owners, &owners, owners + 1, memory_order_acquire, memory_order_relaxed))
      return true;
  return false;
}

/// Maps the memory, with the lock held.
static va_block *map(int descriptor, const struct stat *about) {
  size_t bytes = (size_t)about->st_size;
  shared_memory *memory = malloc(sizeof *memory);
  if (!memory) return NULL;
  void *data = vty_memory_map(descriptor, bytes, true);
  if (!data) {
    free(memory);
    return NULL;
  }
  *memory = (shared_memory){NULL, descriptor, about->st_dev, about->st_ino, data, bytes, all.first};
  memory->block = va_block_make_shared(data, bytes, release, memory);
  if (!memory->block) {
    vty_memory_unmap(data, bytes);
    free(memory);
    return NULL;
  }
  all.first = memory;
  return memory->block;
}

va_block *va_block_open_shared(int descriptor) {
  struct stat about;
  // A file that becomes shorter would end the process.
  if (fstat(descriptor, &about) != 0 || about.st_size < 1 || !vty_memory_keeps_size(descriptor)) {
    close(descriptor);
    return NULL;
  }
  va_block *found = NULL;
  pthread_mutex_lock(&all.lock);
  for (shared_memory *memory = all.first; memory && !found; memory = memory->next)
    if (memory->inode == about.st_ino && memory->device == about.st_dev &&
        retain_living(memory->block))
      found = memory->block;
  va_block *made = found ? NULL : map(descriptor, &about);
  pthread_mutex_unlock(&all.lock);
  if (!made) close(descriptor);
  return found ? found : made;
}

va_block *va_block_new_shared(size_t bytes) {
  int descriptor = vty_memory_make(bytes ? bytes : 1);
  return descriptor < 0 ? NULL : va_block_open_shared(descriptor);
}

bool va_block_is_shared(const va_block *block) { return block->kind == SHARED; }

int va_block_descriptor(const va_block *block) {
  if (block->kind != SHARED) return -1;
  const shared_memory *memory = block->context;
  return memory->descriptor;
}
