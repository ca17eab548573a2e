// SPDX-License-Identifier: BSD-3-Clause

#define _GNU_SOURCE

#include "pool.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define VTL_POOL_OFF 1  // all blocks come from malloc, so that every invalid access is found
#endif
#endif

struct vtl_slab {
  vtl_slab *older;
  size_t unused;  // aligns the blocks that follow
};

enum { FIRST_SLAB = 16 << 10, LAST_SLAB = 256 << 10 };

static size_t class_of(size_t size) {
  return (size + VTL_POOL_GRAIN - 1) / VTL_POOL_GRAIN;
}

static void give_back(vtl_pool *pool, void *block, size_t class) {
  *(void **)block = pool->free[class];
  pool->free[class] = block;
}

/// Allocates a new slab, and splits the rest of the old one into free blocks.
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

// MARK: Mapped blocks

enum { HUGE_PAGE = 2 << 20 };

/// Lies after a mapped block that has shrunk when there was no memory to move it to.
struct vtl_stray {
  vtl_stray *next;
  void *block;
};

/// The length of the mapping of a block, with room for a stray after it.
static size_t mapping_of(size_t size) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE);
  return (size + sizeof(vtl_stray) + page - 1) / page * page;
}

/// Maps memory that is aligned to huge pages.
static char *map_aligned(size_t length) {
  size_t more = length + HUGE_PAGE;
  char *whole = mmap(NULL, more, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (whole == MAP_FAILED) return NULL;
  size_t before = -(uintptr_t)whole % HUGE_PAGE, after = more - before - length;
  if (before) munmap(whole, before);
  if (after) munmap(whole + before + length, after);
  madvise(whole + before, length, MADV_HUGEPAGE);  // if this fails, small pages are used
  return whole + before;
}

/// The length of the largest mapping that is kept as a spare.
static const size_t largest_spare = 128 << 20;

/// Returns a spare mapping, truncated to the length; NULL when none has a similar length.
static void *take_spare(vtl_pool *pool, size_t length) {
  for (int i = 0; i < VTL_POOL_SPARES; i++) {
    size_t held = pool->spares[i].length;
    if (held < length || held / 2 > length) continue;
    char *block = pool->spares[i].block;
    pool->spares[i].block = NULL;
    pool->spares[i].length = 0;
    if (held > length) munmap(block + length, held - length);
    return block;
  }
  return NULL;
}

static void drop_spares(vtl_pool *pool) {
  for (int i = 0; i < VTL_POOL_SPARES; i++) {
    if (pool->spares[i].length) munmap(pool->spares[i].block, pool->spares[i].length);
    pool->spares[i].block = NULL;
    pool->spares[i].length = 0;
  }
}

static void *map_block(vtl_pool *pool, size_t size) {
  if (size > SIZE_MAX / 2) return NULL;
  size_t length = mapping_of(size);
  void *block = take_spare(pool, length);
  if (!block) block = map_aligned(length);
  if (block) return block;
  drop_spares(pool);
  return map_aligned(length);
}

/// Replaces the smallest spare by the block: new pages would cost more than to fill these. The
/// system may reclaim them when it needs memory.
static void unmap_block(vtl_pool *pool, void *block, size_t size) {
  size_t length = mapping_of(size);
  int least = 0;
  for (int i = 1; i < VTL_POOL_SPARES; i++)
    if (pool->spares[i].length < pool->spares[least].length) least = i;
  if (length > largest_spare || length <= pool->spares[least].length) {
    munmap(block, length);
    return;
  }
  if (pool->spares[least].length) munmap(pool->spares[least].block, pool->spares[least].length);
  madvise(block, length, MADV_FREE);
  pool->spares[least].block = block;
  pool->spares[least].length = length;
}

/// Resizes the block in place if possible. Otherwise moves its pages, without copying its bytes.
static void *remap_block(void *block, size_t old_size, size_t new_size) {
  if (new_size > SIZE_MAX / 2) return NULL;
  size_t old_length = mapping_of(old_size), new_length = mapping_of(new_size);
  if (mremap(block, old_length, new_length, 0) != MAP_FAILED) return block;
  char *fresh = map_aligned(new_length);
  if (!fresh) return NULL;
  if (mremap(block, old_length, new_length, MREMAP_MAYMOVE | MREMAP_FIXED, fresh) != MAP_FAILED)
    return fresh;
  // mremap may have unmapped the addresses, which may be in use by now: they are not unmapped here.
  return NULL;
}

/// Leaves a mapped block in place although its new size is below that of mapped blocks.
static void *keep_stray(vtl_pool *pool, void *block, size_t old_size) {
  size_t length = mapping_of(old_size), least = mapping_of(VTL_POOL_MAPPED);
  if (length > least) munmap((char *)block + least, length - least);
  vtl_stray *stray = (vtl_stray *)((char *)block + least - sizeof(vtl_stray));
  *stray = (vtl_stray){pool->strays, block};
  pool->strays = stray;
  return block;
}

/// Removes the block from the strays; false if it is not one of them.
static bool take_stray(vtl_pool *pool, const void *block) {
  for (vtl_stray **at = &pool->strays; *at; at = &(*at)->next) {
    if ((*at)->block != block) continue;
    *at = (*at)->next;
    return true;
  }
  return false;
}

// MARK: Blocks from malloc

/// Lies in a block from malloc that has shrunk to a small one when there was no memory to move it
/// to, after the bytes that a small block may hold.
struct vtl_adopted {
  vtl_adopted *next;
};

/// The size to request from malloc, with room for a vtl_adopted.
static size_t room_of(size_t size) { return size + sizeof(vtl_adopted); }

/// Leaves a block in place although it is small now. It is freed when the pool is closed.
static void *adopt(vtl_pool *pool, void *block) {
  vtl_adopted *adopted = (vtl_adopted *)((char *)block + VTL_POOL_LARGEST);
  adopted->next = pool->adopted;
  pool->adopted = adopted;
  return block;
}

static void free_adopted(vtl_pool *pool) {
  while (pool->adopted) {
    void *block = (char *)pool->adopted - VTL_POOL_LARGEST;
    pool->adopted = pool->adopted->next;
    free(block);
  }
}

// MARK: Blocks of every size

static bool is_small(size_t size) { return size <= VTL_POOL_LARGEST; }
static bool is_mapped(size_t size) { return size >= VTL_POOL_MAPPED; }

static void *take_any(vtl_pool *pool, size_t size) {
  return is_small(size) ? take(pool, size) : is_mapped(size) ? map_block(pool, size) : malloc(room_of(size));
}

/// Frees a block. `size` must be in the range of the block's kind.
static void give_back_any(vtl_pool *pool, void *block, size_t size) {
  if (is_small(size)) give_back(pool, block, class_of(size));
  else if (is_mapped(size)) unmap_block(pool, block, size);
  else free(block);
}

static void *resize_across(vtl_pool *pool, void *block, size_t old_size, size_t new_size) {
  void *fresh = take_any(pool, new_size);
  if (!fresh) {
    // Shrinking never fails: the block stays in place, larger than necessary.
    if (new_size > old_size) return NULL;
    if (is_mapped(old_size)) return keep_stray(pool, block, old_size);
    return is_small(old_size) ? block : adopt(pool, block);
  }
  memcpy(fresh, block, old_size < new_size ? old_size : new_size);
  give_back_any(pool, block, old_size);
  return fresh;
}

static void *resize(vtl_pool *pool, void *block, size_t old_size, size_t new_size) {
  if (is_small(old_size) || is_small(new_size)) {
    if (is_small(old_size) && class_of(old_size) == class_of(new_size)) return block;
    return resize_across(pool, block, old_size, new_size);
  }
  if (is_mapped(old_size) != is_mapped(new_size))
    return resize_across(pool, block, old_size, new_size);
  void *fresh = is_mapped(old_size) ? remap_block(block, old_size, new_size)
                                    : realloc(block, room_of(new_size));
  return fresh || new_size > old_size ? fresh : block;
}

void *vtl_pool_resize(vtl_pool *pool, void *block, size_t old_size, size_t new_size) {
#ifdef VTL_POOL_OFF
  (void)pool, (void)old_size, (void)resize;
  if (new_size) return realloc(block, new_size);
  free(block);
  return NULL;
#endif
  if (!block) return new_size == 0 ? NULL : take_any(pool, new_size);
  // A stray has the mapping of the smallest mapped block.
  bool stray = pool->strays && take_stray(pool, block);
  size_t held = stray ? VTL_POOL_MAPPED : old_size;
  if (new_size == 0) {
    give_back_any(pool, block, held);
    return NULL;
  }
  if (!stray || new_size <= old_size) return resize(pool, block, held, new_size);
  void *fresh = resize(pool, block, held, new_size);
  if (!fresh) keep_stray(pool, block, held);
  return fresh;
}

void vtl_pool_close(vtl_pool *pool) {
  drop_spares(pool);
  free_adopted(pool);
  while (pool->slabs) {
    vtl_slab *slab = pool->slabs;
    pool->slabs = slab->older;
    free(slab);
  }
}
