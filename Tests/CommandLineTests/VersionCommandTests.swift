// SPDX-License-Identifier: BSD-3-Clause

import Testing

/// `vtlua version`
@Suite struct VersionCommandTests {
    @Test func inWords() throws {
        let found = try Program.vtlua.run("version")
        #expect(
            found.output.text.replacing(/Swift 6\.\d/, with: "Swift 6.N")
                == "vtlua 0.1.0 (Lua 5.4.4, Swift 6.N)\n")
        #expect(found.error == "")
        #expect(found.end == .exit(0))
    }

    @Test func asJSON() throws {
        let found = try Program.vtlua.run("version", "--json")
        #expect(
            try found.output.text.replacing(/"6\.\d"/, with: "\"6.N\"").canonicalJSON()
                == #"{"lua":"5.4.4","schema":1,"swift":"6.N","vtlua":"0.1.0"}"#)
        #expect(found.end == .exit(0))
    }
}
