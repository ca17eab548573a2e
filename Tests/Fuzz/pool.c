// SPDX-License-Identifier: BSD-3-Clause
//
// A fuzzer for the allocator of a Lua state, for libFuzzer; scripts/fuzz builds and runs it. Blocks
// grow, shrink and are freed while the system sometimes has no memory. Their content is compared,
// and shrinking a block must never fail.

#define _GNU_SOURCE

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static int refusing;

/// The number of blocks from malloc.
static int taken;

static void *fuzzed_malloc(size_t size) {
  void *block = refusing ? NULL : malloc(size);
  taken += block != NULL;
  return block;
}

static void fuzzed_free(void *block) {
  taken -= block != NULL;
  free(block);
}

static void *fuzzed_realloc(void *block, size_t size) {
  return refusing ? NULL : realloc(block, size);
}

static void *fuzzed_mmap(void *at, size_t size, int protection, int flags, int file, off_t from) {
  return refusing ? MAP_FAILED : mmap(at, size, protection, flags, file, from);
}

static void *fuzzed_mremap(void *at, size_t old_size, size_t size, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  void *to = flags & MREMAP_FIXED ? va_arg(arguments, void *) : NULL;
  va_end(arguments);
  if (refusing & 2) return MAP_FAILED;
  return to ? mremap(at, old_size, size, flags, to) : mremap(at, old_size, size, flags);
}

#define malloc fuzzed_malloc
#define realloc fuzzed_realloc
#define free fuzzed_free
#define mmap fuzzed_mmap
#define mremap fuzzed_mremap
#include "../../Sources/CLuaGuard/pool.c"
#undef malloc
#undef realloc
#undef free
#undef mmap
#undef mremap

enum { BLOCKS = 8, ENDS = 64 };

static struct {
  uint8_t *bytes;
  size_t size;
  uint8_t mark;
} blocks[BLOCKS];

static void expect(bool holds, const char *text) {
  if (holds) return;
  fprintf(stderr, "pool: %s\n", text);
  abort();
}

/// Writes a mark at the beginning and at the end of a block.
static void write_marks(int i, uint8_t mark) {
  size_t ends = blocks[i].size < ENDS ? blocks[i].size : ENDS;
  blocks[i].mark = mark;
  memset(blocks[i].bytes, mark, ends);
  memset(blocks[i].bytes + blocks[i].size - ends, mark, ends);
}

static void check_marks(int i, size_t size) {
  size_t ends = size < ENDS ? size : ENDS;
  for (size_t k = 0; k < ends; k++) expect(blocks[i].bytes[k] == blocks[i].mark, "lost its bytes");
  if (size != blocks[i].size) return;
  for (size_t k = size - ends; k < size; k++)
    expect(blocks[i].bytes[k] == blocks[i].mark, "lost its end");
}

static size_t size_of(uint8_t kind, uint8_t more) {
  switch (kind % 6) {
    case 0: return 0;
    case 1: return more * 2;
    case 2: return VTL_POOL_LARGEST - 8 + more % 16;
    case 3: return (size_t)more * 5000 + 600;
    case 4: return VTL_POOL_MAPPED - 128 + more;
    default: return VTL_POOL_MAPPED + ((size_t)more << 14);
  }
}

static void resize_block(vtl_pool *pool, int i, size_t size, uint8_t mark) {
  size_t old_size = blocks[i].size;
  if (blocks[i].bytes) check_marks(i, old_size);
  uint8_t *fresh = vtl_pool_resize(pool, blocks[i].bytes, old_size, size);
  if (!fresh && size) {
    expect(size > old_size, "shrinking a block failed");
    if (blocks[i].bytes) check_marks(i, old_size);
    return;
  }
  blocks[i].bytes = fresh;
  if (fresh) check_marks(i, size < old_size ? size : old_size);
  blocks[i].size = size;
  if (fresh) write_marks(i, mark);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  vtl_pool pool = {0};
  for (; count >= 3; bytes += 3, count -= 3) {
    refusing = bytes[0] >> 6;
    resize_block(&pool, bytes[0] % BLOCKS, size_of(bytes[1], bytes[2]), bytes[2] ^ bytes[1]);
  }
  refusing = 0;
  for (int i = 0; i < BLOCKS; i++) {
    if (blocks[i].bytes) resize_block(&pool, i, 0, 0);
  }
  expect(!pool.strays, "a mapped block was not freed");
  vtl_pool_close(&pool);
  expect(taken == 0, "a block from malloc was not freed");
  return 0;
}
