// SPDX-License-Identifier: BSD-3-Clause
import LuaBridge
import Testing
import Foundation
#if canImport(Glibc)
import Glibc
#endif

struct Boom: Error, Equatable { var n: Int }

struct Point: LuaObject, Equatable {
    var x = 0.0, y = 0.0
    static let luaClass = LuaClass<Point>("Point") { type in
        type.property("x", \.x)
        type.property("y", \.y)
        type.property("norm") { point in (point.x * point.x + point.y * point.y).squareRoot() }
        type.method("scaled") { (point, factor: Double) in
            Point(x: point.x * factor, y: point.y * factor)
        }
        type.mutatingMethod("move") { (p: inout Point, dx: Double, dy: Double) in p.x += dx; p.y += dy }
        type.operator(.add) { (a: Point, b: Point) in Point(x: a.x + b.x, y: a.y + b.y) }
        type.constructor { (x: Double, y: Double) in Point(x: x, y: y) }
    }
}

@Suite struct Smoke {
    @Test func basics() throws {
        let state = try LuaState()
        try state.run { lua in
            let n: Int = try lua.evaluate("return 1+1")
            #expect(n == 2)
            try lua.push { (x: Double, y: Double) in x + y }
            try lua.setGlobal("plus")
            #expect(try lua.evaluate("return plus(1, 2.5)", as: Double.self) == 3.5)
            try lua.push { () throws -> Int in throw Boom(n: 7) }
            try lua.setGlobal("boom")
            #expect(throws: Boom(n: 7)) { try lua.execute("boom()") }
            #expect(try lua.evaluate("local ok, e = pcall(boom); return tostring(e)", as: String.self) == "Boom(n: 7)")
            do { try lua.execute("local function f() error('x') end\nf()", name: "=chunk") } catch let e as LuaError {
                #expect(e.message == "chunk:1: x")
                print(e.traceback)
            }
            try lua.register(Point.luaClass)
            #expect(try lua.evaluate("local p = Point(3,4); p:move(0,0); p.x = 6; p.y=8; return p.norm", as: Double.self) == 10)
            #expect(try lua.evaluate("return (Point(3,4)+Point(1,1)):scaled(2)", as: Point.self) == Point(x: 8, y: 10))
            do { try lua.execute("plus(1)", name: "=c") } catch { print(error) }
            do { try lua.execute("Point(1,2).z = 3", name: "=c") } catch { print(error) }
            do { try lua.execute("Point(1,2).x = 'a'", name: "=c") } catch { print(error) }
        }
    }

    @Test(arguments: [
        "while true do end", "while true do pcall(function() end) end", "while true do pcall(string.len) end",
        "local t <close> = setmetatable({}, {__close=function() while true do end end})",
        "coroutine.wrap(function() while true do end end)()",
        "while true do pcall(function() coroutine.wrap(function() while true do pcall(function() while true do end end) end end)() end) end",
        "xpcall(error, function() while true do end end)",
        "setmetatable({}, {__gc=function() while true do end end}) collectgarbage()",
        "local function f() f() return 1 end while true do pcall(f) end",
        "while true do xpcall(error, function() while true do end end) end",
        "local t = {} for i=1,100 do t[i]=i end table.sort(t, function(a,b) while true do end end)",
    ])
    func cancel(code: String) throws {
        let state = try LuaState()
        try state.run { lua in
            let start = ContinuousClock.now
            do {
                try lua.limited(timeout: .milliseconds(30)) { lua in try lua.execute(code) }
                Issue.record("not stopped")
            } catch let e as LuaError { #expect(e.code == .timedOut, "\(e)") }
            print(ContinuousClock.now - start)
            let token = LuaCancellation()
            Thread.detachNewThread { usleep(30000); token.cancel() }
            do {
                try lua.limited(cancellation: token) { lua in try lua.execute(code) }
                Issue.record("not stopped")
            } catch let e as LuaError { #expect(e.code == .cancelled, "\(e)") }
            #expect(try lua.evaluate("local n = 0 for i=1,1000000 do n = n + 1 end; assert(not debug.gethook()) return n", as: Int.self) == 1_000_000)
        }
    }
}
