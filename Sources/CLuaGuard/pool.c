// SPDX-License-Identifier: BSD-3-Clause

#include "pool.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define VTL_POOL_OFF 1  // each block on its own, so that every wrong access is seen
#endif
#endif

struct vtl_slab {
  vtl_slab *older;
  size_t unused;  // keeps what follows aligned
};

enum { FIRST_SLAB = 16 << 10, LAST_SLAB = 256 << 10 };

static size_t class_of(size_t size) {
  return (size + VTL_POOL_GRAIN - 1) / VTL_POOL_GRAIN;
}

static void give_back(vtl_pool *pool, void *block, size_t class) {
  *(void **)block = pool->free[class];
  pool->free[class] = block;
}

/// Starts a new slab; the rest of the old one serves as one more free block.
static char *take_from_new_slab(vtl_pool *pool, size_t size) {
  size_t next_size = pool->slab_size ? pool->slab_size * 2 : FIRST_SLAB;
  if (next_size > LAST_SLAB) next_size = LAST_SLAB;
  vtl_slab *slab = malloc(next_size);
  if (!slab) return NULL;
  while (pool->end - pool->next >= VTL_POOL_GRAIN) {
    size_t left = (size_t)(pool->end - pool->next);
    size_t part = left < VTL_POOL_LARGEST ? left / VTL_POOL_GRAIN : VTL_POOL_CLASSES;
    give_back(pool, pool->next, part);
    pool->next += part * VTL_POOL_GRAIN;
  }
  slab->older = pool->slabs;
  pool->slabs = slab;
  pool->slab_size = next_size;
  pool->next = (char *)slab + sizeof *slab;
  pool->end = (char *)slab + next_size;
  char *block = pool->next;
  pool->next += size;
  return block;
}

static void *take(vtl_pool *pool, size_t size) {
  size_t class = class_of(size);
  void *block = pool->free[class];
  if (block) {
    pool->free[class] = *(void **)block;
    return block;
  }
  size = class * VTL_POOL_GRAIN;
  if ((size_t)(pool->end - pool->next) < size) return take_from_new_slab(pool, size);
  block = pool->next;
  pool->next += size;
  return block;
}

static void *resize_across(vtl_pool *pool, void *block, size_t old_size, size_t new_size) {
  void *fresh = new_size <= VTL_POOL_LARGEST ? take(pool, new_size) : malloc(new_size);
  // A block that shrinks is never refused: it stays where it is, larger than it need be.
  if (!fresh) return new_size <= old_size ? block : NULL;
  memcpy(fresh, block, old_size < new_size ? old_size : new_size);
  vtl_pool_resize(pool, block, old_size, 0);
  return fresh;
}

void *vtl_pool_resize(vtl_pool *pool, void *block, size_t old_size, size_t new_size) {
#ifdef VTL_POOL_OFF
  (void)pool, (void)old_size;
  if (new_size) return realloc(block, new_size);
  free(block);
  return NULL;
#endif
  if (!block) {
    if (new_size == 0) return NULL;
    return new_size <= VTL_POOL_LARGEST ? take(pool, new_size) : malloc(new_size);
  }
  bool was_small = old_size <= VTL_POOL_LARGEST && old_size > 0;
  if (new_size == 0) {
    if (was_small) give_back(pool, block, class_of(old_size));
    else free(block);
    return NULL;
  }
  if (!was_small && new_size > VTL_POOL_LARGEST) return realloc(block, new_size);
  if (was_small && class_of(old_size) == class_of(new_size)) return block;
  return resize_across(pool, block, old_size, new_size);
}

void vtl_pool_close(vtl_pool *pool) {
  while (pool->slabs) {
    vtl_slab *slab = pool->slabs;
    pool->slabs = slab->older;
    free(slab);
  }
}
