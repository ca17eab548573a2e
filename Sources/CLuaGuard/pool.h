// SPDX-License-Identifier: BSD-3-Clause
//
// The memory allocator of one state.
//
// A state runs on one thread, and Lua passes the size of a block when it frees it: neither a lock
// nor a header is needed, so that small blocks are cheaper than those of malloc. The memory of
// small blocks is reused for small blocks until the state is closed.
//
// Large blocks are mapped separately, aligned so that the kernel can use huge pages: the largest
// part of the cost of a string of 100 MiB is not its copy but 25,600 page faults.

#ifndef VTL_POOL_H
#define VTL_POOL_H

#include <stddef.h>

enum {
  VTL_POOL_GRAIN = 16,       ///< sizes are rounded up to it; also the alignment
  VTL_POOL_LARGEST = 512,     ///< larger blocks come from malloc ...
  VTL_POOL_MAPPED = 4 << 20,  ///< ... and blocks of at least this size from mmap
  VTL_POOL_CLASSES = VTL_POOL_LARGEST / VTL_POOL_GRAIN,
  VTL_POOL_SPARES = 2,        ///< mappings that are kept for the next large block
};

typedef struct vtl_slab vtl_slab;
typedef struct vtl_stray vtl_stray;
typedef struct vtl_adopted vtl_adopted;

typedef struct {
  void *free[VTL_POOL_CLASSES + 1];  ///< by class: lists of free blocks, linked through the blocks
  char *next, *end;                  ///< the unused part of the newest slab
  vtl_slab *slabs;
  size_t slab_size;
  struct {
    void *block;
    size_t length;
  } spares[VTL_POOL_SPARES];
  vtl_stray *strays;     ///< mapped blocks that have shrunk below the size of mapped blocks
  vtl_adopted *adopted;  ///< blocks from malloc that have shrunk to small ones
} vtl_pool;

/// Like realloc, with the old size. A new size of 0 frees the block. Returns NULL when there is no
/// memory.
void *vtl_pool_resize(vtl_pool *pool, void *block, size_t old_size, size_t new_size);
/// Frees all memory of small blocks.
void vtl_pool_close(vtl_pool *pool);

#endif
