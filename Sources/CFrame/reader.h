// SPDX-License-Identifier: BSD-3-Clause
//
// Splits CSV text into fields. The rules are those of stdlib/csv_reader.lua, which also gives the
// messages: text with a fault is read again in Lua.

#ifndef VTLUA_FRAME_READER_H
#define VTLUA_FRAME_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct {
  const char *at, *end;
  const char *comment;
  size_t comment_length;
  char separator;
  bool quote, trim;
  bool special[256];  // the bytes that end the fast loop over an unquoted field
} vtf_reader;

typedef struct {
  const char *text;
  size_t length;
  bool doubled;  // quotes inside are doubled
} vtf_field;

typedef enum {
  VTF_FIELD,  // another field of the record follows
  VTF_LAST,   // the last field of the record
  VTF_FAULT,
} vtf_found;

static inline void vtf_reader_prepare(vtf_reader *reader) {
  memset(reader->special, 0, sizeof reader->special);
  for (const char *c = "\r\n"; *c; c++) reader->special[(unsigned char)*c] = true;
  reader->special[0] = true;  // the end of a Lua string
  reader->special[(unsigned char)reader->separator] = true;
  if (reader->quote) reader->special['"'] = true;
}

static inline bool vtf_is_blank(const vtf_reader *reader, char c) {
  return c == ' ' || (c == '\t' && reader->separator != '\t');
}

/// Skips lines without a record. False at the end of the text.
static inline bool vtf_next_record(vtf_reader *reader) {
  while (reader->at < reader->end) {
    const char *at = reader->at;
    bool skipped = reader->comment_length &&
                   (size_t)(reader->end - at) >= reader->comment_length &&
                   memcmp(at, reader->comment, reader->comment_length) == 0;
    if (!skipped) {
      if (*at == '\r') at++;
      if (at < reader->end && *at != '\n') return true;
    }
    const char *stop = memchr(at, '\n', (size_t)(reader->end - at));
    reader->at = stop ? stop + 1 : reader->end;
  }
  return false;
}

/// Ends a field at `at`, which is its separator, its line end or the end of the text.
static inline vtf_found vtf_end_field(vtf_reader *reader, const char *at) {
  if (at < reader->end && *at == reader->separator) {
    reader->at = at + 1;
    return VTF_FIELD;
  }
  if (at < reader->end && *at == '\r') at++;
  if (at < reader->end && *at != '\n') return VTF_FAULT;
  reader->at = at < reader->end ? at + 1 : at;
  return VTF_LAST;
}

static inline vtf_found vtf_quoted_field(vtf_reader *reader, const char *at, vtf_field *field) {
  field->text = ++at;
  field->doubled = false;
  for (;;) {
    const char *stop = memchr(at, '"', (size_t)(reader->end - at));
    if (!stop) return VTF_FAULT;
    at = stop + 1;
    if (at == reader->end || *at != '"') {
      field->length = (size_t)(stop - field->text);
      break;
    }
    field->doubled = true;
    at++;
  }
  if (reader->trim)
    while (at < reader->end && vtf_is_blank(reader, *at)) at++;
  return vtf_end_field(reader, at);
}

static inline vtf_found vtf_next_field(vtf_reader *reader, vtf_field *field) {
  const char *at = reader->at, *end = reader->end;
  if (reader->trim)
    while (at < end && vtf_is_blank(reader, *at)) at++;
  if (reader->quote && at < end && *at == '"') return vtf_quoted_field(reader, at, field);
  field->text = at;
  field->doubled = false;
  // A zero byte within the text is an ordinary one.
  while (!reader->special[(unsigned char)*at] || (*at == 0 && at < end)) at++;
  const char *stop = at;
  if (reader->trim)
    while (stop > field->text && vtf_is_blank(reader, stop[-1])) stop--;
  field->length = (size_t)(stop - field->text);
  return vtf_end_field(reader, at);
}

#endif
