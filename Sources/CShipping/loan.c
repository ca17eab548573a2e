// SPDX-License-Identifier: BSD-3-Clause
//
// Strings that go by reference. Any number of readers copy at a time; the owner waits for them
// before its string goes.

#include "loan.h"

vts_loan *vts_loan_new(const char *bytes, size_t length) {
  vts_loan *loan = malloc(sizeof *loan);
  if (!loan) return NULL;
  if (pthread_rwlock_init(&loan->lock, NULL) != 0) {
    free(loan);
    return NULL;
  }
  loan->bytes = bytes;
  loan->length = length;
  loan->copy = NULL;
  return loan;
}

bool vts_loan_redeem(vts_loan *loan) {
  if (loan->copy) return true;
  char *copy = malloc(loan->length);
  pthread_rwlock_wrlock(&loan->lock);
  if (copy) memcpy(copy, loan->bytes, loan->length);
  loan->bytes = loan->copy = copy;
  pthread_rwlock_unlock(&loan->lock);
  return copy;
}

bool vts_loan_copy(vts_loan *loan, char *to) {
  pthread_rwlock_rdlock(&loan->lock);
  bool there = loan->bytes;
  if (there) memcpy(to, loan->bytes, loan->length);
  pthread_rwlock_unlock(&loan->lock);
  return there;
}

void vts_loan_free(vts_loan *loan) {
  pthread_rwlock_destroy(&loan->lock);
  free(loan->copy);
  free(loan);
}

size_t vts_loan_length(const vts_loan *loan) { return loan->length; }
