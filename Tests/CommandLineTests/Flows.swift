// SPDX-License-Identifier: BSD-3-Clause

/// Workflows that several suites run.
enum Flows {
    /// Two nodes, a parameter, an output.
    static let twice: Bytes = """
        local flow = vt.workflow {
          name = "twice", params = { x = { "number", default = 3, max = 100 } },
        }
        local first = flow:add("first", "math.double", { x = flow.params.x })
        local second = flow:add("second", "math.double", { x = first.y })
        return flow:outputs { y = second.y }

        """

    /// Node `a` fails, `b` needs it, `c` does not.
    static let partly: Bytes = """
        local bad = vt.module { name = "bad", version = "2", outputs = { y = "number" } }
        function bad:compute()
          print("about to fail")
          error("no luck")
        end
        local flow = vt.workflow { name = "partly" }
        local a = flow:add("a", bad)
        local b = flow:add("b", "math.double", { x = a.y })
        local c = flow:add("c", "math.double", { x = 1 })
        return flow:outputs { b = b.y, c = c.y }

        """

    /// A module that writes in every way there is.
    static let talk: Bytes = """
        local talk = vt.module { name = "talk", outputs = { y = "number" } }
        function talk:compute()
          print("printed", 1)
          io.write("written\\nno end")
          self.log.info("noted %d", 2)
          self.log.debug("hidden")
          self:progress(0.5, "half")
          io.stdout:write("to stdout\\n")
          io.stderr:write("to stderr\\n")
          os.execute("echo from a child")
          return { y = 4 }
        end
        local flow = vt.workflow { name = "talk" }
        print("the flow says")
        return flow:outputs { y = flow:add("a", talk).y }

        """

    /// Says `ready`, and then is busy in the way that parameter `how` names.
    static let busy: Bytes = """
        local busy = vt.module {
          name = "busy", inputs = { how = "string" }, outputs = { y = "number" },
        }
        local ways = {
          loop = function() while true do end end,
          stubborn = function()
            while true do pcall(function() while true do end end) end
          end,
          serial = function() parallel.serial():map(function() while true do end end, { 1, 2, 3 }) end,
          threads = function() parallel.threads(2):map(function() while true do end end, { 1, 2 }) end,
          processes = function()
            local pool <close> = parallel.processes(2)
            pool:map(function() while true do end end, { 1, 2, 3 })
          end,
          stubborn_map = function()
            local pool = parallel.processes(2)
            while true do pcall(pool.map, pool, function() while true do end end, { 1, 2, 3 }) end
          end,
          command = function() os.execute("sleep 300") end,
          programs = function() os.execute("trap '' INT TERM; sleep 300 & sleep 300") end,
          started = function() io.popen("sleep 300 & sleep 300") while true do end end,
          command_threads = function()
            parallel.threads(2):map(function() os.execute("sleep 300") end, { 1, 2 })
          end,
          command_processes = function()
            local pool <close> = parallel.processes(2)
            pool:map(function() io.popen("sleep 300"):read("a") end, { 1, 2 })
          end,
          pipe = function() io.popen("sleep 300"):read("a") end,
          write = function()
            local text = ("x"):rep(1 << 26)
            while true do require("files").write("big.txt", text) end
          end,
        }
        function busy:compute(inputs)
          local file <close> = io.open(self.scratch .. "/half", "w")
          file:write("half")
          io.stderr:write("ready " .. self.scratch .. "\\n")
          ways[inputs.how]()
          return { y = 1 }
        end
        local flow = vt.workflow { name = "busy", params = { how = "string" } }
        return flow:outputs { y = flow:add("a", busy, { how = flow.params.how }).y }

        """

    static func folder(_ flow: Bytes, _ more: [String: Bytes] = [:]) throws -> Folder {
        var files = more
        files["flow.lua"] = flow
        files["modules/math/double.lua"] = Mistake.double
        return try Folder(files)
    }
}
