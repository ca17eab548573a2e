// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// With downloads.
    static let withHTTP: [Mistake] = [
        Mistake(
            "http.file from another scheme",
            flow: """
                local flow = vt.workflow { name = "f" }
                local d = flow:add("d", "http.file", { url = "ftp://host/a.csv" })
                return flow:outputs { file = d.file }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: http.file: input `url`: `ftp://host/a.csv`: it must start with \
                http:// or https://
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local d = flow:add("d", "http.file", { url = "ftp://host/a.csv" })

                """),
        Mistake(
            "http.file with a password in the address",
            flow: """
                local flow = vt.workflow { name = "f" }
                local d = flow:add("d", "http.file", { url = "http://me:word@host/a.csv" })
                return flow:outputs { file = d.file }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: http.file: input `url`: `http://***@host/a.csv`: it holds a \
                password; give it with `token` or `headers`
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local d = flow:add("d", "http.file", { url = "http://me:word@ho...

                """),
        Mistake(
            "http.file from a number",
            flow: """
                local flow = vt.workflow { name = "f" }
                local d = flow:add("d", "http.file", { url = 12 })
                return flow:outputs { file = d.file }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: http.file: input `url`: expected a string, got number
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local d = flow:add("d", "http.file", { url = 12 })

                """),
        Mistake(
            "http.file with half a sum",
            flow: """
                local flow = vt.workflow { name = "f" }
                local d = flow:add("d", "http.file", { url = "http://127.0.0.1:1/a.csv", \
                sha256 = "abc" })
                return flow:outputs { file = d.file }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: http.file: input `sha256`: `abc`: it must be 64 hexadecimal \
                digits, as the program sha256sum prints them
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local d = flow:add("d", "http.file", { url = "http://127.0.0.1:...

                """),
        Mistake(
            "http.file with a misspelt sum",
            flow: """
                local flow = vt.workflow { name = "f" }
                local d = flow:add("d", "http.file", { url = "http://127.0.0.1:1/a.csv", \
                sha265 = "abc" })
                return flow:outputs { file = d.file }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `d` (http.file) has no input `sha265`; did you mean `sha256`?
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local d = flow:add("d", "http.file", { url = "http://127.0.0.1:...

                """),
        Mistake(
            "http.file with a negative time",
            flow: """
                local flow = vt.workflow { name = "f" }
                local d = flow:add("d", "http.file", { url = "http://127.0.0.1:1/a.csv", \
                timeout = -1 })
                return flow:outputs { file = d.file }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: http.file: input `timeout`: -1 is below the minimum 0.001
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local d = flow:add("d", "http.file", { url = "http://127.0.0.1:...

                """),
        Mistake(
            "http.file from a closed port",
            flow: """
                local flow = vt.workflow { name = "f" }
                local d = flow:add("d", "http.file", { url = "http://127.0.0.1:1/a.csv", \
                retries = 0 })
                return flow:outputs { file = d.file }

                """,
            exits: 1,
            says: """
                error: `d` (http.file 1.0.0) failed in compute           run RRRR, 0 of 1 done
                  cannot read `http://127.0.0.1:1/a.csv`: no connection to `127.0.0.1:1`: \
                Connection refused; check the address, and that the server runs
                  inputs  redirects = 10   retries = 0   url = "http://127.0.0.1:1/a.csv"
                  placed  flow.lua:2

                """),
        Mistake(
            "http.file into a directory that is not there",
            flow: """
                local flow = vt.workflow { name = "f" }
                local d = flow:add("d", "http.file", { url = "http://127.0.0.1:1/a.csv", path \
                = "no/a.csv" })
                return flow:outputs { file = d.file }

                """,
            exits: 1,
            says: """
                error: `d` (http.file 1.0.0) failed in compute           run RRRR, 0 of 1 done
                  cannot write `no/a.csv`: No such file or directory; the directory must exist \
                and be writable
                  inputs  path = "no/a.csv"   redirects = 10   retries = 2   url = \
                "http://127.0.0.1:1/a.csv"
                  placed  flow.lua:2

                """),
        Mistake(
            "http.file with a range",
            flow: """
                local flow = vt.workflow { name = "f" }
                local d = flow:add("d", "http.file", { url = "http://127.0.0.1:1/a.csv", \
                headers = { Range = "1" } })
                return flow:outputs { file = d.file }

                """,
            exits: 1,
            says: """
                error: `d` (http.file 1.0.0) failed in compute           run RRRR, 0 of 1 done
                  `headers`: `Range` is set by the download itself
                  inputs  headers = table of 1   redirects = 10   retries = 2   url = \
                "http://127.0.0.1:1/a.csv"
                  placed  flow.lua:2

                """),
        Mistake(
            "http.file with authorities that are not there",
            flow: """
                local flow = vt.workflow { name = "f" }
                local d = flow:add("d", "http.file", { url = "http://127.0.0.1:1/a.csv", ca = \
                "no.pem" })
                return flow:outputs { file = d.file }

                """,
            exits: 3,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: http.file: input `ca`: 'no.pem': No such file or directory
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local d = flow:add("d", "http.file", { url = "http://127.0.0.1:...

                """),
    ]
}
