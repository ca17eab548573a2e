// SPDX-License-Identifier: BSD-3-Clause

#include "CStore.h"

#include <Library.h>
#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>
#include <zstd.h>

#define SQLITE(F)                                                                             \
  F(sqlite3_open_v2) F(sqlite3_close_v2) F(sqlite3_errmsg) F(sqlite3_busy_handler)            \
  F(sqlite3_changes) F(sqlite3_prepare_v2) F(sqlite3_finalize) F(sqlite3_step)                \
  F(sqlite3_reset) F(sqlite3_clear_bindings) F(sqlite3_bind_int64) F(sqlite3_bind_double)     \
  F(sqlite3_bind_text64) F(sqlite3_bind_blob64) F(sqlite3_column_type) F(sqlite3_column_int64)  \
  F(sqlite3_column_double) F(sqlite3_column_blob) F(sqlite3_column_bytes)        \
  F(sqlite3_libversion) F(sqlite3_db_config)

#define SODIUM(F)                                                                      \
  F(sodium_init) F(sodium_version_string) F(crypto_generichash) F(crypto_generichash_init) F(crypto_generichash_update)               \
  F(crypto_generichash_final)

#define ZSTD(F)                                                                        \
  F(ZSTD_compressBound) F(ZSTD_compress) F(ZSTD_decompress) F(ZSTD_isError)            \
  F(ZSTD_createCCtx) F(ZSTD_freeCCtx) F(ZSTD_CCtx_setParameter) F(ZSTD_compressStream2) \
  F(ZSTD_createDCtx) F(ZSTD_freeDCtx) F(ZSTD_decompressStream) F(ZSTD_versionString)

static struct {
#define FIELD(name) __typeof__(name) *name;
  SQLITE(FIELD) SODIUM(FIELD) ZSTD(FIELD)
#undef FIELD
} lib;

// A program that is linked with one of them does not search for it, which would take a third of a
// millisecond.
#define WEAK(name) extern __typeof__(name) name __attribute__((weak));
SQLITE(WEAK) SODIUM(WEAK)
#undef WEAK

static bool zstd_is_there;
static char failure[512];
static pthread_once_t once = PTHREAD_ONCE_INIT;

#define SYMBOL(name) {#name, &lib.name},
static const vty_symbol sqlite_symbols[] = {SQLITE(SYMBOL)};
static const vty_symbol sodium_symbols[] = {SODIUM(SYMBOL)};
static const vty_symbol zstd_symbols[] = {ZSTD(SYMBOL)};
#undef SYMBOL
#define COUNT(symbols) (int)(sizeof symbols / sizeof *symbols)
#define TAKE(name) lib.name = name;

static const vty_library sqlite = {
    (const char *const[]){"libsqlite3.so.0", "libsqlite3.so", NULL}, "libsqlite3-0",
    sqlite_symbols, COUNT(sqlite_symbols)};
static const vty_library sodium = {
    (const char *const[]){"libsodium.so.23", "libsodium.so.26", "libsodium.so", NULL},
    "libsodium23", sodium_symbols, COUNT(sodium_symbols)};
static const vty_library zstd = {
    (const char *const[]){"libzstd.so.1", "libzstd.so", NULL}, "libzstd1", zstd_symbols,
    COUNT(zstd_symbols)};

static bool load_sqlite(void) {
  if (!sqlite3_open_v2) return vty_library_load(&sqlite, failure, sizeof failure);
  SQLITE(TAKE)
  return true;
}

static bool load_sodium(void) {
  if (!sodium_init || !sodium_version_string || !crypto_generichash)
    return vty_library_load(&sodium, failure, sizeof failure);
  SODIUM(TAKE)
  return true;
}

static void load(void) {
  if (load_sqlite() && load_sodium() && lib.sodium_init() < 0)
    snprintf(failure, sizeof failure, "libsodium cannot be initialized");
}

static void load_zstd(void) {
  char reason[sizeof failure];
  zstd_is_there = vty_library_load(&zstd, reason, sizeof reason);
}

// Without zstd, large values are stored uncompressed. It is loaded at the first large value.
static bool has_zstd(void) {
  static pthread_once_t once_zstd = PTHREAD_ONCE_INIT;
  pthread_once(&once_zstd, load_zstd);
  return zstd_is_there;
}

const char *vtd_load(void) {
  pthread_once(&once, load);
  return failure[0] ? failure : NULL;
}

// MARK: SQLite

