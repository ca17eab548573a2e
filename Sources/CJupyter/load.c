// SPDX-License-Identifier: BSD-3-Clause

#include "load.h"

#include <Library.h>
#include <pthread.h>
#include <stdio.h>

vtj_functions vtj;

static char failure[512];
static pthread_once_t once = PTHREAD_ONCE_INIT;

#define SYMBOL(library, name) {#name, &vtj.name},
static const vty_symbol zmq_symbols[] = {VTJ_ZMQ(SYMBOL, )};
static const vty_symbol sodium_symbols[] = {VTJ_SODIUM(SYMBOL, )};
#undef SYMBOL

static const vty_library zmq = {
    (const char *const[]){"libzmq.so.5", "libzmq.so", NULL}, "libzmq5", zmq_symbols,
    sizeof zmq_symbols / sizeof *zmq_symbols};
static const vty_library sodium = {
    (const char *const[]){"libsodium.so.23", "libsodium.so.26", "libsodium.so", NULL},
    "libsodium23", sodium_symbols, sizeof sodium_symbols / sizeof *sodium_symbols};

static void load(void) {
  if (!vty_library_load(&zmq, failure, sizeof failure)) return;
  if (!vty_library_load(&sodium, failure, sizeof failure)) return;
  if (vtj.sodium_init() < 0) snprintf(failure, sizeof failure, "libsodium cannot be initialized");
}

bool vtj_zmq_version(int version[3]) {
  char reason[sizeof failure];
  if (!vty_library_load(&zmq, reason, sizeof reason)) return false;
  vtj.zmq_version(&version[0], &version[1], &version[2]);
  return true;
}

const char *vtj_load(void) {
  pthread_once(&once, load);
  return failure[0] ? failure : NULL;
}
