// SPDX-License-Identifier: BSD-3-Clause

#include "shared_string.h"

#include <stdlib.h>
#include <string.h>

vts_shared_string *vts_shared_string_new(const char *bytes, size_t length) {
  vts_shared_string *string = malloc(sizeof *string);
  if (!string) return NULL;
  if (pthread_rwlock_init(&string->lock, NULL) != 0) {
    free(string);
    return NULL;
  }
  string->bytes = bytes;
  string->length = length;
  string->copy = NULL;
  string->block = NULL;
  string->is_foreign = false;
  return string;
}

void vts_shared_string_set_block(vts_shared_string *string, void *block, bool foreign) {
  string->block = block;
  string->is_foreign = foreign;
}

void *vts_shared_string_block(const vts_shared_string *string) { return string->block; }

bool vts_shared_string_copy_out(vts_shared_string *string) {
  if (string->copy) return true;
  char *copy = malloc(string->length);
  pthread_rwlock_wrlock(&string->lock);
  if (copy) memcpy(copy, string->bytes, string->length);
  string->bytes = string->copy = copy;
  pthread_rwlock_unlock(&string->lock);
  return copy;
}

bool vts_shared_string_read(vts_shared_string *string, char *to) {
  pthread_rwlock_rdlock(&string->lock);
  bool available = string->bytes;
  if (available) memcpy(to, string->bytes, string->length);
  pthread_rwlock_unlock(&string->lock);
  return available;
}

bool vts_shared_string_equal(vts_shared_string *one, vts_shared_string *other) {
  if (one == other) return true;
  if (one->length != other->length) return false;
  pthread_rwlock_rdlock(&one->lock);
  pthread_rwlock_rdlock(&other->lock);
  bool equal = one->bytes && other->bytes &&
               (one->bytes == other->bytes || memcmp(one->bytes, other->bytes, one->length) == 0);
  pthread_rwlock_unlock(&other->lock);
  pthread_rwlock_unlock(&one->lock);
  return equal;
}

void vts_shared_string_free(vts_shared_string *string) {
  pthread_rwlock_destroy(&string->lock);
  free(string->copy);
  free(string);
}

const void *vts_shared_string_bytes(const vts_shared_string *string) { return string->bytes; }

size_t vts_shared_string_length(const vts_shared_string *string) { return string->length; }
