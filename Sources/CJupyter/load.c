// SPDX-License-Identifier: BSD-3-Clause

#include "load.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

vtj_functions vtj;

static char failure[512];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void *open_library(const char *const *names, const char *package) {
  for (const char *const *name = names; *name; name++) {
    void *library = dlopen(*name, RTLD_NOW | RTLD_LOCAL);
    if (library) return library;
  }
  snprintf(failure, sizeof failure, "%s cannot be loaded (Debian: %s): %s", names[0], package,
           dlerror());
  return NULL;
}

static void load(void) {
  void *zmq = open_library((const char *const[]){"libzmq.so.5", "libzmq.so", NULL}, "libzmq5");
  if (!zmq) return;
  void *sodium =
      open_library((const char *const[]){"libsodium.so.23", "libsodium.so.26", "libsodium.so", NULL},
                   "libsodium23");
  if (!sodium) return;

#define FROM(library, name)                                                                     \
  do {                                                                                          \
    vtj.name = (__typeof__(vtj.name))dlsym(library, #name);                                     \
    if (!vtj.name) {                                                                            \
      snprintf(failure, sizeof failure, "the library lacks %s; a newer one is needed", #name);  \
      return;                                                                                   \
    }                                                                                           \
  } while (0);
  VTJ_ZMQ(FROM, zmq)
  VTJ_SODIUM(FROM, sodium)
#undef FROM
  if (vtj.sodium_init() < 0) snprintf(failure, sizeof failure, "libsodium cannot be initialized");
}

const char *vtj_load(void) {
  pthread_once(&once, load);
  return failure[0] ? failure : NULL;
}
