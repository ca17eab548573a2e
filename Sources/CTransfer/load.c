// SPDX-License-Identifier: BSD-3-Clause

#include <Library.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "CTransfer.h"
#include "curl.h"

struct vth_functions vth;

static char failure[512];
static pthread_once_t once = PTHREAD_ONCE_INIT;

#define SYMBOL(result, name, arguments) {#name, &vth.name},
static const vty_symbol symbols[] = {VTH_CURL(SYMBOL)};
#undef SYMBOL

static const vty_library curl = {
    (const char *const[]){"libcurl.so.4", "libcurl-gnutls.so.4", "libcurl.so", NULL}, "libcurl4",
    symbols, sizeof symbols / sizeof *symbols};

enum { GLOBAL_SSL = 1 };

static void load(void) {
  if (!vty_library_load(&curl, failure, sizeof failure)) return;
  if (vth.curl_global_init(GLOBAL_SSL) != 0)
    snprintf(failure, sizeof failure, "libcurl cannot be initialized");
}

const char *vth_load(void) {
  pthread_once(&once, load);
  return failure[0] ? failure : NULL;
}

const char *vth_version(void) {
  static _Thread_local char version[32];
  if (vth_load()) return NULL;
  const char *text = vth.curl_version();  // "libcurl/7.88.1 OpenSSL/3.0.17 ..."
  if (strncmp(text, "libcurl/", 8) == 0) text += 8;
  snprintf(version, sizeof version, "%.*s", (int)strcspn(text, " "), text);
  return version;
}
