// SPDX-License-Identifier: BSD-3-Clause

import Testing

/// A command line that `vtlua` and `lua5.4` have to take alike.
struct LuaModeCase: Sendable, CustomTestStringConvertible {
    var arguments: [Bytes]
    var input: Bytes = ""
    var environment: [String: String] = [:]

    var testDescription: String {
        var words = environment.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
        words += arguments.prefix(8).map { "\($0)".debugDescription }
        if input != "" { words.append("< \(input.text.debugDescription)") }
        return words.joined(separator: " ")
    }
}

extension LuaModeCase {
    /// Options, well and badly put.
    static let options: [LuaModeCase] =
        [
            ["args.lua", "-x", "--", "y"], ["args.lua", Bytes([0xff, 0x80]), ""],
            ["-e", "x=1", "args.lua", "a"], ["--", "args.lua", "a"], ["-e", "", "--", "args.lua"],
            ["-W", "-E", "-lmath", "args.lua"], ["-e"], ["-l"], ["-h"], ["-x", "1"], ["---"],
            ["--foo"], ["-iv"], ["-ie", "x"], ["-vv"], ["-Ex"], ["-Wx"], ["-e", "-v"], ["-l", "-"],
            ["-i", "-q"], ["-e", "print(1)", "-e", "print(2)"], ["-eprint(1)"],
            ["-ea=1", "-eprint(a)"], ["-e", " error('x')"], ["-e", "x ="], ["-e", ""],
            ["-e", Bytes([0x78, 0x3d, 0x27, 0xff, 0x27]), "-e", "print(#x, x)"],
            ["-lm=math", "-e", "print(m.pi)"], ["-l", "str=string", "-e", "print(str.len('abc'))"],
            ["-llib", "-e", "print(lib.v)"], ["-l", "lib", "args.lua"], ["-l", "none"],
            ["-l", "broken"], ["-l", "=lib"], ["-l", "x="], ["-lx=lib", "-e", "print(x.v, lib)"],
            ["-e", "require = nil", "-l", "lib"], ["-e", "error({})"], ["-W", "-e", "warn('w')"],
            ["-e", "warn('w')"], ["-e", "warn('@on')", "-e", "warn('a', 'b')"],
            ["none.lua"], ["/tmp"], [""], ["-e", "arg = 1", "args.lua"],
            ["-e", "arg = {1, 2, n = 3}", "args.lua"], ["-e", "arg = nil", "args.lua"],
            ["-e", "arg = setmetatable({}, {__len = function() return 3 end})", "count.lua"],
            [
                "-e", "arg = setmetatable({}, {__len = function() return 10000000 end})",
                "count.lua",
            ],
            ["-e", "arg = setmetatable({}, {__len = function() error('len') end})", "count.lua"],
            ["-v"], ["-v", "args.lua"], ["-v", "-e", "print(1)"],
            ["count.lua"] + Array(repeating: "a", count: 3000),
        ].map { LuaModeCase(arguments: $0) }

    /// Scripts from standard input.
    static let inputs: [LuaModeCase] = [
        LuaModeCase(arguments: [], input: "print(1)\nerror('from stdin')"),
        LuaModeCase(arguments: [], input: ""),
        LuaModeCase(arguments: [], input: "x = ="),
        LuaModeCase(arguments: ["-"], input: "x = ="),
        LuaModeCase(arguments: ["-"], input: "#!shebang\nprint(...)"),
        LuaModeCase(arguments: ["-", "a", "-b"], input: "print(arg[0], ...)"),
        LuaModeCase(arguments: ["--", "-"], input: "print(1)"),
        LuaModeCase(arguments: ["--"], input: "print(1)"),
        LuaModeCase(arguments: ["-W"], input: "warn('q')"),
        LuaModeCase(arguments: ["-e", "print(1)"], input: "print(2)"),
        LuaModeCase(arguments: ["-v"], input: "print(2)"),
        LuaModeCase(arguments: ["read.lua"], input: "12 rest\nl2\nl3"),
        LuaModeCase(arguments: ["lines.lua"], input: "a\n\nb"),
        LuaModeCase(arguments: ["-"], input: "print(io.read())\nnot code"),
    ]

