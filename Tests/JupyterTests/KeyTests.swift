// SPDX-License-Identifier: BSD-3-Clause

import VTJupyter
import Testing
import VTSystem

@Suite struct KeyTests {
    init() throws { try Socket.load() }

    /// Computed with Python's hmac, and what jupyter_client computes.
    @Test func signsAsJupyterDoes() {
        let header = """
            {"msg_id":"vtlua-1_7_0","msg_type":"connection_request","username":"u",\
            "session":"vtlua-1","date":"2026-11-22T22:24:29.650000Z","version":"5.3"}
            """
        let frames = [header, "{}", "{}", "{}"].map { Array($0.utf8) }
        let key = Key("68f5955e-8b1d84ea9f5bafbd0c58560d")
        let signature = Array(
            "23ec8effa973175aaadc924f3ffb2a633678405afcb025a43e5875afa3d344b3".utf8)
        #expect(key.sign(frames) == signature)
        #expect(key.verify(signature, of: frames))
        #expect(!key.verify(signature, of: frames.dropLast() + [Array("{ }".utf8)]))
        #expect(!key.verify(Array(signature.dropLast()), of: frames))
        #expect(!key.verify([], of: frames))
        #expect(!Key("another").verify(signature, of: frames))
    }

    @Test func withoutAKeyNothingIsSigned() {
        #expect(Key("").isEmpty)
        #expect(Key("").sign([[1]]) == [])
        #expect(Key("").verify([1, 2], of: [[1]]))
    }

    /// Where one buffer ends and the next begins counts.
    @Test func digestsAreOfBuffers() {
        let ab = digest(of: [.bytes([1, 2]), .bytes([3])])
        #expect(ab.count == 64)
        #expect(ab == digest(of: [.bytes([1, 2]), .bytes([3])]))
        #expect(ab != digest(of: [.bytes([1]), .bytes([2, 3])]))
        #expect(ab != digest(of: [.bytes([1, 2, 3])]))
    }

    @Test func randomDigitsAreDigits() {
        let digits = randomDigits(bytes: 8)
        #expect(digits.count == 16)
        #expect(digits.allSatisfy { $0.isHexDigit })
        #expect(digits != randomDigits(bytes: 8))
    }

    @Test func timestampsAreISO8601() {
        #expect(Timestamp.text(1_795_000_000.25) == "2026-11-18T11:06:40.250000Z")
    }
}