int vtd_open(const char *path, vtd_database **database) {
  // A store is used by one thread.
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  int status = lib.sqlite3_open_v2(path, database, flags, NULL);
  if (status != SQLITE_OK) return status;
  // The file may have been written by another program: nothing in its schema is run. Older libraries do not have
  // all of the settings.
  lib.sqlite3_db_config(*database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)NULL);
  lib.sqlite3_db_config(*database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, (int *)NULL);
  lib.sqlite3_db_config(*database, SQLITE_DBCONFIG_ENABLE_VIEW, 0, (int *)NULL);
  lib.sqlite3_db_config(*database, SQLITE_DBCONFIG_DEFENSIVE, 1, (int *)NULL);
  return SQLITE_OK;
}
void vtd_keep_log(vtd_database *database) {
  lib.sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, (int *)NULL);
}
void vtd_close(vtd_database *database) { lib.sqlite3_close_v2(database); }
const char *vtd_message(vtd_database *database) { return lib.sqlite3_errmsg(database); }
/// Waits before the lock is tried again, for the time since `count` was 0. Most transactions take less than
/// 0.1 ms: the pauses of SQLite's own handler, of 1 ms and more, would leave the lock unused most of the time.
static int wait_for_lock(void *milliseconds, int count) {
  enum { SHORT = 100, MIDDLE = 200 };
  const int most = (int)(intptr_t)milliseconds;
  // The sum of all pauses: 5 ms in short ones, 50 ms in longer ones, then 2 ms each.
  if (count >= MIDDLE && 55 + 2 * (count - MIDDLE) > most) return 0;
  long pause = count < SHORT ? 50000 : count < MIDDLE ? 500000 : 2000000;
  nanosleep(&(struct timespec){.tv_nsec = pause}, NULL);
  return 1;
}
int vtd_busy_timeout(vtd_database *database, int milliseconds) {
  return lib.sqlite3_busy_handler(
      database, milliseconds > 0 ? wait_for_lock : NULL, (void *)(intptr_t)milliseconds);
}
const char *vtd_version(vtd_library library) {
  switch (library) {
    case VTD_SQLITE: return load_sqlite() ? lib.sqlite3_libversion() : NULL;
    case VTD_SODIUM: return load_sodium() ? lib.sodium_version_string() : NULL;
    case VTD_ZSTD: return has_zstd() ? lib.ZSTD_versionString() : NULL;
  }
  return NULL;
}
const char *vtd_sqlite_version(void) { return lib.sqlite3_libversion(); }
const char *vtd_sodium_version(void) { return lib.sodium_version_string(); }
int vtd_changes(vtd_database *database) { return lib.sqlite3_changes(database); }

int vtd_prepare(vtd_database *database, const char *sql, vtd_statement **statement) {
  return lib.sqlite3_prepare_v2(database, sql, -1, statement, NULL);
}
void vtd_finalize(vtd_statement *statement) { lib.sqlite3_finalize(statement); }
int vtd_step(vtd_statement *statement) { return lib.sqlite3_step(statement); }
void vtd_reset(vtd_statement *statement) {
  lib.sqlite3_reset(statement);
  lib.sqlite3_clear_bindings(statement);
}

int vtd_bind_integer(vtd_statement *statement, int index, int64_t value) {
  return lib.sqlite3_bind_int64(statement, index, value);
}
int vtd_bind_number(vtd_statement *statement, int index, double value) {
  return lib.sqlite3_bind_double(statement, index, value);
}
int vtd_bind_text(vtd_statement *statement, int index, const void *bytes, size_t length) {
  return lib.sqlite3_bind_text64(statement, index, bytes ? bytes : "", length, SQLITE_TRANSIENT,
                                 SQLITE_UTF8);
}
int vtd_bind_bytes(vtd_statement *statement, int index, const void *bytes, size_t length) {
  return lib.sqlite3_bind_blob64(statement, index, bytes ? bytes : "", length, SQLITE_TRANSIENT);
}

bool vtd_is_null(vtd_statement *statement, int column) {
  return lib.sqlite3_column_type(statement, column) == SQLITE_NULL;
}
bool vtd_is_text(vtd_statement *statement, int column) {
  return lib.sqlite3_column_type(statement, column) == SQLITE_TEXT;
}
int64_t vtd_integer(vtd_statement *statement, int column) {
  return lib.sqlite3_column_int64(statement, column);
}
double vtd_number(vtd_statement *statement, int column) {
  return lib.sqlite3_column_double(statement, column);
}
const void *vtd_bytes(vtd_statement *statement, int column, size_t *length) {
  const void *bytes = lib.sqlite3_column_blob(statement, column);
  *length = (size_t)lib.sqlite3_column_bytes(statement, column);
  return bytes;
}

