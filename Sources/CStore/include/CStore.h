// SPDX-License-Identifier: BSD-3-Clause
//
// SQLite, sodium's hash and zstd, loaded when a store is first opened: a script that has none
// starts without them.

#ifndef CSTORE_H
#define CSTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Loads the libraries; NULL, or what is missing. Everything below comes after it.
const char *vtd_load(void);

// MARK: SQLite

typedef struct sqlite3 vtd_database;
typedef struct sqlite3_stmt vtd_statement;

/// What a call gives, of SQLite's numbers.
enum { VTD_OK = 0, VTD_BUSY = 5, VTD_FULL = 13, VTD_NOT_A_DATABASE = 26, VTD_CORRUPT = 11,
       VTD_ROW = 100, VTD_DONE = 101 };

/// Opens a file, and makes it if it is not there. A database comes even from a failure.
int vtd_open(const char *path, vtd_database **database);
void vtd_close(vtd_database *database);
/// Closing it leaves the write-ahead log as it is, for the next one to go on with. A short run
/// would spend most of its time on moving the log into the database and waiting for the disk.
void vtd_keep_log(vtd_database *database);
const char *vtd_message(vtd_database *database);
int vtd_busy_timeout(vtd_database *database, int milliseconds);
int vtd_changes(vtd_database *database);
/// The version of SQLite at run time, as "3.40.1".
const char *vtd_sqlite_version(void);
/// The version of sodium at run time, as "1.0.18".
const char *vtd_sodium_version(void);

int vtd_prepare(vtd_database *database, const char *sql, vtd_statement **statement);
void vtd_finalize(vtd_statement *statement);
int vtd_step(vtd_statement *statement);
/// Makes it ready for the next use, with nothing bound.
void vtd_reset(vtd_statement *statement);

int vtd_bind_integer(vtd_statement *statement, int index, int64_t value);
int vtd_bind_number(vtd_statement *statement, int index, double value);
/// Both copy the bytes.
int vtd_bind_text(vtd_statement *statement, int index, const void *bytes, size_t length);
int vtd_bind_bytes(vtd_statement *statement, int index, const void *bytes, size_t length);

bool vtd_is_null(vtd_statement *statement, int column);
int64_t vtd_integer(vtd_statement *statement, int column);
double vtd_number(vtd_statement *statement, int column);
/// The bytes of a text or blob, until the next step.
const void *vtd_bytes(vtd_statement *statement, int column, size_t *length);

/// Whether a directory is on a file system of the network.
bool vtd_is_on_network(const char *path);

// MARK: Hash

enum { VTD_DIGEST = 32 };

/// BLAKE2b of bytes.
void vtd_hash(const void *bytes, size_t length, uint8_t digest[VTD_DIGEST]);

/// The same, of bytes that come one after another.
typedef struct vtd_hash_state vtd_hash_state;
vtd_hash_state *vtd_hash_make(void);
void vtd_hash_add(vtd_hash_state *hash, const void *bytes, size_t length);
/// Gives the digest and frees the hash.
void vtd_hash_end(vtd_hash_state *hash, uint8_t digest[VTD_DIGEST]);

// MARK: Compression

/// How many bytes compressed ones may take; 0 where zstd is not installed.
size_t vtd_compress_bound(size_t length);
/// 0 when it failed.
size_t vtd_compress(void *to, size_t capacity, const void *from, size_t length);
/// 0 when the bytes are damaged or do not fit.
size_t vtd_decompress(void *to, size_t capacity, const void *from, size_t length);

/// Writes bytes to a file, compressed piece by piece; false and errno.
bool vtd_write_compressed(int file, const void *from, size_t length);
/// Reads what was written so: false where it is damaged, or not `length` bytes.
bool vtd_read_compressed(int file, void *to, size_t length);

#endif
