// SPDX-License-Identifier: BSD-3-Clause
//
// Blocks of memory, and the cache of freed ones: the first use of new pages costs more than to
// compute what is written to them.

#define _GNU_SOURCE

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "block.h"

enum { ALIGNMENT = 64, LEAST_MAPPED = 1 << 20, HUGE_PAGE = 2 << 20, KEPT = 32, KEPT_SECONDS = 10 };

// MARK: The cache

typedef struct {
  char *data;
  size_t length;
  int64_t since;
} kept_mapping;

static struct {
  pthread_mutex_t lock;
  kept_mapping kept[KEPT];
  size_t bytes;
} cache = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int64_t seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return now.tv_sec;
}

/// The largest number of bytes that the cache keeps: an eighth of the memory, at most 512 MiB.
static size_t most_kept(void) {
  static _Atomic(size_t) most;
  size_t known = atomic_load_explicit(&most, memory_order_relaxed);
  if (known) return known;
  known = (size_t)sysconf(_SC_PHYS_PAGES) / 8 * (size_t)sysconf(_SC_PAGESIZE);
  if (known > (size_t)512 << 20) known = (size_t)512 << 20;
  atomic_store_explicit(&most, known, memory_order_relaxed);
  return known;
}

static void drop(kept_mapping *kept) {
  munmap(kept->data, kept->length);
  cache.bytes -= kept->length;
  *kept = (kept_mapping){0};
}

/// Unmaps what was not used for some seconds.
static void drop_old(int64_t now) {
  for (int i = 0; i < KEPT; i++)
    if (cache.kept[i].data && now - cache.kept[i].since > KEPT_SECONDS) drop(&cache.kept[i]);
}

/// Takes a kept mapping of exactly that length, or NULL.
static char *take_kept(size_t length) {
  char *data = NULL;
  pthread_mutex_lock(&cache.lock);
  for (int i = 0; i < KEPT && !data; i++) {
    if (cache.kept[i].length != length) continue;
    data = cache.kept[i].data;
    cache.bytes -= length;
    cache.kept[i] = (kept_mapping){0};
  }
  pthread_mutex_unlock(&cache.lock);
  return data;
}

/// Keeps the mapping in place of the oldest ones, or unmaps it.
static void keep(char *data, size_t length) {
  if (length > most_kept()) {
    munmap(data, length);
    return;
  }
  int64_t now = seconds();
  pthread_mutex_lock(&cache.lock);
  drop_old(now);
  for (;;) {
    int oldest = -1, empty = -1;
    for (int i = 0; i < KEPT; i++) {
      if (!cache.kept[i].data) empty = i;
      else if (oldest < 0 || cache.kept[i].since < cache.kept[oldest].since) oldest = i;
    }
    if (empty >= 0 && cache.bytes + length <= most_kept()) {
      cache.kept[empty] = (kept_mapping){data, length, now};
      cache.bytes += length;
      break;
    }
    drop(&cache.kept[oldest]);
  }
  pthread_mutex_unlock(&cache.lock);
}

void va_cache_clear(void) {
  pthread_mutex_lock(&cache.lock);
  for (int i = 0; i < KEPT; i++)
    if (cache.kept[i].data) drop(&cache.kept[i]);
  pthread_mutex_unlock(&cache.lock);
}

size_t va_cache_bytes(void) {
  pthread_mutex_lock(&cache.lock);
  size_t bytes = cache.bytes;
  pthread_mutex_unlock(&cache.lock);
  return bytes;
}

/// Maps memory that is aligned to huge pages.
static char *map(size_t length) {
  size_t more = length + HUGE_PAGE;
  char *whole = mmap(NULL, more, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (whole == MAP_FAILED) return NULL;
  size_t before = -(uintptr_t)whole % HUGE_PAGE, after = more - before - length;
  if (before) munmap(whole, before);
  if (after) munmap(whole + before + length, after);
  madvise(whole + before, length, MADV_HUGEPAGE);  // if this fails, small pages are used
  return whole + before;
}

// MARK: Blocks

/// Sets `*zeroed` if the memory is known to be zeros.
static va_block *new_mapped(size_t bytes, bool *zeroed) {
  if (bytes > SIZE_MAX / 4) return NULL;
  size_t page = HUGE_PAGE / 512, length = (bytes + page - 1) / page * page;
  va_block *block = malloc(sizeof *block);
  if (!block) return NULL;
  char *data = take_kept(length);
  *zeroed = !data;
  if (!data) data = map(length);
  if (!data) {
    va_cache_clear();
    data = map(length);
  }
  if (!data) {
    free(block);
    return NULL;
  }
  *block = (va_block){1, MAPPED, bytes, length, data, NULL, NULL};
  return block;
}

static va_block *new_small(size_t bytes) {
  va_block *block = malloc(sizeof *block + ALIGNMENT - 1 + bytes);
  if (!block) return NULL;
  uintptr_t start = (uintptr_t)(block + 1);
  char *data = (char *)((start + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1));
  *block = (va_block){1, HEAP, bytes, 0, data, NULL, NULL};
  return block;
}

va_block *va_block_new(size_t bytes) {
  bool zeroed = false;
  va_block *block = bytes >= LEAST_MAPPED ? new_mapped(bytes, &zeroed) : new_small(bytes);
  if (block && !zeroed) memset(block->data, 0, bytes);
  return block;
}

va_block *va_block_new_unset(size_t bytes) {
  bool zeroed;
  return bytes >= LEAST_MAPPED ? new_mapped(bytes, &zeroed) : new_small(bytes);
}

va_block *va_block_lend(void *data, size_t bytes, void (*release)(void *context), void *context) {
  va_block *block = malloc(sizeof *block);
  if (block) *block = (va_block){1, LENT, bytes, 0, data, release, context};
  return block;
}

va_block *va_block_make_shared(
    void *data, size_t bytes, void (*release)(void *context), void *context) {
  va_block *block = va_block_lend(data, bytes, release, context);
  if (block) block->kind = SHARED;
  return block;
}

va_block *va_block_embed(void *record, void *data, size_t bytes) {
  va_block *block = record;
  *block = (va_block){1, EMBEDDED, bytes, 0, data, NULL, NULL};
  return block;
}

bool va_block_is_embedded(const va_block *block) { return block->kind == EMBEDDED; }

void va_block_retain(va_block *block) {
  atomic_fetch_add_explicit(&block->owners, 1, memory_order_relaxed);
}

void va_block_release(va_block *block) {
  if (atomic_fetch_sub_explicit(&block->owners, 1, memory_order_acq_rel) != 1) return;
  if (block->kind == MAPPED) keep(block->data, block->mapped);
  if (block->release) block->release(block->context);
  free(block);
}

char *va_block_data(const va_block *block) { return block->data; }
size_t va_block_bytes(const va_block *block) { return block->bytes; }

bool va_block_is_own(const va_block *block) {
  if (block->kind == SHARED) return true;
  return block->kind != LENT && atomic_load_explicit(&block->owners, memory_order_acquire) == 1;
}
