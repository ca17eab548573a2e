// SPDX-License-Identifier: BSD-3-Clause

import CVTSystem
import Testing
import VTSystem

/// The hash SHA-256, with the examples of FIPS 180-4 and lengths around the size of a block.
@Suite struct SHA256Tests {
    private func digest(_ bytes: [UInt8], pieces: Int = 1 << 20) -> String {
        var hash = vty_sha256()
        vty_sha256_start(&hash)
        var start = 0
        while start < bytes.count {
            let piece = bytes[start..<min(start + pieces, bytes.count)]
            piece.withUnsafeBytes { vty_sha256_add(&hash, $0.baseAddress, $0.count) }
            start += pieces
        }
        var digest = [UInt8](repeating: 0, count: 32)
        vty_sha256_end(&hash, &digest)
        return Hex.text(digest)
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func examples(_ text: String, _ expected: String) {
        #expect(digest(Array(text.utf8)) == expected)
    }

    /// The first two examples of RFC 4231.
    @Test func authentication() {
        func code(_ text: String, _ key: [UInt8]) -> String {
            Array(text.utf8).withUnsafeBytes { Hex.text(SHA256.authentication(of: $0, key: key)) }
        }
        #expect(
            code("Hi There", [UInt8](repeating: 0x0B, count: 20))
                == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        #expect(
            code("what do ya want for nothing?", Array("Jefe".utf8))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    }

    @Test func aMillion() {
        #expect(
            digest([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test(arguments: [1, 7, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 1000])
    func pieces(_ count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let whole = digest(bytes)
        for size in [1, 3, 64, 65] { #expect(digest(bytes, pieces: size) == whole, "\(size)") }
    }
}
