// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTLuaBridge
import Testing
import VTSystem
import VTWorkflow

import VTRuntime

@testable import VTLuaTooling

/// A session with a runtime of its own, and what its pieces give as text.
private final class Talk {
    let runtime: Runtime
    let session: Session
    private var count = 0

    init() throws {
        runtime = try Runtime()
        session = Session(workspace: runtime.workspace)
    }

    /// The results of each piece, the last one's joined by commas.
    @discardableResult
    func say(_ pieces: String...) throws -> String {
        var text = ""
        for piece in pieces {
            count += 1
            text = try runtime.run { lua in
                let results = try session.evaluate(piece, name: "=[\(count)]", lua)
                let first = lua.top - results + 1
                return try (0..<results).map { try lua.display(at: first + $0) }
                    .joined(separator: ",")
            }
        }
        return text
    }

    /// The error of a piece.
    func fail(_ piece: String) -> LuaError? {
        do {
            try say(piece)
            return nil
        } catch { return error as? LuaError }
    }

    func state(_ code: String) -> Session.Completeness {
        runtime.run { lua in session.completeness(of: code, lua) }
    }

    func complete(_ code: String) -> [String] {
        runtime.run { lua in
            session.complete(code, at: code.utf8.count, lua).matches.map(\.text)
        }
    }

    func inspect(_ code: String, detail: Int = 0) -> String? {
        runtime.run { lua in
            session.inspect(code, at: code.utf8.count, detail: detail, lua)
        }
    }

    func pretty(_ code: String, _ change: (inout PrettyText) -> Void = { _ in }) throws -> String {
        var pretty = PrettyText()
        change(&pretty)
        return try runtime.run { lua in
            _ = try session.evaluate(code, name: "=p", lua)
            return pretty.text(at: -1, lua)
        }
    }
}

@Suite struct SessionTests {
    @Test func expressionsGiveTheirValues() throws {
        let talk = try Talk()
        #expect(try talk.say("1 + 1, 'x'") == "2,x")
        #expect(try talk.say("x = 5") == "")
        #expect(try talk.say("x -- a comment") == "5")
        #expect(try talk.say("") == "")
        #expect(try talk.say("-- nothing") == "")
        #expect(try talk.say("return 7") == "7")
        #expect(try talk.say("local a = 1\na + 1") == "2")
        #expect(try talk.say("y = 3; y * 2") == "6")
        #expect(try talk.say("local b = x\nmath.max(\n  b,\n  9)") == "9")
        #expect(try talk.say("local c = { 1, 2 }\n#c") == "2")
        #expect(try talk.say("local d = x\nnot d") == "false")
        #expect(try talk.say("print()\n42") == "42")
        #expect(try talk.say("for i = 1, 3 do\n  x = i\nend") == "")
        #expect(try talk.say("#!/usr/bin/lua\nreturn x") == "3")
    }

    @Test func arraysAreShownWithTypeAndShape() throws {
        let talk = try Talk()
        #expect(try talk.pretty("array.from{ { 1, 2 } }") == "[[1 2]]\nint64, 1 x 2")
        #expect(try talk.pretty("array.zeros(0)") == "[]\nfloat64, 0")
        #expect(try talk.pretty("array.complex(1, 2)") == "1+2i\ncomplex128")
        #expect(try talk.pretty("{ array.from{ 1, 2 } }") == "{ [1 2] }")
    }

    @Test func localsLiveOn() throws {
        let talk = try Talk()
        #expect(try talk.say("local x, y = 1, 2", "x + y") == "3")
        #expect(try talk.say("x = 10", "x") == "10")
        #expect(try talk.say("_G.x") == "nil")
        #expect(try talk.say("local function f() return x end", "f()") == "10")
        #expect(try talk.say("x = 11", "f()") == "11")
        // A new variable of the same name; what has the old one keeps it.
        #expect(try talk.say("local x = 20", "f(), x") == "11,20")
        #expect(try talk.say("local x = x + 1", "x") == "21")
        #expect(try talk.say("local s = 'a'; if true then local s = 'b' end", "s") == "a")
        #expect(try talk.say("local u", "u") == "nil")
        #expect(try talk.say("u = 4", "u, _G.u") == "4,nil")
        #expect(try talk.say("for x = 1, 2 do local q = x end", "x, q") == "21,nil")
    }

