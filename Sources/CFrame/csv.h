// SPDX-License-Identifier: BSD-3-Clause
//
// The columns that CSV text is read into.

#ifndef VTLUA_FRAME_CSV_H
#define VTLUA_FRAME_CSV_H

#include "frame.h"
#include "reader.h"

typedef enum {
  VTF_SKIP,  // a column that is not stored
  VTF_TEXT, VTF_NUMBER, VTF_INTEGER, VTF_BOOLEAN,
  VTF_BOOLEAN_LIST,  // with missing ones
  VTF_AUTO,          // no field with a value yet
  VTF_AUTO_INTEGER, VTF_AUTO_NUMBER, VTF_AUTO_BOOLEAN,
  VTF_LATER_TEXT,  // texts, which the second pass reads
} vtf_kind;

typedef struct {
  vtf_kind kind;
  int slot;  // on the stack: the array or the list; 0 while there is none
  union {
    double *numbers;
    int64_t *integers;
    uint8_t *booleans;
  };
  bool has_missing;
  bool has_fraction;  // a number that is not only digits
  bool is_wide;       // an integer that a float cannot hold
} vtf_csv_column;

typedef struct {
  const char *bytes;
  size_t length;
} vtf_text;

typedef struct {
  const vtf_text *texts;
  int count;
  size_t longest;
} vtf_texts;

typedef struct {
  vtf_reader reader;
  bool fill, truncate;
  // The values of missing fields in columns with a type; without one such a field is a fault.
  bool has_number, has_integer, has_boolean;
  double number;
  int64_t integer;
  bool boolean;
  vtf_texts absent;        // the texts of missing fields in columns of numbers and booleans
  vtf_texts absent_texts;  // the same in columns of texts
} vtf_csv_options;

/// Reads the options from the table at `index`, and pushes memory that they use (csv_options.c).
void vtf_csv_read_options(lua_State *L, int index, vtf_csv_options *options);

#endif
