// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import Testing

/// `vtlua doctor`: what is missing, and the command that fixes it.
@Suite struct DoctorCommandTests {
    @Test func allIsWell() throws {
        let folder = try Folder(["dot": "#!/bin/sh\n"])
        chmod("\(folder.path)/dot", 0o755)
        let found = try folder.vtlua(["doctor"], environment: ["PATH": folder.path])
        #expect(
            found.output.text.withoutLibraryVersions == """
                ok      lua        Lua 5.4.4, Swift 6.N, vtlua 0.1.0
                ok      libraries  SQLite 3.N, sodium 1.N
                ok      workflow   a workflow of one module ran
                ok      scratch    '/tmp' is writable
                ok      graphviz   \(folder.path)/dot
                ok      terminal   progress is one line per module

                """)
        #expect(found.error.text == "")
        #expect(found.end == .exit(0))
    }

    @Test func whatIsMissing() throws {
        let environment = ["PATH": "/nowhere", "TMPDIR": "/nowhere"]
        let found = try Folder().vtlua(["doctor"], environment: environment)
        #expect(
            found.output.text.split(separator: "\n").dropFirst(3).joined(separator: "\n") == """
                MISSING scratch    '/nowhere': No such file or directory
                                   set TMPDIR to a directory that you can write
                absent  graphviz   `dot` is not on the PATH; vtlua graph -f svg needs it
                                   apt-get install graphviz
                ok      terminal   progress is one line per module
                """)
        #expect(found.end == .exit(1))
    }

    /// What is not needed may be missing.
    @Test func withoutGraphviz() throws {
        let found = try Folder().vtlua(["doctor", "--json"], environment: ["PATH": "/nowhere"])
        let object = try found.output.text.canonicalJSON()
        #expect(object.contains(#""ok":true,"schema":1}"#))
        #expect(
            object.contains(
                #"{"detail":"`dot` is not on the PATH; vtlua graph -f svg needs it","needed":false,"#
                    + #""ok":false,"remedy":"apt-get install graphviz","what":"graphviz"}"#))
        #expect(found.end == .exit(0))
    }
}