    /// Variables are shared between the functions of one piece and all later ones.
    @Test func closuresShareVariables() throws {
        let talk = try Talk()
        try talk.say(
            """
            local n = 0
            local function up() n = n + 1 return n end
            local down = function() n = n - 1 return n end
            """)
        #expect(try talk.say("up(), up(), n") == "1,2,2")
        #expect(try talk.say("down()", "n = 40", "up()") == "41")
    }

    @Test func recursionOfALocalFunction() throws {
        let talk = try Talk()
        try talk.say("local function fact(n) return n < 2 and 1 or n * fact(n - 1) end")
        #expect(try talk.say("fact(5)") == "120")
    }

    @Test func statementsThatAreHardToCut() throws {
        let talk = try Talk()
        try talk.say(
            """
            local a <const>, b = { x = function() local z = 1 return z end }, not nil == true
            local c = a.x() + #"three" * (2 + 1) ; (print or a)("x")
            local d = ("%d"):format(3) .. 'q' local e = a["x"]{} local g local h = function() end
            local i = -1 // 2 ~ 3 << 1
            """)
        #expect(try talk.say("b, c, d, e, g, i") == "true,16,3q,1,nil,\((-1) ^ 6)")
        #expect(try talk.say("local k = 1 goto out; local m = 2 ::out::", "k, m") == "1,nil")
        #expect(try talk.say("local o = 1; return o, 2") == "1,2")
        #expect(try talk.say("o") == "1")
    }

