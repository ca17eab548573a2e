// SPDX-License-Identifier: BSD-3-Clause

import CVTStore
import Glibc
import Testing

/// Each test runs in a process of its own, because zstd is loaded once for a process.
@Suite struct CompressionTests {
    @Test func bytesSurvive() async {
        await #expect(processExitsWith: .success) {
            let bytes = [UInt8](repeating: 7, count: 100_000)
            var compressed = [UInt8](repeating: 0, count: vtd_compress_bound(bytes.count))
            try #require(!compressed.isEmpty, "zstd is not installed")
            let count = vtd_compress(&compressed, compressed.count, bytes, bytes.count)
            #expect(count > 0 && count < 1000)
            var again = [UInt8](repeating: 0, count: bytes.count)
            #expect(vtd_decompress(&again, again.count, compressed, count) == bytes.count)
            #expect(again == bytes)
        }
    }

    /// Without zstd, every function reports a failure.
    @Test func withoutTheLibrary() async {
        await #expect(processExitsWith: .success) {
            // No library can be loaded without a free descriptor.
            var limit = rlimit(rlim_cur: 0, rlim_max: 0)
            try #require(setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
            let bytes = [UInt8](repeating: 7, count: 1000)
            var room = [UInt8](repeating: 0, count: 2000)
            #expect(vtd_compress_bound(bytes.count) == 0)
            #expect(vtd_compress(&room, room.count, bytes, bytes.count) == 0)
            #expect(vtd_decompress(&room, room.count, bytes, bytes.count) == 0)
            #expect(!vtd_write_compressed(1, bytes, bytes.count))
            #expect(errno == ENOTSUP)
            #expect(!vtd_read_compressed(0, &room, room.count))
        }
    }
}
