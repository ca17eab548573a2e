// SPDX-License-Identifier: BSD-3-Clause
//
// SQLite, sodium's hash and zstd, loaded when the first store is opened: a program without a store
// starts without them.

#ifndef CSTORE_H
#define CSTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Loads the libraries. Returns NULL, or a message that names the missing one. Must be called
/// before the functions below.
const char *vtd_load(void);

typedef enum { VTD_SQLITE, VTD_SODIUM, VTD_ZSTD } vtd_library;

/// Loads one library and returns its version, as "1.5.4"; NULL where it is not installed.
const char *vtd_version(vtd_library library);

// MARK: SQLite

typedef struct sqlite3 vtd_database;
typedef struct sqlite3_stmt vtd_statement;

/// The results of SQLite that VTLua distinguishes.
enum { VTD_OK = 0, VTD_BUSY = 5, VTD_READ_ONLY = 8, VTD_IO_ERROR = 10, VTD_CORRUPT = 11, VTD_FULL = 13,
       VTD_CANNOT_OPEN = 14, VTD_NOT_A_DATABASE = 26, VTD_ROW = 100, VTD_DONE = 101 };

/// Opens a file, and creates it if it does not exist. Sets `*database` even on failure. The path must
/// begin with `/` or `./`: SQLite may take one that begins with `file:` for a URI.
int vtd_open(const char *path, vtd_database **database);
void vtd_close(vtd_database *database);
/// Keeps the write-ahead log when the database is closed. Otherwise a short run would spend most of
/// its time on a checkpoint and on waiting for the disk.
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
/// Resets the statement and its bindings.
void vtd_reset(vtd_statement *statement);

int vtd_bind_integer(vtd_statement *statement, int index, int64_t value);
int vtd_bind_number(vtd_statement *statement, int index, double value);
/// Both copy the bytes.
int vtd_bind_text(vtd_statement *statement, int index, const void *bytes, size_t length);
int vtd_bind_bytes(vtd_statement *statement, int index, const void *bytes, size_t length);

bool vtd_is_null(vtd_statement *statement, int column);
bool vtd_is_text(vtd_statement *statement, int column);
int64_t vtd_integer(vtd_statement *statement, int column);
double vtd_number(vtd_statement *statement, int column);
/// The bytes of a text or blob; valid until the next step.
const void *vtd_bytes(vtd_statement *statement, int column, size_t *length);

/// True if a directory is on a network file system.
bool vtd_is_on_network(const char *path);

// MARK: Locks

typedef enum { VTD_LOCKED, VTD_LOCKED_ELSEWHERE, VTD_NO_LOCKS } vtd_lock;

/// Locks a byte of a file that is open for writing, without waiting. A byte that is already locked
/// through `file` stays locked. Returns VTD_NO_LOCKS where the file system has no such locks.
vtd_lock vtd_lock_byte(int file, int64_t offset);
void vtd_unlock_byte(int file, int64_t offset);

/// A number in a file that processes share.
typedef struct vtd_shared_number vtd_shared_number;

/// Maps the number at a multiple of 64 KiB; NULL on failure. The file grows where it is shorter.
vtd_shared_number *vtd_number_map(int file, int64_t offset);
void vtd_number_unmap(vtd_shared_number *number);
uint64_t vtd_number_get(vtd_shared_number *number);
/// Adds one. Returns the number before.
uint64_t vtd_number_add(vtd_shared_number *number);

// MARK: Hash

enum { VTD_DIGEST = 32 };

/// BLAKE2b of bytes.
void vtd_hash(const void *bytes, size_t length, uint8_t digest[VTD_DIGEST]);

/// An incremental BLAKE2b.
typedef struct vtd_hash_state vtd_hash_state;
vtd_hash_state *vtd_hash_make(void);
void vtd_hash_add(vtd_hash_state *hash, const void *bytes, size_t length);
/// Sets the digest and frees the hash.
void vtd_hash_end(vtd_hash_state *hash, uint8_t digest[VTD_DIGEST]);

// MARK: Compression

/// The largest size of `length` bytes after compression; 0 if zstd is not installed.
size_t vtd_compress_bound(size_t length);
/// Returns the compressed size; 0 on failure, and if zstd is not installed.
size_t vtd_compress(void *to, size_t capacity, const void *from, size_t length);
/// Returns the size; 0 if the bytes are damaged or do not fit, or if zstd is not installed.
size_t vtd_decompress(void *to, size_t capacity, const void *from, size_t length);

/// Writes bytes to a file, compressed in pieces. Returns false and sets errno on failure.
bool vtd_write_compressed(int file, const void *from, size_t length);
/// Reads a file of vtd_write_compressed; false if it is damaged or does not have `length` bytes.
bool vtd_read_compressed(int file, void *to, size_t length);

#endif
