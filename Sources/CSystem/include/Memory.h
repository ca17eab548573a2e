// SPDX-License-Identifier: BSD-3-Clause
//
// Memory that two processes share.

#ifndef VTY_MEMORY_H
#define VTY_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/// A descriptor of `length` bytes of anonymous memory; -1 and errno.
int vty_memory_make(size_t length);
/// True if the memory of a descriptor cannot become shorter.
bool vty_memory_keeps_size(int descriptor);
/// Maps the memory of a descriptor; NULL and errno.
void *vty_memory_map(int descriptor, size_t length, bool writable);
void vty_memory_unmap(void *bytes, size_t length);

#endif
