// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// A mistake in a workflow with a node `a` of the module `src`, which gives a stream.
    ///
    /// - Parameter source: the module `src`.
    private static func stream(
        _ title: String, _ lines: String, source: Bytes? = nil, exits code: Int32 = 3,
        says error: String
    ) -> Mistake {
        var flow = #"local flow = vt.workflow { name = "f" }"# + "\n"
        flow += #"local a = flow:add("a", "src", {})"# + "\n"
        flow += lines + (lines.isEmpty ? "" : "\n") + "return flow\n"
        var files = streamModules
        if let source { files["modules/src.lua"] = source }
        return Mistake(title, flow: Bytes(flow), files: files, exits: code, says: error)
    }

    private static let streamModules: [String: Bytes] = [
        "modules/src.lua": """
        local M = vt.module { name = "src", version = "1", inputs = { n = { "integer", default = \
        3 } },
          outputs = { items = "stream<integer>" } }
        function M:compute(inputs)
          local n = 0
          return { items = function() n = n + 1 return n <= inputs.n and n or nil end }
        end
        return M

        """,
        "modules/mid.lua": """
        local M = vt.module { name = "mid", version = "1", inputs = { items = "stream<integer>" },
          outputs = { items = "stream<integer>", first = "integer" } }
        function M:compute(inputs) return { items = inputs.items, first = 1 } end
        return M

        """,
        "modules/sum.lua": """
        local M = vt.module { name = "sum", version = "1", inputs = { items = "stream<integer>" },
          outputs = { sum = "integer" } }
        function M:compute(inputs)
          local sum = 0
          for n in inputs.items do sum = sum + n end
          return { sum = sum }
        end
        return M

        """,
    ]

    /// In streams between modules.
    static let inStreams: [Mistake] = [
        .stream(
            "a stream with two readers",
            """
            flow:add("one", "sum", { items = a.items })
            flow:add("two", "sum", { items = a.items })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: `a.items` is a stream, which is read once, but `one` and `two` read \
                it; add a second node of `src`, or collect the items with a node of `stream.to_list`
                      3 | flow:add("one", "sum", { items = a.items })
                   >  4 | flow:add("two", "sum", { items = a.items })

                """),
        .stream(
            "a stream that nothing reads",
            "",
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: `a.items` is a stream that no node reads; connect it to the input \
                of another node
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "src", {})

                """),
        .stream(
            "a stream as an output of the workflow",
            """
            flow:outputs { items = a.items }
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:2: output `items` of the workflow is the stream `a.items`, which no \
                node reads; collect it with a node of `stream.to_list`
                      1 | local flow = vt.workflow { name = "f" }
                   >  2 | local a = flow:add("a", "src", {})

                """),
        .stream(
            "a stream for a list",
            """
            local m = vt.module { name = "m", inputs = { values = "list<integer>" } }
            flow:add("b", m, { values = a.items })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: m: input `values` takes list<integer>, but `a.items` is \
                stream<integer>; collect it with a node of `stream.to_list`, or declare the input \
                as stream<integer>
                      3 | local m = vt.module { name = "m", inputs = { values = "list<int...
                   >  4 | flow:add("b", m, { values = a.items })

                """),
        .stream(
            "a stream for any value",
            """
            flow:add("b", "control.choose", { condition = true, yes = a.items })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: control.choose: input `yes` takes any, but `a.items` is \
                stream<integer>; collect it with a node of `stream.to_list`
                      2 | local a = flow:add("a", "src", {})
                   >  3 | flow:add("b", "control.choose", { condition = true, yes = a.ite...

                """),
        .stream(
            "a list for a stream",
            """
            local list = flow:add("list", "stream.to_list", { items = a.items })
            flow:add("b", "sum", { items = list.list })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: sum: input `items` takes stream<integer>, but `list.list` is list; \
                give it to a node of `stream.from_list`, and connect its output `items`
                      3 | local list = flow:add("list", "stream.to_list", { items = a.ite...
                   >  4 | flow:add("b", "sum", { items = list.list })

                """),
        .stream(
            "a constant list for a stream",
            """
            flow:add("c", "sum", { items = a.items })
            flow:add("b", "sum", { items = { 1, 2 } })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: sum: input `items` (stream<integer>): an output port of a node \
                expected, got table; give a list to a node of `stream.from_list`, and connect its \
                output `items`
                      3 | flow:add("c", "sum", { items = a.items })
                   >  4 | flow:add("b", "sum", { items = { 1, 2 } })

                """),
        .stream(
            "an iterator for a stream",
            """
            flow:add("c", "sum", { items = a.items })
            flow:add("b", "sum", { items = io.lines("flow.lua") })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: sum: input `items` (stream<integer>): an output port of a node \
                expected, got function; give a list to a node of `stream.from_list`, and connect \
                its output `items`
                      3 | flow:add("c", "sum", { items = a.items })
                   >  4 | flow:add("b", "sum", { items = io.lines("flow.lua") })

                """),
        .stream(
            "vt.each of a stream",
            """
            flow:add("b", "text.write", { text = vt.each(a.items), path = "x" })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `b`: input `text` gets elements of a list, but `a.items` is \
                stream<integer>; collect it with a node of `stream.to_list`
                      2 | local a = flow:add("a", "src", {})
                   >  3 | flow:add("b", "text.write", { text = vt.each(a.items), path = "...

                """),
        .stream(
            "vt.each of a module with streams",
            """
            flow:add("c", "sum", { items = a.items })
            flow:add("b", "src", { n = vt.each { 1, 2 } })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:4: `b`: output `items` of src is a stream; a module with streams \
                cannot compute for each element of a list
                      3 | flow:add("c", "sum", { items = a.items })
                   >  4 | flow:add("b", "src", { n = vt.each { 1, 2 } })

                """),
        .stream(
            "a value beside a stream that is read through",
            """
            local m = flow:add("m", "mid", { items = a.items })
            flow:add("b", "sum", { items = m.items })
            flow:outputs { first = m.first }
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: `m` (mid) reads a stream and gives the stream `items`: its other \
                outputs cannot be connected; compute them in `b`
                      2 | local a = flow:add("a", "src", {})
                   >  3 | local m = flow:add("m", "mid", { items = a.items })

                """),
        .stream(
            "streams of different items",
            """
            flow:add("b", "stream.write", { lines = a.items, path = "x" })
            local l = flow:add("l", "stream.lines", { path = "flow.lua" })
            flow:add("c", "sum", { items = l.lines })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:5: sum: input `items` takes stream<integer>, but `l.lines` is \
                stream<string>
                      4 | local l = flow:add("l", "stream.lines", { path = "flow.lua" })
                   >  5 | flow:add("c", "sum", { items = l.lines })

                """),
        .stream(
            "a default of a stream",
            """
            vt.module { name = "m", inputs = { x = { "stream", default = {} } } }
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: m: input `x`: `default` does not apply to stream; write optional = \
                true
                      2 | local a = flow:add("a", "src", {})
                   >  3 | vt.module { name = "m", inputs = { x = { "stream", default = {}...

                """),
        .stream(
            "a list of streams as an output",
            """
            vt.module { name = "m", outputs = { x = "list<stream>" } }
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: m: output `x`: an output cannot be a list<stream>; give each stream \
                an output of its own
                      2 | local a = flow:add("a", "src", {})
                   >  3 | vt.module { name = "m", outputs = { x = "list<stream>" } }

                """),
        .stream(
            "a stream of streams",
            """
            vt.module { name = "m", outputs = { x = "stream<stream<integer>>" } }
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: m: output `x`: `stream<stream<integer>>`: the items of a stream \
                cannot be streams; write stream<T> with another type
                      2 | local a = flow:add("a", "src", {})
                   >  3 | vt.module { name = "m", outputs = { x = "stream<stream<integer>...

                """),
        .stream(
            "a function `cache` of a module with a stream",
            """
            vt.module { name = "m", outputs = { x = "stream" }, cache = function() return true end }
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: m: `cache` must be true or false in a module with a stream among \
                its outputs
                      2 | local a = flow:add("a", "src", {})
                   >  3 | vt.module { name = "m", outputs = { x = "stream" }, cache = fun...

                """),
        .stream(
            "a misspelt type of stream",
            """
            vt.module { name = "m", outputs = { x = "iterator" } }
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:3: m: output `x`: `iterator` is not a port type; did you mean `stream`?
                      2 | local a = flow:add("a", "src", {})
                   >  3 | vt.module { name = "m", outputs = { x = "iterator" } }

                """),
        .stream(
            "a loop of a module with streams",
            """
            flow:add("c", "sum", { items = a.items })
            local step = vt.module { name = "step", inputs = { state = "stream" }, outputs = { \
            state = "any", done = "boolean" } }
            flow:add("b", "control.loop", { state = 1, step = step })
            """,
            says: """
                error: the workflow is invalid                                     nothing ran
                  flow.lua:5: `b` (control.loop): `step`: input `state` of `step` is a stream; a \
                module with streams cannot compute in turns
                      4 | local step = vt.module { name = "step", inputs = { state = "str...
                   >  5 | flow:add("b", "control.loop", { state = 1, step = step })

                """),
        .stream(
            "a list as the value of a stream",
            """
            flow:add("b", "sum", { items = a.items })
            """,
            source: """
                local M = vt.module { name = "src", version = "1", outputs = { items = \
                "stream<integer>" } }
                function M:compute() return { items = { 1, 2 } } end
                return M

                """,
            exits: 1,
            says: """
                error: `a` (src 1) failed in its outputs                 run RRRR, 0 of 2 done
                  modules/src.lua:2: output `items`: stream<integer> (an iterator: a function or \
                a coroutine) expected, got table
                      1 | local M = vt.module { name = "src", version = "1", outputs = { ...
                   >  2 | function M:compute() return { items = { 1, 2 } } end
                  placed  flow.lua:2

                """),
        .stream(
            "an item of another type",
            """
            flow:add("b", "sum", { items = a.items })
            """,
            source: """
                local M = vt.module { name = "src", version = "1", outputs = { items = \
                "stream<integer>" } }
                function M:compute() return { items = function() return "x" end } end
                return M

                """,
            exits: 1,
            says: """
                error: `a` (src 1) failed in its outputs                 run RRRR, 0 of 2 done
                  modules/src.lua:2: output `items`, item 1: integer expected, got string
                      1 | local M = vt.module { name = "src", version = "1", outputs = { ...
                   >  2 | function M:compute() return { items = function() return "x" end...
                  placed  flow.lua:2

                """),
        .stream(
            "a suspended module with a stream",
            """
            flow:add("b", "sum", { items = a.items })
            """,
            source: """
                local M = vt.module { name = "src", version = "1", outputs = { items = \
                "stream<integer>" } }
                function M:compute() return { items = function() self:suspend("x") end } end
                return M

                """,
            exits: 1,
            says: """
                error: `a` (src 1) failed in compute                     run RRRR, 0 of 2 done
                  self:suspend: a module that gives a stream cannot be suspended; suspend a \
                module before it, and give it the result
                  placed  flow.lua:2

                """),
    ]
}
