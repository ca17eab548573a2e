// SPDX-License-Identifier: BSD-3-Clause

import Testing

/// `vtlua version`
@Suite struct VersionCommandTests {
    @Test func inWords() throws {
        let found = try Program.vtlua.run("version")
        #expect(
            found.output.text.withoutLibraryVersions
                == "vtlua 0.1.0 (Lua 5.4.4, Swift 6.N, SQLite 3.N, sodium 1.N)\n")
        #expect(found.error == "")
        #expect(found.end == .exit(0))
    }

    @Test func asJSON() throws {
        let found = try Program.vtlua.run("version", "--json")
        #expect(
            try found.output.text.withoutCommit.replacing(/"6\.\d"/, with: "\"6.N\"")
                .replacing(/"sqlite":"3[.0-9]+"/, with: "\"sqlite\":\"3.N\"")
                .replacing(/"sodium":"1[.0-9]+"/, with: "\"sodium\":\"1.N\"").canonicalJSON()
                == #"{"commit":null,"lua":"5.4.4","schema":1,"sodium":"1.N","sqlite":"3.N","swift":"6.N","#
                + #""vtlua":"0.1.0"}"#)
        #expect(found.end == .exit(0))
    }
}

extension String {
    /// The text without the commit of a release program.
    var withoutCommit: String {
        replacing(#/, commit [0-9a-f]+\+?/#, with: "")
            .replacing(/"commit":"[0-9a-f]+\+?"/, with: "\"commit\":null")
    }

    /// The text without the parts of versions that depend on where it was built.
    var withoutLibraryVersions: String {
        withoutCommit.replacing(/Swift 6\.\d/, with: "Swift 6.N")
            .replacing(/SQLite 3\.[.0-9]+/, with: "SQLite 3.N")
            .replacing(/sodium 1\.[.0-9]+/, with: "sodium 1.N")
            .replacing(/(sqlite      3|sodium      1|zstd        1|zeromq      4)\.[.0-9]+/) {
                "\($0.output.1).N"
            }
            .replacing(/curl        [78]\.[.0-9]+/, with: "curl        7.N")
            .replacing(/openblas    0\.[.0-9]+ for \w+/, with: "openblas    0.N for the processor")
            .replacing(
                /sleef       with avx\w+/, with: "sleef       with the processor's instructions")
    }
}
