// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import Testing

/// The program in examples/embedding, as it was built with these tests.
@Suite struct EmbeddingExampleTests {
    @Test func itRunsAndCancels() throws {
        var path = [CChar](repeating: 0, count: 4096)
        let length = readlink("/proc/self/exe", &path, path.count - 1)
        try #require(length > 0)
        let program =
            String(decoding: path[..<length].map(UInt8.init(bitPattern:)), as: UTF8.self)
            .components(before: "/") + "/vtlua-embedding-example"
        // What a program still holds when it ends is no leak.
        let command = "ASAN_OPTIONS=detect_leaks=0 timeout -k 1 120 '\(program)' 2>&1"
        let output = try #require(popen(command, "r"))
        var text = ""
        while case let byte = getc(output), byte != EOF {
            text.unicodeScalars.append(Unicode.Scalar(UInt8(byte)))
        }
        #expect(pclose(output) == 0)
        #expect(text == "sum: 1 + 4 + 9 = 14.0\ncancelled\n")
    }
}
