// SPDX-License-Identifier: BSD-3-Clause

extension Mistake {
    /// A mistake in a node of `control`. The workflow has a node `a`, which computes `say`.
    ///
    /// - Parameter lines: the lines that follow that of `a`, which is the second.
    static func control(
        _ title: String, _ lines: String, exits code: Int32 = 3, says error: String
    ) -> Mistake {
        var flow = #"local flow = vt.workflow { name = "f", params = { p = { "boolean", "#
        flow += #"default = true } } }"# + "\n"
        flow += #"local a = flow:add("a", "say", { x = true })"# + "\n"
        flow += lines + "\nreturn flow:outputs { a = a.y }\n"
        return Mistake(
            title, flow: Bytes(flow), files: controlModules, exits: code,
            // The node `a` has computed when another one fails.
            prints: code == 1 ? "a = true\n" : "", says: error)
    }

    private static let controlModules: [String: Bytes] = [
        "modules/wrong.lua": """
        local M = vt.module {
          name = "wrong", version = "1", inputs = { state = "integer" },
          outputs = { state = "any", done = "boolean" },
        }
        function M:compute() return { state = "x", done = false } end
        return M

        """,
        "modules/text.lua": """
        local M = vt.module {
          name = "text", version = "1", inputs = { state = "integer" },
          outputs = { state = "string", done = "boolean" },
        }
        function M:compute() return { state = "x", done = false } end
        return M

        """,
        "modules/say.lua": """
        local M = vt.module {
          name = "say", version = "1", inputs = { x = { "any", optional = true } },
          outputs = { y = { "any", optional = true }, yes = "boolean", n = "integer" },
        }
        function M:compute(i) return { y = i.x, yes = i.x == true, n = 3 } end
        return M

        """,
        "modules/turn.lua": """
        local M = vt.module {
          name = "turn", version = "1",
          inputs = { state = "integer", turn = "integer", by = { "integer", default = 1 } },
          outputs = { state = "integer", done = "boolean" },
        }
        function M:compute(i) return { state = i.state + i.by, done = i.turn > 2 } end
        return M

        """,
        "modules/acc.lua": """
        local M = vt.module {
          name = "acc", version = "1", inputs = { state = "integer", element = "integer" },
          outputs = { state = "integer" },
        }
        function M:compute(i) return { state = i.state + i.element } end
        return M

        """,
        "modules/even.lua": """
        local M = vt.module {
          name = "even", version = "1", inputs = { n = "integer" }, outputs = { yes = "boolean" },
        }
        function M:compute(i)
          if i.n > 100 then error("too large") end
          return { yes = i.n % 2 == 0 }
        end
        return M

        """,
        "modules/odd.lua": """
        local M = vt.module {
          name = "odd", version = "1", inputs = { state = "any", need = { "integer", optional = true } },
          outputs = { state = { "any", optional = true }, done = { "integer", optional = true } },
        }
        function M:compute(i) return { state = i.state } end
        return M

        """,
        "modules/broken.lua": """
        local M = vt.module {
          name = "broken", version = "1", inputs = { state = "any", k = "integer" },
          outputs = { state = "any", done = "boolean" },
        }
        function M:compute(i)
          if i.k == 1 then error("boom") end
          if i.k == 2 then return { state = i.state } end
          return { state = "text", done = false }
        end
        return M

        """,
        "modules/two.lua": """
        local M = vt.module {
          name = "two", version = "1", inputs = { a = "integer", b = "integer" },
          outputs = { yes = "boolean", no = "boolean" },
        }
        function M:compute(i) return { yes = true, no = true } end
        return M

        """,
    ]
}
