// SPDX-License-Identifier: BSD-3-Clause
//
// SQLite: the one that is linked in, or the system's, loaded when it is first needed.

#include <Library.h>
#include <pthread.h>
#include <stddef.h>

#include "sql.h"

vtq_library vtq;

#define WEAK(name) extern __typeof__(name) name __attribute__((weak));
VTQ_FUNCTIONS(WEAK)
#undef WEAK

static char failure[512];
static pthread_once_t once = PTHREAD_ONCE_INIT;

#define SYMBOL(name) {#name, &vtq.name},
static const vty_symbol symbols[] = {VTQ_FUNCTIONS(SYMBOL)};
#undef SYMBOL

static const vty_library sqlite = {
    (const char *const[]){"libsqlite3.so.0", "libsqlite3.so", NULL}, "libsqlite3-0", symbols,
    (int)(sizeof symbols / sizeof *symbols)};

static void load(void) {
  if (!sqlite3_open_v2) {
    vty_library_load(&sqlite, failure, sizeof failure);
    return;
  }
#define TAKE(name) vtq.name = name;
  VTQ_FUNCTIONS(TAKE)
#undef TAKE
}

const char *vtq_load(void) {
  pthread_once(&once, load);
  return failure[0] ? failure : NULL;
}