bool vtd_is_on_network(const char *path) {
  struct statfs about;
  if (statfs(path, &about) != 0) return false;
  switch ((uint32_t)about.f_type) {
    case 0x6969:      // NFS
    case 0x517b:      // SMB
    case 0xff534d42:  // CIFS
    case 0xfe534d42:  // SMB 2
    case 0x5346414f:  // AFS
    case 0x01021997:  // 9P
    case 0x0bd00bd0:  // Lustre
    case 0x00c36400:  // Ceph
    case 0x47504653:  // GPFS
    case 0x01161970:  // GFS2
    case 0x7461636f:  // OCFS2
    case 0x19830326:  // BeeGFS
    case 0x20030528:  // OrangeFS
    case 0x786f4256:  // shared folders of VirtualBox
    case 0xbacbacbc:  // shared folders of VMware
    case 0x65735546:  // FUSE: sshfs, GlusterFS, virtiofs
      return true;
    default: return false;
  }
}

// MARK: Hash

struct vtd_hash_state {
  crypto_generichash_state state;
};

vtd_hash_state *vtd_hash_make(void) {
  // The state must be aligned to 64 bytes.
  vtd_hash_state *hash = aligned_alloc(64, (sizeof(vtd_hash_state) + 63) / 64 * 64);
  if (!hash) abort();
  lib.crypto_generichash_init(&hash->state, NULL, 0, VTD_DIGEST);
  return hash;
}
void vtd_hash_add(vtd_hash_state *hash, const void *bytes, size_t length) {
  lib.crypto_generichash_update(&hash->state, bytes, length);
}
void vtd_hash_end(vtd_hash_state *hash, uint8_t digest[VTD_DIGEST]) {
  lib.crypto_generichash_final(&hash->state, digest, VTD_DIGEST);
  free(hash);
}

void vtd_hash(const void *bytes, size_t length, uint8_t digest[VTD_DIGEST]) {
  lib.crypto_generichash(digest, VTD_DIGEST, bytes, length, NULL, 0);
}

// MARK: Compression

enum { LEVEL = 1, PIECE = 1 << 18 };

size_t vtd_compress_bound(size_t length) {
  return has_zstd() ? lib.ZSTD_compressBound(length) : 0;
}
size_t vtd_compress(void *to, size_t capacity, const void *from, size_t length) {
  if (!has_zstd()) return 0;
  size_t count = lib.ZSTD_compress(to, capacity, from, length, LEVEL);
  return lib.ZSTD_isError(count) ? 0 : count;
}
size_t vtd_decompress(void *to, size_t capacity, const void *from, size_t length) {
  if (!has_zstd()) return 0;
  size_t count = lib.ZSTD_decompress(to, capacity, from, length);
  return lib.ZSTD_isError(count) ? 0 : count;
}

static bool write_all(int file, const char *bytes, size_t length) {
  while (length) {
    ssize_t count = write(file, bytes, length);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes += count;
    length -= (size_t)count;
  }
  return true;
}

bool vtd_write_compressed(int file, const void *from, size_t length) {
  if (!has_zstd()) {
    errno = ENOTSUP;
    return false;
  }
  ZSTD_CCtx *context = lib.ZSTD_createCCtx();
  char *piece = malloc(PIECE);
  bool written = context && piece;
  if (!written) errno = ENOMEM;
  if (written) lib.ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, LEVEL);
  ZSTD_inBuffer input = {from, length, 0};
  for (size_t left = 1; written && left;) {
    ZSTD_outBuffer output = {piece, PIECE, 0};
    left = lib.ZSTD_compressStream2(context, &output, &input, ZSTD_e_end);
    if (lib.ZSTD_isError(left)) {
      errno = EIO;
      written = false;
    } else {
      written = write_all(file, piece, output.pos);
    }
  }
  free(piece);
  if (context) lib.ZSTD_freeCCtx(context);
  return written;
}

bool vtd_read_compressed(int file, void *to, size_t length) {
  ZSTD_DCtx *context = has_zstd() ? lib.ZSTD_createDCtx() : NULL;
  char *piece = malloc(PIECE);
  bool good = context && piece;
  bool over = false;
  ZSTD_outBuffer output = {to, length, 0};
  while (good) {
    ssize_t count = read(file, piece, PIECE);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      good = count == 0 && over;
      break;
    }
    ZSTD_inBuffer input = {piece, (size_t)count, 0};
    while (good && input.pos < input.size) {
      size_t taken = input.pos, made = output.pos;
      size_t left = lib.ZSTD_decompressStream(context, &output, &input);
      // False if the output is longer than expected, or if bytes follow the end.
      good = !over && !lib.ZSTD_isError(left) && (input.pos > taken || output.pos > made);
      over = left == 0;
    }
  }
  free(piece);
  if (context) lib.ZSTD_freeDCtx(context);
  return good && output.pos == length;
}
