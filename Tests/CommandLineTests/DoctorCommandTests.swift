// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import Testing

/// `vtlua doctor`: what is missing, and the command that fixes it.
@Suite(.serialized) struct DoctorCommandTests {
    @Test func allIsWell() throws {
        let folder = try Folder([
            "dot": "#!/bin/sh\necho 'dot - graphviz version 2.43.0 (0)' >&2\n",
            "jupyter": """
            #!/bin/sh
            echo 'Selected Jupyter core packages...'
            echo 'jupyter_client   : 8.6.3'
            echo 'jupyterlab       : not installed'

            """,
            "ipcontroller": "#!/bin/sh\necho 9.2.0\n",
        ])
        for name in ["dot", "jupyter", "ipcontroller"] { chmod("\(folder.path)/\(name)", 0o755) }
        let environment = [
            "PATH": folder.path, "VTLUA_IPCONTROLLER": folder.path + "/ipcontroller",
        ]
        let found = try folder.vtlua(["doctor"], environment: environment)
        #expect(
            found.output.text.withoutLibraryVersions == """
                ok      lua         Lua 5.4.4, Swift 6.N, vtlua 0.1.0
                ok      sqlite      3.N
                ok      sodium      1.N
                ok      zstd        1.N
                ok      zeromq      4.N
                ok      openblas    0.N for the processor
                ok      curl        7.N
                ok      sleef       with the processor's instructions
                ok      workflow    a workflow of one module ran
                ok      scratch     '/tmp' is writable
                ok      ipyparallel 9.2.0, \(folder.path)/ipcontroller
                ok      jupyter     jupyter_client 8.6.3, \(folder.path)/jupyter
                ok      graphviz    2.43.0, \(folder.path)/dot
                ok      terminal    progress is one line per module

                """)
        #expect(found.error.text == "")
        #expect(found.end == .exit(0))
    }

    @Test func whatIsMissing() throws {
        let environment = [
            "PATH": "/nowhere", "TMPDIR": "/nowhere", "HOME": "/nowhere", "VTLUA_IPCONTROLLER": "",
        ]
        let found = try Folder().vtlua(["doctor"], environment: environment)
        #expect(
            found.output.text.split(separator: "\n").dropFirst(9).joined(separator: "\n") == """
                MISSING scratch     '/nowhere': No such file or directory
                                    set TMPDIR to a directory that you can write
                absent  ipyparallel ipyparallel is not installed; vtlua cluster start needs it
                                    vtlua cluster install
                absent  jupyter     `jupyter` is not on the PATH; notebooks need it
                                    apt-get install jupyter-notebook
                absent  graphviz    `dot` is not on the PATH; vtlua graph -f svg needs it
                                    apt-get install graphviz
                ok      terminal    progress is one line per module
                """)
        #expect(found.end == .exit(1))
    }

    /// The package of a library that cannot be loaded is named once.
    @Test func withoutOpenBLAS() throws {
        let folder = try Folder(["libopenblas.so.0": "no library"])
        let found = try folder.vtlua(
            ["-e", "print(select(2, pcall(array.matmul, array.ones{2, 2}, array.ones{2, 2})))"],
            environment: ["LD_LIBRARY_PATH": folder.path])
        #expect(
            found.output.text == """
                matmul needs OpenBLAS: libopenblas.so.0 cannot be loaded (Debian: \
                libopenblas0-pthread): \(folder.path)/libopenblas.so.0: file too short

                """)
    }

    /// A program that fails, or prints no version, is found all the same.
    @Test func withoutVersions() throws {
        let folder = try Folder(["dot": "#!/bin/sh\nexit 3\n", "jupyter": "#!/bin/sh\n"])
        for name in ["dot", "jupyter"] { chmod("\(folder.path)/\(name)", 0o755) }
        let found = try folder.vtlua(["doctor"], environment: ["PATH": folder.path])
        #expect(
            found.output.text.contains("ok      graphviz    unknown version, \(folder.path)/dot\n"))
        #expect(
            found.output.text.contains(
                "ok      jupyter     unknown version, \(folder.path)/jupyter\n"))
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
