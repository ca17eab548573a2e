// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import Testing

/// A Swift error that is not a LuaError.
struct Boom: Error, Equatable {
    var n: Int
}

/// An object that is released when only the test refers to it.
final class Token: Sendable {}

/// A struct with members of all kinds.
struct Point: LuaObject, Equatable {
    var x = 0.0
    var y = 0.0

    static let luaClass = LuaClass<Point>("Point") { type in
        type.property("x", \.x)
        type.property("y", \.y)
        type.property("norm") { point in (point.x * point.x + point.y * point.y).squareRoot() }
        type.property("broken") { _ -> Int in throw Boom(n: 3) }
        type.method("scaled") { (point, factor: Double) in
            Point(x: point.x * factor, y: point.y * factor)
        }
        type.mutatingMethod("move") { (point: inout Point, dx: Double, dy: Double) in
            point.x += dx
            point.y += dy
        }
        type.rawMethod("unpack") { lua, point in
            try lua.push(point.x)
            try lua.push(point.y)
            return 2
        }
        type.operator(.add) { (a: Point, b: Point) in Point(x: a.x + b.x, y: a.y + b.y) }
        type.operator(.equal) { (a: Point, b: Point) in a == b }
        type.operator(.length) { (_: Point) in 2 }
        type.operator(.string) { (p: Point) in "(\(p.x), \(p.y))" }
        type.rawOperator(.call) { lua, point in
            try lua.push(point.x * (try lua.argument(2, as: Double.self)))
            return 1
        }
        type.function("zero") { Point() }
        type.constructor { (x: Double, y: Double) in Point(x: x, y: y) }
    }
}

/// A Lua error with all its parts, for comparisons.
struct Failure: Equatable, CustomStringConvertible {
    var code: LuaError.Code
    var message: String
    var value: LuaValue
    var traceback: [String]
    var skipped = 0

    init(
        _ code: LuaError.Code, _ message: String, value: LuaValue? = nil, traceback: [String] = []
    ) {
        self.code = code
        self.message = message
        self.value = value ?? .string(LuaBytes(message))
        self.traceback = traceback
    }

    init(_ error: LuaError) {
        self.init(
            error.code, error.message, value: error.value,
            traceback: error.traceback.map(\.description))
        skipped = error.skippedFrames
    }

    var description: String { "\(code) \(message) \(value) \(traceback) +\(skipped)" }
}

/// Runs `body` on a state of its own.
func withLua<R>(_ body: (borrowing Lua) throws -> R) throws -> R {
    let state = try LuaState()
    return try state.run { lua in try body(lua) }
}

/// The LuaError that `body` throws, with all its parts.
func failure(
    _ lua: borrowing Lua, sourceLocation: SourceLocation = #_sourceLocation,
    _ body: (borrowing Lua) throws -> Void
) throws -> Failure {
    do {
        try body(lua)
    } catch let error as LuaError {
        return Failure(error)
    }
    Issue.record("nothing was thrown", sourceLocation: sourceLocation)
    return Failure(.runtime, "nothing was thrown")
}

/// The error of `code`; the chunk is called `test`.
func failure(
    _ lua: borrowing Lua, of code: String, sourceLocation: SourceLocation = #_sourceLocation
) throws -> Failure {
    try failure(lua, sourceLocation: sourceLocation) { lua in
        try lua.execute(code, name: "=test")
    }
}

/// Compares all parts of the error of `code`.
func expect(
    _ lua: borrowing Lua, _ code: String, _ expected: Failure,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let found = try failure(lua, of: code, sourceLocation: sourceLocation)
    #expect(found == expected, sourceLocation: sourceLocation)
}
