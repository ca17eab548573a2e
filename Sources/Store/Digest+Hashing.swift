// SPDX-License-Identifier: BSD-3-Clause

internal import CVTStore
internal import VTWorkflow

extension Digest {
    /// The BLAKE2b digest of bytes.
    init(hashing bytes: [UInt8]) {
        self = bytes.withUnsafeBytes { Digest(hashing: $0) }
    }

    /// The BLAKE2b digest of bytes in memory.
    init(hashing bytes: UnsafeRawBufferPointer) {
        self.init(
            bytes: [UInt8](unsafeUninitializedCapacity: Int(VTD_DIGEST)) { digest, count in
                vtd_hash(bytes.baseAddress, bytes.count, digest.baseAddress)
                count = digest.count
            })
    }
}