    /// What is a script is a piece, however its statements are written: its variables are found,
    /// and what is put in behind them breaks nothing.
    @Test func scriptsArePieces() throws {
        let talk = try Talk()
        let root = #filePath.components(before: "/Tests/")
        var count = 0
        for folder in ["stdlib", "Tests/Lua", "examples", "definitions"] {
            for file in Self.scripts(in: "\(root)/\(folder)") {
                let code = try #require(Self.text(of: file))
                let wrapped = SessionCode(code, known: ["x": .none, "ipairs": .constant])
                let before = code.split(separator: "\n", omittingEmptySubsequences: false).count
                let after = wrapped.text.split(separator: "\n", omittingEmptySubsequences: false)
                #expect(after.count == before + 1, "\(file)")
                talk.runtime.run { lua in
                    #expect(throws: Never.self, "\(file)") {
                        try lua.load(code, name: "@" + file)
                        try lua.load(wrapped.text, name: "@" + file)
                    }
                }
                count += 1
            }
        }
        #expect(count > 50)
    }

    private static func text(of file: String) -> String? {
        File.text(file)
    }

    private static func scripts(in folder: String) -> [String] {
        Directory.entries(of: folder).flatMap { entry in
            let path = "\(folder)/\(entry.name)"
            if entry.isDirectory { return scripts(in: path) }
            return path.hasSuffix(".lua") ? [path] : []
        }
    }

    @Test func constants() throws {
        let talk = try Talk()
        try talk.say("local k <const> = 5 local t <const> = {}")
        #expect(try talk.say("k * 2, type(t)") == "10,table")
        #expect(
            talk.fail("k = 1")?.message == "[3]:1: attempt to assign to const variable 'k'")
        try talk.say("local k = 6")
        #expect(try talk.say("k = 7", "k") == "7")
    }

    @Test func whatIsToBeClosedIsClosedAtTheEnd() throws {
        let talk = try Talk()
        try talk.say(
            """
            closed = {}
            function closing(name)
              return setmetatable({}, { __close = function() closed[#closed + 1] = name end })
            end
            local a <close> = closing "a"
            """)
        try talk.say("local b <close>, c = closing 'b', 3", "local none <close> = nil")
        #expect(try talk.say("#closed, c") == "0,3")
        #expect(talk.fail("a = 1")?.message.hasSuffix("const variable 'a'") == true)
        #expect(
            talk.fail("local x <close> = 5")?.message
                == "[6]:1: variable 'x' got a non-closable value")
        let errors = talk.runtime.run { lua in talk.session.end(lua) }
        #expect(errors.isEmpty)
        #expect(try talk.say("table.concat(closed, ' ')") == "b a")
    }

    @Test func aLibraryThatWasNotRequired() throws {
        let message = "[1]:1: attempt to index a nil value (global 'stats')"
        #expect(
            Session.message(of: LuaError(.runtime, message))
                == message + "; write local stats = require \"stats\"")
    }

    @Test func errorsHaveTheirPlace() throws {
        let talk = try Talk()
        try talk.say(
            "local a = 1\nlocal function f()\n  error 'boom'\nend\nlocal function g() f() end")
        let error = try #require(talk.fail("local b = 2\n\ng()"))
        #expect(
            Session.text(of: error) == """
                [1]:3: boom
                stack traceback:
                \t[C]: in global 'error'
                \t[1]:3: in upvalue 'f'
                \t[1]:5: in upvalue 'g'
                \t[2]:3: in main chunk
                """)
        #expect(try talk.say("b") == "2")
        #expect(talk.fail("x = = 2")?.message == "[4]:1: unexpected symbol near '='")
        #expect(talk.fail("x =\n\n")?.message == "[5]:3: unexpected symbol near <eof>")
        #expect(talk.fail("end")?.message == "[6]:1: <eof> expected near 'end'")
        #expect(talk.fail("nothing.at.all")?.message.hasPrefix("[7]:1: attempt to index") == true)
    }

    /// Functions made at a prompt take their variables along.
    @Test func functionsTravel() throws {
        let talk = try Talk()
        try talk.say("local k = 3", "local function times(x) return x * k end")
        #expect(
            try talk.say("table.concat(parallel.serial():map(times, { 1, 2 }), ' ')") == "3 6")
    }

    @Test func manyVariables() throws {
        let talk = try Talk()
        for index in 1...300 { try talk.say("local v\(index) = \(index)") }
        #expect(try talk.say("v1 + v300") == "301")
        let all = "return " + (1...300).map { "v\($0)" }.joined(separator: " + ")
        #expect(
            talk.fail(all)?.message
                == "[302]: the code uses 300 local variables of earlier pieces, at most 190 are possible; "
                + "put some in a table")
        #expect(try talk.say("local t = {}", "t.v1 = 2", "t.v1") == "2")
    }

    @Test func stops() throws {
        let talk = try Talk()
        let cancellation = LuaCancellation()
        cancellation.cancel()
        #expect {
            try talk.runtime.run { lua in
                try lua.limited(cancellation: cancellation) { lua in
                    _ = try talk.session.evaluate("local z = 1 while true do end", name: "=x", lua)
                }
            }
        } throws: {
            ($0 as? LuaError)?.code == .cancelled
        }
        #expect(try talk.say("1") == "1")
    }

    @Test func wholeOrNot() throws {
        let talk = try Talk()
        #expect(talk.state("x = 1") == .complete)
        #expect(talk.state("1 + 1") == .complete)
        #expect(talk.state("local t = 1\nt") == .complete)
        #expect(talk.state("for i = 1, 2 do") == .incomplete(indent: 2))
        #expect(talk.state("f(function()") == .incomplete(indent: 2))
        #expect(talk.state("t = {\n  a = {") == .incomplete(indent: 4))
        #expect(talk.state("if x then\n  y()\nelse") == .incomplete(indent: 2))
        #expect(talk.state("x = 1 +") == .incomplete(indent: 0))
        #expect(talk.state("x +") == .incomplete(indent: 0))
        #expect(talk.state("x + '") != .incomplete(indent: 0))
        #expect(talk.state("s = [[one") == .incomplete(indent: 0))
        #expect(talk.state("x = = 1") == .invalid("?:1: unexpected symbol near '='"))
        #expect(talk.state("s = 'one") == .invalid("?:1: unfinished string near ''one'"))
        #expect(talk.session.indentOfLastLine(of: "for i = 1, 2 do\n  f()\n  end") == 0)
        #expect(talk.session.indentOfLastLine(of: "for i = 1, 2 do\n  f()") == nil)
    }

    @Test func names() throws {
        let talk = try Talk()
        try talk.say(
            """
            local point = { x = 1, y = 2, ["two words"] = 3 }
            function point:move() end
            asked = 0
            proxy = setmetatable({ own = 1 }, { __index = function() asked = asked + 1 end })
            child = setmetatable({}, { __index = point })
            """)
        #expect(talk.complete("poi") == ["point"])
        #expect(talk.complete("print(point.") == ["move", "x", "y"])
        #expect(talk.complete("point:") == ["move"])
        #expect(talk.complete("child.x") == ["x"])
        #expect(talk.complete("proxy.") == ["own"])
        #expect(talk.complete("proxy.a.b.") == [])
        #expect(try talk.say("asked") == "0")
        #expect(talk.complete("retu") == ["return"])
        #expect(talk.complete("string.for") == ["format"])
        #expect(talk.complete("('x'):re") == ["rep", "reverse"])
        #expect(talk.complete("local count = 1\ncou") == ["count"])
        #expect(talk.complete("point['tw") == ["two words"])
        #expect(talk.complete("require 'jso").contains("json"))
        #expect(talk.complete("require(\"jso").contains("json"))
        #expect(talk.complete("-- poi") == [])
        #expect(talk.complete("vt.workf") == ["workflow"])
        #expect(talk.complete("io.open('/proc/self/stat") == ["stat", "statm", "status"])
        let completion = talk.runtime.run { lua in
            talk.session.complete("f(point.mo + 1)", at: 10, lua)
        }
        #expect(completion.range == 8..<10)
        #expect(completion.commonPrefix == "move")
    }

    @Test func portsOfNodes() throws {
        let talk = try Talk()
        try talk.say(
            """
            local M = vt.module { name = "t.a", doc = "Doubles.", inputs = { x = "number" },
              outputs = { y = "number", list = "list" } }
            function M:compute(i) return { y = i.x * 2, list = {} } end
            local flow = vt.workflow { name = "t", params = { radius = { "number", default = 3 } } }
            local a = flow:add("a", M, { x = flow.params.radius })
            """)
        #expect(talk.complete("a.") == ["list", "y"])
        #expect(talk.complete("flow:o") == ["outputs"])
        #expect(talk.complete("flow.params.") == ["radius"])
        #expect(talk.complete("flow:add('b', 'jso").contains("json"))
        #expect(talk.complete("flow:connect(b.y, a, '") == ["x"])
        #expect(talk.inspect("a")?.contains("y: number") == true)
        #expect(talk.inspect("M")?.contains("Doubles.") == true)
    }

    @Test func nodesWithElements() throws {
        let talk = try Talk()
        try talk.say(
            """
            local M = vt.module { name = "t.a", inputs = { x = "number" }, outputs = { y = "number" } }
            function M:compute(i) return { y = i.x * 2 } end
            local flow = vt.workflow { name = "t" }
            local a = flow:add("a", M, { x = vt.each { 1, 2 } })
            local b = flow:add("b", M, { x = vt.each { 1, 2 } }, { on_error = "collect" })
            """)
        #expect(talk.complete("a.") == ["y"])
        #expect(talk.complete("b.") == ["errors", "kept", "y"])
        #expect(talk.complete("vt.e") == ["each"])
        #expect(talk.complete("vt.z") == ["zip"])
        #expect(talk.complete("vt.cr") == ["cross"])
        #expect(talk.complete("flow:add('c', M, { x = 1 }, { on") == ["on", "on_error"])
        #expect(
            talk.complete("flow:add('c', M, { x = f(1, 2) }, { on = 'threads', c") == [
                "chunksize", "cores",
            ])
        #expect(!talk.complete("flow:add('c', M, { on").contains("on_error"))
        #expect(talk.inspect("vt.each")?.contains("the module computes once for each") == true)
        #expect(talk.inspect("b")?.contains("kept: list") == true)
    }

    @Test func tenThousandGlobals() throws {
        let talk = try Talk()
        try talk.say("for i = 1, 10000 do _G['global_' .. i] = i end")
        let start = ContinuousClock.now
        #expect(talk.complete("global_99").count == 111)
        print("completion with 10,000 globals: \(ContinuousClock.now - start)")
    }

    @Test func whatIsKnown() throws {
        let talk = try Talk()
        try talk.say(
            """
            -- Area of a rectangle.
            -- Both in metres.
            function area(width, height, ...)
              return width * height
            end
            """)
        let brief = """
            area(width, height, ...)
              Area of a rectangle.
              Both in metres.
              [1]:3
            """
        #expect(talk.inspect("area") == brief)
        #expect(talk.inspect("print(area(1, ") == brief)
        #expect(
            talk.inspect("area", detail: 1)
                == brief + "\nfunction area(width, height, ...)\n  return width * height\nend")
        #expect(talk.inspect("nothing") == nil)
        #expect(talk.inspect("1 + ") == nil)
        try talk.say("local answer = 42")
        #expect(talk.inspect("answer") == "answer  integer\n42")
    }

    @Test func whatIsBuiltIn() throws {
        let talk = try Talk()
        #expect(
            talk.inspect("string.rep(") == "string.rep(s, n [, separator])\n  n copies of s.")
        try talk.say("local s, copy, pool = 'x', string.rep, parallel.serial()")
        #expect(talk.inspect("s:rep") == talk.inspect("string.rep"))
        #expect(talk.inspect("copy") == talk.inspect("string.rep"))
        #expect(
            talk.inspect("vt.mkdir")?.hasPrefix("vt.mkdir(path)\n  Creates a directory") == true)
        #expect(talk.inspect("pool:map")?.hasPrefix("View:map(f, list, options)") == true)
        // Every function of Lua's libraries is told of, and nothing that is not there.
        let functions = try talk.say(
            """
            local names = {}
            for _, name in ipairs { "_G", "coroutine", "debug", "io", "math", "os", "package",
              "string", "table", "utf8" } do
              for key, value in pairs(_G[name]) do
                if type(value) == "function" and not (name == "_G" and key == "closing") then
                  names[#names + 1] = (name == "_G" and "" or name .. ".") .. key
                end
              end
            end
            return table.concat(names, " ")
            """)
        let rare = ["debug.", "io.read"]
        for name in functions.split(separator: " ").map(String.init)
        where !rare.contains(where: name.hasPrefix) {
            #expect(Manual.text(of: name) != nil, "\(name)")
        }
    }

    @Test func aBreakpointWhereNobodyCanType() throws {
        let error = try #require(try Talk().fail("vt.breakpoint()"))
        #expect(
            error.message
                == "[1]:1: vt.breakpoint() opens a prompt, which this program does not have; run "
                + "the script with vtlua in a terminal, or remove the call")
    }

    /// The variables of a function that waits are the session's, and go back to it.
    @Test func variablesOfAFunction() throws {
        let talk = try Talk()
        talk.runtime.workspace.breakpoint = { [unowned runtime = talk.runtime] lua in
            let session = Session(workspace: runtime.workspace)
            let frame = try FrameVariables(level: 1, adoptedBy: session, lua)
            #expect(frame.names == ["a", "b", "up"])
            #expect(
                try session.evaluate("a, b, up = a + 1, b .. '!', up * 2", name: "=x", lua) == 0)
            #expect(try session.evaluate("local b = 'other'", name: "=x", lua) == 0)
            try frame.writeBack(lua)
        }
        try talk.say(
            """
            local up = 5
            function stop(a)
              local b = "first"
              do local b = "hidden" end
              local b = "b"
              vt.breakpoint()
              return a, b, up
            end
            """)
        #expect(try talk.say("stop(1)") == "2,b,10")
    }

    @Test func whatHasFailedIsKept() throws {
        let talk = try Talk()
        let frames = FailedFrames()
        talk.runtime.run { lua in frames.watch(lua) }
        try talk.say(
            """
            local limit = 3
            function fail(value)
              local excess = value - limit
              if excess > 0 then error { excess = excess } end
            end
            """)
        // What is caught does not count.
        #expect(try talk.say("pcall(fail, 9)").hasPrefix("false") == true)
        #expect(talk.fail("parallel.wait_all(fail(5))") != nil)
        let session = Session()
        let found = try talk.runtime.run { lua in try frames.adopt(by: session, lua) }
        #expect(found?.place == "[1]:4")
        #expect(found?.names == ["value", "excess", "limit"])
        let text = try talk.runtime.run { lua in
            _ = try session.evaluate("('%d %d %d'):format(value, excess, limit)", name: "=x", lua)
            return lua.text(at: -1)
        }
        #expect(text == "5 2 3")
    }

    @Test func prettyTables() throws {
        let talk = try Talk()
        #expect(try talk.pretty("{}") == "{}")
        #expect(
            try talk.pretty("{ 3, 1, b = true, a = 'x\\n', [1.5] = 0 }") == #"""
                { 3, 1, [1.5] = 0, a = "x\n", b = true }
                """#)
        #expect(try talk.pretty("'x'") == "\"x\"")
        #expect(try talk.pretty("1e15") == "1e+15")
        #expect(
            try talk.pretty("{ ['and'] = 1, ['a b'] = 2, [true] = 3 }") == #"""
                { ["a b"] = 2, ["and"] = 1, [true] = 3 }
                """#)
        #expect(
            try talk.pretty("local t = { a = {} } t.a.b = t.a t.self = t return t")
                == "{ a = { b = <cycle: _.a> }, self = <cycle: _> }")
        #expect(
            try talk.pretty("{ { { { 1 } } } }") { $0.depth = 2 } == "{ { {...} } }")
        #expect(
            try talk.pretty("local t = {} for i = 1, 1000 do t[i] = i end return t") {
                $0.items = 5
            } == "{ 1, 2, 3, 4, 5, ... 995 more }")
        #expect(
            try talk.pretty("{ name = ('x'):rep(30), other = ('y'):rep(30), n = { 1, 2 } }") {
                $0.width = 50
            } == """
                {
                  n = { 1, 2 },
                  name = "\(String(repeating: "x", count: 30))",
                  other = "\(String(repeating: "y", count: 30))",
                }
                """)
        #expect(
            try talk.pretty("setmetatable({}, { __tostring = function() return 'me' end })")
                == "me")
        #expect(
            try talk.pretty("setmetatable({}, { __tostring = function() error('no', 0) end })")
                == "<table: its __tostring failed: no>")
        #expect(try talk.pretty("setmetatable({ 1 }, { __name = 'point' })") == "point { 1 }")
        #expect(
            try talk.pretty("('\\x80'):rep(9)") { $0.letters = 2 } == #""\128\128"... (9 bytes)"#)
        #expect(try talk.pretty("('€'):rep(9)") { $0.letters = 5 } == #""€"... (27 bytes)"#)
        #expect(
            try talk.pretty("{ [('x'):rep(9)] = 1 }") { $0.letters = 5 }
                == #"{ ["xxxxx"... (9 bytes)] = 1 }"#)
        #expect(try talk.pretty("'a\\xff\\0001\\xe4'") == #""a\255\0001\228""#)
        #expect(try talk.pretty("('ä'):rep(5)") { $0.letters = 3 } == "\"ä\"... (10 bytes)")
        #expect(try talk.pretty("print") == "<function: built in>")
        #expect(try talk.pretty("function(a, ...) end") == "<function(a, ...): p:1>")
        #expect(try talk.pretty("('x'):rep(10)") { $0.letters = 3 } == "\"xxx\"... (10 bytes)")
    }
}
