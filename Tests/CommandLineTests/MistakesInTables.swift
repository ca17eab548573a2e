// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// In uses of frames and of SQL.
    static let inTables: [Mistake] = [
        table(
            "a column that a frame does not have",
            code: #"local f = frame { city = { "Oslo" }, temp = { 3.5 } } return { y = f.tmp[1] }"#,
            says: "there is no column `tmp`; did you mean `temp`?"),
        table(
            "a frame that is changed in place",
            code: "local f = frame { x = { 1 } } f.y = f.x",
            says: "a frame cannot be changed; write f = f:with { y = ... }"),
        table(
            "an element of a frame",
            code: "local f = frame { x = { 1 } } return { y = f[1] }",
            says: "a frame has no element 1; for a row write f:row(1), for a column f[name]"),
        table(
            "columns of different length",
            code: "local f = frame { x = { 1, 2 }, y = { 1 } }",
            says:
                "frame.new: column `y` has 1 values, but column `x` has 2; a missing value at the end is "
                + "json.null"),
        table(
            "a comparison that does not exist",
            code: #"frame { x = { 1 } }:filter("x", "=", 1)"#,
            says: "filter: `=` is no comparison; the comparisons are: == ~= < <= > >= in"),
        table(
            "an aggregate that does not exist",
            code: #"frame { x = { 1 } }:group("x"):aggregate { n = { "x", "meen" } }"#,
            says: "aggregate: column `n`: there is no aggregate `meen`; did you mean `mean`?"),
        table(
            "an aggregate of texts",
            code: #"frame { x = { 1 }, s = { "a" } }:group("x"):aggregate { s = "mean" }"#,
            says:
                "aggregate: column `s` has no numbers, so it has no `mean`; a list has: count first last "
                + "max min nunique"),
        table(
            "a join of which one side has a key twice",
            code: "local f = frame { x = { 1, 1 } } "
                + #"f:join(f, { on = "x", check = "many_to_one" })"#,
            says: "join: `check` = `many_to_one`, but 2 rows of the right side have the key x = 1"),
        table(
            "a join without keys",
            code: "local f = frame { x = { 1 } } f:join(f)",
            says: "join: `on` must name the columns to join by, got nil"),
        table(
            "an option of frame.csv that does not exist",
            code: #"frame.csv("a\n1\n", { seperator = ";" })"#,
            says: "csv: unknown option `seperator`; did you mean `separator`?"),
        table(
            "a field that has not the type of its column",
            code: #"frame.csv("a\nx\n", { types = { a = "number" } })"#,
            says:
                #"frame.csv:2: column `a`: `x` is not a number; add "x" to `na` if it stands for a "#
                + "missing value"),
        table(
            "a parameter by position",
            code: #"sql.query("select ?", {}, { 1 })"#,
            says: "sql.query: parameters go by name; write :name, and { name = value }"),
        table(
            "a parameter without a value",
            code: #"sql.query("select :year as y", {})"#,
            says: "sql.query: the parameter `year` has no value; for NULL write sql.null"),
        table(
            "a table that is not there",
            code: #"sql.query("select * from u", { t = { x = { 1 } } })"#,
            says: "sql.query: no such table: u, in: select * from u"),
        table(
            "a database that is not there",
            code: #"sql.open "weather.db""#,
            says: "cannot read `weather.db`: No such file or directory"),
        Mistake(
            "a query of a file and of tables",
            flow: """
                local flow = vt.workflow { name = "f" }
                local rows = flow:add("rows", "sql.query", { query = "select 1 as x", path = "flow.lua", \
                tables = { t = { 1 } } })
                return flow:outputs { n = rows.count }

                """,
            exits: 1,
            says: """
                error: `rows` (sql.query 1.0.0) failed in compute        run RRRR, 0 of 1 done
                  give `path` or `tables`, not both; to join a file with tables, query the file first
                  inputs  path = "flow.lua"   query = "select 1 as x"   tables = table of 1
                  placed  flow.lua:2

                """),
        Mistake(
            "a fault of a statement in the module sql.query",
            flow: """
                local flow = vt.workflow { name = "f" }
                local rows = flow:add("rows", "sql.query", { query = "selec 1", tables = { t = { 1 } } })
                return flow:outputs { n = rows.count }

                """,
            exits: 1,
            says: """
                error: `rows` (sql.query 1.0.0) failed in compute        run RRRR, 0 of 1 done
                  sql.query: near "selec": syntax error, in: selec 1
                  inputs  query = "selec 1"   tables = table of 1
                  placed  flow.lua:2

                """),
    ]

    /// A line of a module that uses the libraries.
    private static func table(_ title: String, code: String, says message: String) -> Mistake {
        let shown = "  \(code)"
        let line = shown.count > 66 ? shown.prefix(63) + "..." : shown[...]
        return Mistake(
            title,
            compute: """
                local frame, sql = require "frame", require "sql"
                function M:compute(inputs)
                  \(code)
                end

                """,
            exits: 1,
            says: """
                error: `a` (bad 1.2) failed in compute                   run RRRR, 0 of 1 done
                  modules/bad.lua:7: \(message)
                      6 | function M:compute(inputs)
                   >  7 | \(line)
                  inputs  x = list of 3
                  placed  flow.lua:2

                """)
    }
}
