// SPDX-License-Identifier: BSD-3-Clause
//
// Memory for one state's blocks.
//
// A state runs on one thread, and Lua says the size of a block when it gives it back: no lock
// and no header is needed, so that a small block costs less than from malloc. Memory of small
// blocks is kept for other small blocks until the state is closed.
//
// Large blocks are mapped on their own, aligned so that the kernel can use huge pages: what costs
// time with a string of 100 MiB is not its copy but 25,600 page faults.

#ifndef VTL_POOL_H
#define VTL_POOL_H

#include <stddef.h>

enum {
  VTL_POOL_GRAIN = 16,       ///< sizes are rounded up to it; also the alignment
  VTL_POOL_LARGEST = 512,    ///< larger blocks come from malloc ...
  VTL_POOL_MAPPED = 4 << 20,  ///< ... and from this size on from the kernel
  VTL_POOL_CLASSES = VTL_POOL_LARGEST / VTL_POOL_GRAIN,
  VTL_POOL_SPARES = 2,        ///< mappings kept for the next large block
};

typedef struct vtl_slab vtl_slab;
typedef struct vtl_stray vtl_stray;
typedef struct vtl_adopted vtl_adopted;

typedef struct {
  void *free[VTL_POOL_CLASSES + 1];  ///< by class: blocks given back, each with the next inside
  char *next, *end;                  ///< what is left of the newest slab
  vtl_slab *slabs;
  size_t slab_size;
  struct {
    void *block;
    size_t length;
  } spares[VTL_POOL_SPARES];
  vtl_stray *strays;  ///< mapped blocks that are smaller than such blocks are now
  vtl_adopted *adopted;  ///< blocks from malloc that serve as small ones now
} vtl_pool;

/// As realloc, with the old size; a new size of 0 frees. NULL when there is no memory.
void *vtl_pool_resize(vtl_pool *pool, void *block, size_t old_size, size_t new_size);
/// Gives everything back to the system.
void vtl_pool_close(vtl_pool *pool);

#endif
