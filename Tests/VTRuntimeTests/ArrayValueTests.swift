// SPDX-License-Identifier: BSD-3-Clause

import Testing
import VTArrays
import VTLuaBridge
import VTRuntime

/// Arrays that Swift and Lua give each other.
@Suite struct ArrayValueTests {
    private func inLua(_ body: (borrowing Lua) throws -> Void) throws {
        var options = Runtime.Options()
        options.memoryLimit = 64 << 20
        try Runtime(options).run(body)
    }

    private func address(_ array: NDArray<Double>) -> UnsafePointer<Double>? {
        array.withSpan { span in span.withUnsafeBufferPointer { $0.baseAddress } }
    }

    @Test func sharesMemoryInBothDirections() throws {
        try inLua { lua in
            let a = try NDArray<Double>(rows: [[1, 2, 3], [4, 5, 6]])
            try lua.push(a)
            try lua.setGlobal("a")
            let (shape, sum) = (
                try lua.evaluate("return table.concat(a.shape, 'x')", as: String.self),
                try lua.evaluate("return a(2, 3) + a:sum()", as: Double.self)
            )
            #expect(shape == "2x3" && sum == 27)
            let same = try lua.evaluate("return a", as: NDArray<Double>.self)
            #expect(same == a && address(same) == address(a))
            let row = try lua.evaluate("return a({}, 2)", as: NDArray<Double>.self)
            #expect(row.elements == [2, 5])
            let back = try lua.evaluate("return a.T", as: NDArray<Double>.self)
            #expect(back == a.transposed())
            let reversed = try lua.evaluate("return a(1, {-1, 1, -1})", as: NDArray<Double>.self)
            #expect(reversed.elements == [3, 2, 1])
        }
    }

    @Test func copiesWhatIsChangedOnEitherSide() throws {
        try inLua { lua in
            var a = NDArray<Double>(shape: [1000], repeating: 1)
            let before = a
            try lua.push(a)
            try lua.setGlobal("a")
            try lua.execute("b = a({1, 10}); a[1] = 7; b[2] = 8")
            #expect(a[0] == 1 && a[1] == 1)
            a[2] = 9
            let (third, second) = (
                try lua.evaluate("return a[3]", as: Double.self),
                try lua.evaluate("return a[2]", as: Double.self)
            )
            #expect(third == 1 && second == 8)
            let read = try lua.evaluate("return a", as: NDArray<Double>.self)
            try lua.execute("a[1] = 0")
            #expect(read[0] == 7 && before.sum() == 1000)
            // What only one side has is changed in place.
            var mine = try lua.evaluate(
                "local x = array.zeros(500); return x", as: NDArray<Double>.self)
            try lua.execute("collectgarbage()")
            let place = address(mine)
            mine[0] = 1
            #expect(address(mine) == place)
        }
    }

    @Test func hasEachTypeOfElements() throws {
        try inLua { lua in
            for dtype in DType.allCases {
                try lua.push(AnyArray(zeros: dtype, shape: [2, 0, 3]))
                try lua.setGlobal("a")
                let name = try lua.evaluate("return a.dtype", as: String.self)
                #expect(name == dtype.rawValue)
                let back = try lua.evaluate("return a", as: AnyArray.self)
                #expect(back.dtype == dtype && back.shape == [2, 0, 3])
            }
            try lua.push(NDArray([Complex(1.0, 2.0)]))
            try lua.setGlobal("z")
            let imaginary = try lua.evaluate("return z:imag()[1]", as: Double.self)
            #expect(imaginary == 2)
            try lua.push(NDArray<Bool>([true, false]))
            try lua.setGlobal("flags")
            let flags = try lua.evaluate("return flags[1] and not flags[2]", as: Bool.self)
            #expect(flags)
            let scalar = NDArray<Int64>(shape: [], repeating: 5)
            try lua.push(scalar)
            try lua.setGlobal("scalar")
            let five = try lua.evaluate("return scalar", as: NDArray<Int64>.self)
            #expect(five == scalar)
            // An axis that is repeated gets elements of its own.
            try lua.push(try NDArray<Double>([1]).broadcast(to: [3]))
            try lua.setGlobal("r")
            let repeated = try lua.evaluate("r[2] = 5; return r", as: NDArray<Double>.self)
            #expect(repeated.elements == [1, 5, 1])
        }
    }

    @Test func givesArraysToSwiftFunctions() throws {
        try inLua { lua in
            try lua.push { (a: NDArray<Double>, factor: Double) in a * factor }
            try lua.setGlobal("scale")
            let scaled = try lua.evaluate(
                "return scale(array.from{1, 2.5}, 2)", as: NDArray<Double>.self)
            #expect(scaled.elements == [2, 5])
        }
    }

    @Test func saysWhatIsNoSuchArray() throws {
        try inLua { lua in
            var messages: [String] = []
            for code in [
                "return {1, 2}",
                "return nil",
                "return array.from{1, 2}",
                "local a <const> = array.zeros(2); do local b <close> = a end return a",
            ] {
                do {
                    _ = try lua.evaluate(code, as: NDArray<Double>.self)
                    messages.append("no error")
                } catch {
                    messages.append((error as? LuaError)?.message ?? "another error")
                }
            }
            #expect(
                messages == [
                    "array expected, got table",
                    "array expected, got nil",
                    "an array of float64 expected, got int64 2; convert it with "
                        + "a:astype \"float64\"",
                    "the array was closed",
                ])
        }
    }

    @Test func countsAsMemoryOfTheState() throws {
        try inLua { lua in
            let bytes = 8 << 20
            let a = NDArray<UInt8>(shape: [bytes], repeating: 1)
            let before = lua.memory.used
            try lua.push(a)
            let pushed = lua.memory.used
            #expect(pushed >= before + bytes)
            lua.pop()
            try lua.execute("collectgarbage()")
            let collected = lua.memory.used
            #expect(collected < before + bytes / 2)
            let large = NDArray<UInt8>(shape: [80 << 20], repeating: 1)
            var code: LuaError.Code?
            do throws(LuaError) {
                try lua.push(large)
            } catch {
                code = error.code
            }
            #expect(code == .memory)
            #expect(large[0] == 1)
            for _ in 0..<100 {
                try lua.push(a)
                lua.pop()
            }
        }
    }

    /// Makes each allocation of Lua that pushing needs fail once.
    @Test func survivesFailedAllocations() throws {
        try inLua { lua in
            let a = NDArray<Double>(shape: [100], repeating: 1)
            try lua.push(a)
            lua.pop()
            var failures = 0
            while failures < 100 {
                lua.failAllocations(from: failures + 1)
                var code: LuaError.Code?
                do throws(LuaError) {
                    try lua.push(a)
                    lua.pop()
                } catch {
                    code = error.code
                }
                lua.failAllocations(from: 0)
                if code == nil { break }
                #expect(code == .memory)
                failures += 1
            }
            #expect((1..<100).contains(failures))
            #expect(lua.top == 0)
            try lua.execute("collectgarbage()")
        }
    }
}
