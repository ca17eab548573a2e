// SPDX-License-Identifier: BSD-3-Clause
//
// The functions of both libraries, which are loaded at run time.

#ifndef VTJ_LOAD_H
#define VTJ_LOAD_H

#include <sodium.h>
#include <zmq.h>

#include "CJupyter.h"

#define VTJ_ZMQ(F, library)                                                                   \
  F(library, zmq_ctx_new) F(library, zmq_ctx_set) F(library, zmq_socket) F(library, zmq_close) \
  F(library, zmq_connect) F(library, zmq_bind) \
  F(library, zmq_setsockopt) F(library, zmq_strerror)              \
  F(library, zmq_msg_init) F(library, zmq_msg_init_size) F(library, zmq_msg_init_data)        \
  F(library, zmq_msg_send) F(library, zmq_msg_recv) F(library, zmq_msg_close)                 \
  F(library, zmq_msg_data) F(library, zmq_msg_size) F(library, zmq_msg_more)                  \
  F(library, zmq_poll) F(library, zmq_socket_monitor)                   \
  F(library, zmq_curve_keypair) F(library, zmq_version) F(library, zmq_msg_get)

#define VTJ_SODIUM(F, library)                                                          \
  F(library, sodium_init) F(library, sodium_memcmp) F(library, randombytes_buf)         \
  F(library, crypto_auth_hmacsha256_init) F(library, crypto_auth_hmacsha256_update)     \
  F(library, crypto_auth_hmacsha256_final) F(library, crypto_generichash_init)          \
  F(library, crypto_generichash_update) F(library, crypto_generichash_final)

typedef struct {
#define FIELD(library, name) __typeof__(name) *name;
  VTJ_ZMQ(FIELD, ) VTJ_SODIUM(FIELD, )
#undef FIELD
} vtj_functions;

extern vtj_functions vtj;

#endif