    /// Variables of the environment, and `-E`.
    static let environments: [LuaModeCase] = [
        LuaModeCase(arguments: ["-e", "print(X)"], environment: ["LUA_INIT": "print(arg[0]) X=1"]),
        LuaModeCase(arguments: ["-E", "-e", "print(X)"], environment: ["LUA_INIT": "X=1"]),
        LuaModeCase(arguments: ["args.lua"], environment: ["LUA_INIT": "@init.lua"]),
        LuaModeCase(arguments: ["args.lua"], environment: ["LUA_INIT": "@none.lua"]),
        LuaModeCase(arguments: ["args.lua"], environment: ["LUA_INIT": "error('bad')"]),
        LuaModeCase(arguments: ["args.lua"], environment: ["LUA_INIT": "no code"]),
        LuaModeCase(arguments: ["args.lua"], environment: ["LUA_INIT": "os.exit(9)"]),
        LuaModeCase(arguments: ["-h"], environment: ["LUA_INIT": "print(1)"]),
        LuaModeCase(
            arguments: ["args.lua"],
            environment: ["LUA_INIT_5_4": "print(54)", "LUA_INIT": "print(1)"]),
        LuaModeCase(
            arguments: ["args.lua"], environment: ["LUA_INIT_5_4": "", "LUA_INIT": "print(1)"]),
        LuaModeCase(
            arguments: ["args.lua"], environment: ["LUA_INIT_5_4": "error(1)", "LUA_INIT": ""]),
        LuaModeCase(arguments: ["paths.lua"]),
        LuaModeCase(arguments: ["paths.lua"], environment: ["LUA_PATH": "./?.x;;"]),
        LuaModeCase(arguments: ["paths.lua"], environment: ["LUA_PATH": ""]),
        LuaModeCase(
            arguments: ["paths.lua"],
            environment: ["LUA_PATH_5_4": "y", "LUA_PATH": "x", "LUA_CPATH": "c;;"]),
        LuaModeCase(
            arguments: ["-E", "paths.lua"], environment: ["LUA_PATH": "x", "LUA_CPATH": "c"]),
    ]

    /// What is typed at the prompt, when it comes from a file.
    static let prompts: [LuaModeCase] =
        [
            "print(1)\n=2\nlocal x = 1\nx\nfor i = 1, 2 do\nprint(i) end\nerror'x'\n1, 2, nil",
            "", "\n\n", "_PROMPT = 'p>' _PROMPT2 = 'q>'\nif true then\nend\n", "a =\n10\n=a\n",
            "error({})\nerror(setmetatable({}, {__tostring = function() return 'T' end}))\nx y\n",
            "print = nil\n1\n", "io.read()\nabc\n", "return 1, 2\nos.exit(4)\n", "[[a\nb\n]]\n",
            "do local x <close> = 1 end\n", "goto x\n::x::\n", "-- c\n1 -- c\n", "=\n= 1\n==\n",
            "setmetatable({}, {__tostring = function() return 'OBJ' end})\n",
            "_PROMPT = setmetatable({}, {__tostring = function() C = (C or 0) + 1 return C end})\n1",
            "coroutine.yield()\n", "debug.traceback('m')\n", "print(...)\n",
            "error()\nerror(nil)\n",
            "f = function() error('in f') end\nf()\n", "_PROMPT = 12\n",
        ].map { LuaModeCase(arguments: ["-i"], input: $0) } + [
            LuaModeCase(arguments: ["-i", "args.lua"], input: "1\n"),
            LuaModeCase(arguments: ["-i", "error.lua"], input: "1\n"),
            LuaModeCase(arguments: ["-i", "-e", "x = 5"], input: "x\n"),
            LuaModeCase(arguments: ["-i", "-"], input: "print(1)\n"),
            LuaModeCase(arguments: ["-i", "-E"], input: "x"),
        ]

    /// Every script of ``LuaModeScripts``, run with two arguments.
    static let scripts: [LuaModeCase] = LuaModeScripts.files.keys
        .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        .map { LuaModeCase(arguments: [$0, "a1", "a 2"], input: "12 rest\nl2\n") }

    /// C modules of Debian's packages, where they are installed.
    static let modules: [LuaModeCase] =
        [
            """
            local lpeg = require "lpeg"
            print(lpeg.match(lpeg.P"a" ^ 1, "aaab"))
            lpeg.match(lpeg.P(1) / function() error "in lpeg" end, "a")
            """,
            "local c = require 'cjson' print(c.encode {1, 2, {a = 3}}) c.decode('[1')",
            "local p = require 'posix' print(p.getpid() > 0, p.dirname('/a/b'))",
            "print(require 'lfs'.attributes('.').mode)",
            "print(select('#', require 'lpeg'), package.loaded.lpeg == require 'lpeg')",
        ].map { LuaModeCase(arguments: ["-e", $0]) }
}
