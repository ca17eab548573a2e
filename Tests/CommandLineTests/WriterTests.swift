// SPDX-License-Identifier: BSD-3-Clause

import Testing

/// A file that could not be written whole is not there, and what was there stays.
@Suite struct WriterTests {
    private static let flow: Bytes = """
        local lines = vt.module { name = "lines", outputs = { text = "string", columns = "table" } }
        function lines:compute()
          local numbers = {}
          for i = 1, 20000 do numbers[i] = i end
          return { text = ("x"):rep(100000), columns = { n = numbers } }
        end
        local flow = vt.workflow { name = "f" }
        local made = flow:add("made", lines)
        local text = flow:add("text", "text.write", { text = made.text, path = "out.txt" })
        local csv = flow:add("csv", "csv.write", {
          columns = made.columns, names = { "n" }, path = "out.csv",
        })
        return flow:outputs { text = text.path, csv = csv.path }

        """

    @Test func aFullDisk() throws {
        let folder = try Folder(["flow.lua": Self.flow, "out.txt": "old\n"])
        var program = folder.program()
        let vtlua = Bytes(program.path)
        program.path = "/bin/sh"
        let found = try program.run(
            "-c", "ulimit -f 16; exec \"$0\" run -k --progress none flow.lua", vtlua)
        #expect(found.end == .exit(1))
        #expect(
            found.error.withoutRun == """
                error: `text` (text.write 1.0.0) failed in compute       run RRRR, 1 of 3 done
                  cannot write `out.txt`: File too large
                  inputs  path = "out.txt"   text = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx..." \
                (100000 bytes) (from made)
                  placed  flow.lua:9
                error: `csv` (csv.write 1.0.0) failed in compute         run RRRR, 1 of 3 done
                  cannot write `out.csv`: File too large
                  inputs  columns = table of 1 (from made)   names = list of 1   path = "out.csv" \
                  separator = ","
                  placed  flow.lua:10

                """)
        #expect(folder.names == ["flow.lua", "out.txt"])
        #expect(folder.text(of: "out.txt") == "old\n")
    }

    @Test func aDirectoryThatIsNotThere() throws {
        var flow = Self.flow.text.replacing("\"out.", with: "\"nowhere/out.")
        flow.replace("path = \"out", with: "path = \"nowhere/out")
        let folder = try Folder(["flow.lua": Bytes(flow)])
        let found = try folder.vtlua("run", "--progress", "none", "flow.lua")
        #expect(
            found.error.text.contains(
                "\n  cannot write `nowhere/out.txt`: No such file or directory; "
                    + "the directory must exist and be writable\n"))
        #expect(folder.names == ["flow.lua"])
    }

    @Test func whatIsWrittenIsWhole() throws {
        let folder = try Folder(["flow.lua": Self.flow, "out.txt": "old\n"])
        let found = try folder.vtlua("run", "--progress", "none", "flow.lua")
        #expect(found.output.text == "csv = out.csv\ntext = out.txt\n")
        #expect(folder.text(of: "out.txt")?.count == 100_000)
        #expect(folder.text(of: "out.csv")?.hasSuffix("\n20000\n") == true)
        #expect(folder.names == ["flow.lua", "out.csv", "out.txt"])
    }
}
