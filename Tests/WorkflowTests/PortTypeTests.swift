// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import Testing
import VTRuntime

@testable import VTWorkflow

@Suite struct PortTypeTests {
    static let names = [
        "any", "boolean", "integer", "number", "string", "function", "list", "table", "array",
        "file", "dir", "list<number>", "list<list<string>>", "list<list<list<file>>>",
        "stream", "stream<list<string>>", "list<stream<number>>",
    ]

    @Test(arguments: names) func printsAsItIsWritten(name: String) throws {
        #expect(try PortType(parsing: name).description == name)
    }

    @Test func spacesDoNotMatter() throws {
        #expect(
            try PortType(parsing: " list< list <number> > ").description == "list<list<number>>")
        #expect(try PortType(parsing: "list<any>").description == "list")
    }

    static let types =
        "any, boolean, integer, number, string, function, list, list<T>, table, array, module, file, dir and stream<T>"

    @Test(arguments: [
        ("nmber", "`nmber` is not a port type; did you mean `number`?"),
        ("list<>", "`` is not a port type; the types are \(types)"),
        ("list<number", "`list<number` is not a port type; the types are \(types)"),
        ("map<string>", "`map<string>` is not a port type; the types are \(types)"),
    ])
    func refusesOthers(name: String, message: String) {
        #expect(throws: WorkflowError(message)) { try PortType(parsing: name) }
    }

    /// Every pair of types: only these connect.
    @Test func connects() throws {
        let types = [
            "boolean", "integer", "number", "string", "function", "table", "array",
            "file", "dir", "list", "list<integer>", "list<number>", "list<list<integer>>",
        ]
        var pairs: Set<String> = []
        for from in types {
            for to in types where from != to {
                if try PortType(parsing: from).connects(to: PortType(parsing: to)) {
                    pairs.insert("\(from) -> \(to)")
                }
            }
        }
        #expect(
            pairs == [
                "integer -> number", "file -> string", "dir -> string",
                "list -> table", "list<integer> -> table", "list<number> -> table",
                "list<list<integer>> -> table",
                "list -> list<integer>", "list -> list<number>", "list -> list<list<integer>>",
                "list<integer> -> list", "list<number> -> list", "list<list<integer>> -> list",
                "list<integer> -> list<number>",
                "array -> list", "array -> list<integer>", "array -> list<number>",
                "array -> list<list<integer>>",
            ])
        for name in types {
            #expect(try PortType(parsing: name).connects(to: .any))
            #expect(try PortType.any.connects(to: PortType(parsing: name)))
            #expect(try PortType(parsing: name).connects(to: PortType(parsing: name)))
        }
    }

    /// A stream connects to streams of items that fit, and to no other type.
    @Test func streamsConnectToStreams() throws {
        let types = [
            "any", "list", "function", "string", "list<stream>", "stream", "stream<integer>",
            "stream<number>", "stream<string>",
        ]
        var pairs: Set<String> = []
        for from in types {
            for to in types
            where from != to && (from + to).contains("stream") {
                if try PortType(parsing: from).connects(to: PortType(parsing: to)) {
                    pairs.insert("\(from) -> \(to)")
                }
            }
        }
        #expect(
            pairs == [
                "stream -> stream<integer>", "stream -> stream<number>", "stream -> stream<string>",
                "stream<integer> -> stream", "stream<number> -> stream", "stream<string> -> stream",
                "stream<integer> -> stream<number>",
                // No output has this type.
                "list<stream> -> any",
            ])
        #expect(throws: WorkflowError.self) { try PortType(parsing: "stream<list<stream>>") }
    }

    @Test func aTypeOfOnesOwnConnectsToItself() throws {
        let date = CustomType(name: "date", check: nil, convert: nil)
        let other = CustomType(name: "date", check: nil, convert: nil)
        let impostor = CustomType(name: "number", check: nil, convert: nil)
        #expect(PortType.custom(date).connects(to: .custom(date)))
        #expect(!PortType.custom(date).connects(to: .custom(other)))
        #expect(PortType.string.connects(to: .custom(date)))
        #expect(!PortType.custom(date).connects(to: .string))
        #expect(!PortType.custom(impostor).connects(to: .number))
    }
}

@Suite struct PortCheckTests {
    /// Why `value` may not go through `{ declaration }`; "fits" if it may.
    private func check(_ declaration: String, _ value: String) throws -> String {
        let shop = try Workshop()
        return try shop.runtime.run { lua in
            try lua.load("return { \(declaration) }, \(value)", name: "=port")
            try lua.call(results: 2)
            try lua.pushValue(at: -2)
            let port = try Port(name: "x", declaredAt: -1, lua)
            return try port.mismatch(lua, at: -2) ?? "fits"
        }
    }

