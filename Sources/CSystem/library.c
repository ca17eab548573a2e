// SPDX-License-Identifier: BSD-3-Clause

#include "Library.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

bool vty_library_load(const vty_library *library, char *failure, size_t length) {
  void *handle = NULL;
  for (const char *const *name = library->names; *name && !handle; name++)
    handle = dlopen(*name, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    snprintf(failure, length, "%s cannot be loaded (Debian: %s): %s", library->names[0],
             library->package, dlerror());
    return false;
  }
  for (int i = 0; i < library->count; i++) {
    void *function = dlsym(handle, library->symbols[i].name);
    if (!function) {
      snprintf(failure, length, "%s lacks %s; a newer one is needed (Debian: %s)",
               library->names[0], library->symbols[i].name, library->package);
      return false;
    }
    memcpy(library->symbols[i].slot, &function, sizeof function);
  }
  return true;
}
