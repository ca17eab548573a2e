// SPDX-License-Identifier: BSD-3-Clause

import CVTStore
import Glibc

extension Cases {
    /// Bytes survive compression.
    static func compression() throws {
        let bytes = [UInt8](repeating: 7, count: 100_000)
        var compressed = [UInt8](repeating: 0, count: vtd_compress_bound(bytes.count))
        require(!compressed.isEmpty)
        let count = vtd_compress(&compressed, compressed.count, bytes, bytes.count)
        require(count > 0 && count < 1000)
        var again = [UInt8](repeating: 0, count: bytes.count)
        require(vtd_decompress(&again, again.count, compressed, count) == bytes.count)
        require(again == bytes)
    }

    /// Without zstd, every function reports a failure.
    static func compressionWithoutLibrary() throws {
        // No library can be loaded without a free descriptor.
        var limit = rlimit(rlim_cur: 0, rlim_max: 0)
        require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
        let bytes = [UInt8](repeating: 7, count: 1000)
        var room = [UInt8](repeating: 0, count: 2000)
        require(vtd_compress_bound(bytes.count) == 0)
        require(vtd_compress(&room, room.count, bytes, bytes.count) == 0)
        require(vtd_decompress(&room, room.count, bytes, bytes.count) == 0)
        require(!vtd_write_compressed(1, bytes, bytes.count))
        require(errno == ENOTSUP)
        require(!vtd_read_compressed(0, &room, room.count))
    }
}
