// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// Runs that may do less than they try.
    static let inSandboxes: [Mistake] = [
        Mistake(
            "a file outside of the workflow's directory",
            run: ["run", "--sandbox", "--progress", "none", "--store", "off", "flow.lua"],
            compute: """
                function M:compute(inputs)
                  for line in io.lines "/etc/passwd" do print(line) end
                end

                """,
            files: ["results/kept": ""], exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: /etc/passwd: refused by the sandbox of this run; --allow-read PATH allows to read more
                      5 | function M:compute(inputs)
                   >  6 |   for line in io.lines "/etc/passwd" do print(line) end
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
        Mistake(
            "a file that is larger than the limit",
            run: [
                "run", "--sandbox", "--progress", "none", "--store", "off", "--disk-limit", "1MiB",
                "flow.lua",
            ],
            compute: """
                function M:compute(inputs)
                  require("files").write("results/x", ("x"):rep(2000000))
                end

                """,
            files: ["results/kept": ""], exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: cannot write `results/x`: File too large
                      5 | function M:compute(inputs)
                   >  6 |   require("files").write("results/x", ("x"):rep(2000000))
                  inputs  x = list of 3
                  placed  flow.lua:2
                  a file of the run may have 1 MiB; --disk-limit SIZE allows more

                """),
        Mistake(
            "a program",
            run: ["run", "--sandbox", "--progress", "none", "--store", "off", "flow.lua"],
            compute: """
                function M:compute(inputs)
                  os.execute "ls"
                end

                """,
            files: ["results/kept": ""], exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:6: os.execute: the sandbox of this run starts no programs; --allow-programs allows them
                      5 | function M:compute(inputs)
                   >  6 |   os.execute "ls"
                  inputs  x = list of 3
                  placed  flow.lua:2

                """),
    ]
}
