// SPDX-License-Identifier: BSD-3-Clause
//
// The part of libcurl's interface that is used. Its numbers and types are stable: libcurl promises that
// programs run with later libraries. Its headers need not be installed.

#ifndef VTH_CURL_H
#define VTH_CURL_H

#include <stdint.h>
#include <sys/socket.h>

typedef struct vth_easy vth_easy;
typedef struct vth_multi vth_multi;
typedef struct vth_list vth_list;

typedef struct {
  int kind;
  vth_easy *easy;
  union {
    void *pointer;
    int result;
  } data;
} vth_message;

typedef struct {
  int family, type, protocol;
  unsigned length;
  struct sockaddr address;
} vth_address;

enum {  // CURLoption
  VTH_TIMEOUT_MS = 155,
  VTH_LOW_SPEED_LIMIT = 19,
  VTH_LOW_SPEED_TIME = 20,
  VTH_NOPROGRESS = 43,
  VTH_NOBODY = 44,
  VTH_HTTPGET = 80,
  VTH_NOSIGNAL = 99,
  VTH_CONNECTTIMEOUT_MS = 156,
  VTH_PROTOCOLS = 181,
  VTH_QUICK_EXIT = 322,
  VTH_WRITEDATA = 10001,
  VTH_URL = 10002,
  VTH_ERRORBUFFER = 10010,
  VTH_USERAGENT = 10018,
  VTH_HTTPHEADER = 10023,
  VTH_HEADERDATA = 10029,
  VTH_CAINFO = 10065,
  VTH_ACCEPT_ENCODING = 10102,
  VTH_WRITEFUNCTION = 20011,
  VTH_HEADERFUNCTION = 20079,
  VTH_OPENSOCKETFUNCTION = 20163,
};

enum {  // CURLINFO
  VTH_RESPONSE_CODE = 0x200002,
  VTH_OS_ERROR = 0x200019,
  VTH_REDIRECT_URL = 0x10001f,
};

enum { VTH_DONE = 1, VTH_HTTP = 1, VTH_HTTPS = 2, VTH_ERROR_SIZE = 256 };

#define VTH_CURL(F)                                                                        \
  F(int, curl_global_init, (long))                                                         \
  F(char *, curl_version, (void))                                                          \
  F(vth_easy *, curl_easy_init, (void))                                                    \
  F(void, curl_easy_cleanup, (vth_easy *))                                                 \
  F(void, curl_easy_reset, (vth_easy *))                                                   \
  F(int, curl_easy_setopt, (vth_easy *, int, ...))                                         \
  F(int, curl_easy_getinfo, (vth_easy *, int, ...))                                        \
  F(const char *, curl_easy_strerror, (int))                                               \
  F(vth_list *, curl_slist_append, (vth_list *, const char *))                             \
  F(void, curl_slist_free_all, (vth_list *))                                               \
  F(vth_multi *, curl_multi_init, (void))                                                  \
  F(int, curl_multi_cleanup, (vth_multi *))                                                \
  F(int, curl_multi_add_handle, (vth_multi *, vth_easy *))                                 \
  F(int, curl_multi_remove_handle, (vth_multi *, vth_easy *))                              \
  F(int, curl_multi_perform, (vth_multi *, int *))                                         \
  F(int, curl_multi_poll, (vth_multi *, void *, unsigned, int, int *))                     \
  F(vth_message *, curl_multi_info_read, (vth_multi *, int *))

#define FIELD(result, name, arguments) result(*name) arguments;
struct vth_functions {
  VTH_CURL(FIELD)
};
#undef FIELD

extern struct vth_functions vth;

/// Loads libcurl once. NULL, or the reason why it cannot be used.
const char *vth_load(void);

#endif
