// SPDX-License-Identifier: BSD-3-Clause

internal import CVTJupyter
internal import VTSystem

/// The key with which both sides of a connection sign messages.
package struct Key: Sendable {
    private let bytes: [UInt8]

    /// Takes the key of a connection file, as it is written there.
    package init(_ text: String) { bytes = Array(text.utf8) }

    /// True if there is no key; messages are not signed then.
    package var isEmpty: Bool { bytes.isEmpty }

    /// Returns the signature of some frames in lowercase hexadecimal digits; empty without a key.
    package func sign(_ frames: [[UInt8]]) -> [UInt8] {
        if bytes.isEmpty { return [] }
        var out = [UInt8](repeating: 0, count: Int(VTJ_SHA256))
        withUnsafeBuffers(frames) { pieces, lengths in
            vtj_hmac(bytes, bytes.count, pieces, lengths, Int32(frames.count), &out)
        }
        return Hex.digits(out)
    }

    /// Returns true if the signature is that of the frames. The comparison takes constant time, so
    /// that its duration reveals nothing.
    package func verify(_ signature: [UInt8], of frames: [[UInt8]]) -> Bool {
        if bytes.isEmpty { return true }
        let right = sign(frames)
        return signature.count == right.count && vtj_equal(signature, right, right.count)
    }
}

/// Returns the digest of a message's buffers, for the signed part of the message.
package func digest(of buffers: [OutgoingBuffer]) -> String {
    var out = [UInt8](repeating: 0, count: Int(VTJ_DIGEST))
    withUnsafeBuffers(buffers) { pieces, lengths in
        vtj_digest(pieces, lengths, Int32(buffers.count), &out)
    }
    return Hex.text(out)
}

/// Returns the digest of received buffers.
package func digest(of buffers: some Collection<Part>) -> String {
    var out = [UInt8](repeating: 0, count: Int(VTJ_DIGEST))
    let pieces: [UnsafeRawPointer?] = buffers.map { UnsafeRawPointer($0.bytes.baseAddress) }
    let lengths = buffers.map(\.bytes.count)
    withExtendedLifetime(buffers) {
        vtj_digest(pieces, lengths, Int32(pieces.count), &out)
    }
    return Hex.text(out)
}

/// Returns `count` random bytes in hexadecimal digits.
package func randomDigits(bytes count: Int) -> String {
    var bytes = [UInt8](repeating: 0, count: count)
    vtj_random(&bytes, count)
    return Hex.text(bytes)
}

/// A value that gives access to its bytes without a copy.
package protocol BytesLending {
    /// Calls `body` with the bytes.
    func lendBytes(_ body: (UnsafeRawBufferPointer) -> Void)
}

extension [UInt8]: BytesLending {
    package func lendBytes(_ body: (UnsafeRawBufferPointer) -> Void) { withUnsafeBytes(body) }
}

/// Gives access to the addresses and lengths of several values at once.
private func withUnsafeBuffers(
    _ all: [some BytesLending], _ body: ([UnsafeRawPointer?], [Int]) -> Void
) {
    var pieces: [UnsafeRawPointer?] = []
    var lengths: [Int] = []
    func lend(_ index: Int) {
        if index == all.count { return body(pieces, lengths) }
        all[index].lendBytes { bytes in
            pieces.append(bytes.baseAddress)
            lengths.append(bytes.count)
            lend(index + 1)
        }
    }
    lend(0)
}