    @Test(arguments: [
        ("'any'", "nil"), ("'any'", "print"), ("'boolean'", "false"), ("'integer'", "3"),
        ("'integer'", "math.mininteger"), ("'number'", "3"), ("'number'", "0/0"),
        ("'string'", "''"), ("'function'", "print"), ("'table'", "{ a = 1 }"), ("'list'", "{}"),
        ("'list'", "{ 1, 'a', {} }"), ("'list<list<integer>>'", "{ {}, { 1, 2 } }"),
        ("'file'", "'/etc/passwd'"), ("'dir'", "'/etc'"), ("'list<file>'", "{ '/etc/passwd' }"),
        ("'array'", "array.zeros{2, 3}"), ("'list'", "array.zeros(0)"),
        ("'list'", "array.from{ 'a' ~= nil }"), ("'list<array>'", "array.zeros{2, 3}"),
        ("'list<number>'", "array.from{1, 2}"), ("'list<number>'", "array.zeros(2, 'uint64')"),
        ("'list<number>'", "array.zeros({3, 2}, 'float32')({}, 2)"),
        ("'list<integer>'", "array.from{1, 2}"), ("'list<integer>'", "array.zeros(2, 'uint8')"),
        ("'list<boolean>'", "array.from{true}"), ("'list<list<number>>'", "array.zeros{2, 0}"),
        ("'list<list>'", "array.zeros{2, 3, 4}"), ("'list<list<number>>'", "{ array.ones(2), {} }"),
        ("'integer', min = 1, max = 3", "1"), ("'integer', min = 1, max = 3", "3"),
        ("'number', choices = { 1, 2 }", "2.0"), ("'string', choices = { 'a' }", "'a'"),
    ])
    func fits(declaration: String, value: String) throws {
        #expect(try check(declaration, value) == "fits")
    }

    @Test(arguments: [
        ("'boolean'", "1", "boolean expected, got number"),
        ("'integer'", "3.0", "integer expected, got the float 3.0"),
        ("'integer'", "'3'", "integer expected, got string"),
        ("'number'", "'3'", "number expected, got string"),
        ("'string'", "3", "string expected, got number"),
        ("'string'", "nil", "string expected, got nil"),
        ("'function'", "{}", "function expected, got table"),
        ("'table'", "io.stdout", "table expected, got FILE*"),
        ("'list'", "'a'", "list expected, got string"),
        ("'list'", "{ a = 1 }", "list expected, got a table with the key a"),
        ("'list<integer>'", "{ 1, 2, 'c' }", "element 3: integer expected, got string"),
        (
            "'list<list<integer>>'", "{ { 1 }, { 2, 3.5 } }",
            "element 2: element 2: integer expected, got the float 3.5"
        ),
        (
            "'array'", "{ 1 }",
            "array expected, got table; make an array of a list with array.from"
        ),
        ("'table'", "array.ones(2)", "table expected, got array"),
        ("'number'", "array.full({}, 2)", "number expected, got array"),
        ("'list'", "array.full({}, 2)", "list expected, got an array of int64, shape ()"),
        (
            "'list<number>'", "array.ones{2, 3}",
            "list<number> expected, got an array of float64, shape (2, 3)"
        ),
        (
            "'list<number>'", "array.from{true}",
            "list<number> expected, got an array of bool, shape (1)"
        ),
        (
            "'list<number>'", "array.from{array.complex(1, 2)}",
            "list<number> expected, got an array of complex128, shape (1)"
        ),
        (
            "'list<integer>'", "array.ones(3)",
            "list<integer> expected, got an array of float64, shape (3)"
        ),
        (
            "'list<integer>'", "array.ones(3, 'uint64')",
            "list<integer> expected, got an array of uint64, shape (3)"
        ),
        (
            "'list<string>'", "array.ones(3)",
            "list<string> expected, got an array of float64, shape (3)"
        ),
        (
            "'list<list<number>>'", "{ {}, array.ones{1, 1} }",
            "element 2: list<number> expected, got an array of float64, shape (1, 1)"
        ),
        (
            "'file'", "'/nowhere/x'",
            "'/nowhere/x': No such file or directory; there is no directory '/nowhere'"
        ),
        ("'file'", "'/etc'", "'/etc' is a directory; expected a file"),
        ("'dir'", "'/etc/passwd'", "'/etc/passwd' is not a directory"),
        ("'dir'", "{}", "dir (a path) expected, got table"),
        ("'integer', min = 0", "-1", "-1 is below the minimum 0"),
        ("'number', max = 1.5", "2", "2 is above the maximum 1.5"),
        ("'number', min = 0", "0/0 ~= 0 and math.abs(0/0)", "nan is not within the bounds"),
        ("'string', choices = { 'a', 'b' }", "'c'", "'c' is not one of 'a', 'b'"),
        ("'integer', choices = { 1, 2 }", "3", "3 is not one of 1, 2"),
    ])
    func doesNotFit(declaration: String, value: String, reason: String) throws {
        #expect(try check(declaration, value) == reason)
    }

    @Test(arguments: [
        ("{ min = 0 }", "no type; write for example { \"number\", doc = \"...\" }"),
        ("{ 'number', mni = 0 }", "unknown attribute `mni`; did you mean `min`?"),
        ("{ 'number', 'string' }", "unexpected entry [2]; a port must have one type"),
        ("{ 'number', min = 'a' }", "`min`: number expected, got string"),
        ("{ 'number', optional = 1 }", "`optional`: boolean expected, got number"),
        (
            "{ 'integer', default = 1.5 }",
            "the default does not fit: integer expected, got the float 1.5"
        ),
        (
            "{ 'integer', default = -1, min = 0 }",
            "the default does not fit: -1 is below the minimum 0"
        ),
        ("{ 'number', min = 2, max = 1 }", "the minimum 2 is above the maximum 1"),
        ("{ 'string', min = 2 }", "`min` and `max` apply to numbers, not to string"),
        ("{ 7 }", "a type must be a string such as \"number\" or made with vt.type, got a number"),
    ])
    func refusesADeclaration(declaration: String, reason: String) throws {
        let shop = try Workshop()
        #expect(
            shop.failure(of: "vt.module { name = 'm', inputs = { x = \(declaration) } }")
                == "flow:1: m: input `x`: \(reason)")
    }

    @Test func aPathThatIsADefaultMayBeMissing() throws {
        #expect(try check("'file', default = 'no/such/file'", "'/etc/passwd'") == "fits")
    }
}
