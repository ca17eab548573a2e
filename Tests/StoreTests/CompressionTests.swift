// SPDX-License-Identifier: BSD-3-Clause

import Testing
import VTSystem

/// Each test runs in a process of its own, because zstd is loaded once for a process. The code is in
/// Tests/Cases/Cases+Compression.swift.
@Suite struct CompressionTests {
    @Test(arguments: ["compression", "compression-without-zstd"])
    func passes(_ name: String) throws {
        let folder = try #require(pathOfThisProgram).directoryPart
        let output = try Spawn("\(folder)/vtlua-test-cases", [name]).output(input: "")
        #expect(output == "")
    }
}
