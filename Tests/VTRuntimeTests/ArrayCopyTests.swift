// SPDX-License-Identifier: BSD-3-Clause

import Testing
import VTArrays
import VTRuntime

/// Arrays and frames in copies of Lua values: outputs, parameters, ports of modules in Swift.
@Suite struct ArrayCopyTests {
    struct Scaling: Codable {
        var image: NDArray<Double>
        var factor: Double
        var mask: NDArray<Bool>?
    }
    struct Scaled: Codable {
        var image: NDArray<Double>
        var any: AnyArray
    }
    struct Row: Codable { var row: NDArray<Double> }
    struct Sum: Codable { var sum: Double }
    struct Sale: LuaCodable, Equatable {
        var city: String
        var price: Double?
        var count: Int
    }
    struct Table: Codable { var table: DataFrame }

    private static let scale = SwiftModule("app.scale", version: "1") { (input: Scaling, _) in
        Scaled(image: input.image * input.factor, any: AnyArray(input.image))
    }

    private static let sum = SwiftModule("app.sum", version: "1") { (input: Row, _) in
        Sum(sum: input.row.sum())
    }

    private func outcome(
        _ text: String, _ parameters: [String: LuaValue] = [:], _ modules: [SwiftModule] = []
    ) async throws -> WorkflowRun.Outcome {
        var options = WorkflowRun.Options()
        options.runtime.modules = modules
        return try await WorkflowRun(source: text, parameters: parameters, options: options).outcome
    }

    /// Runs a module whose outputs are given as Lua code.
    private func outputs(_ code: String) async throws -> [String: LuaValue] {
        try await outcome(
            """
            local values = {\(code)}
            local ports = {}
            for name in pairs(values) do ports[name] = "any" end
            local M = vt.module { name = "m", outputs = ports }
            function M:compute() return values end
            local flow = vt.workflow { name = "w" }
            local m, outputs = flow:add("m", M), {}
            for name in pairs(values) do outputs[name] = m[name] end
            return flow:outputs(outputs)
            """
        ).outputs
    }

    private static let frame = """
        require "frame".new { { "city", { "Oslo", "Rome" } }, { "price", { 1.5, 0/0 } }, { "count", { 3, 4 } } }
        """

    @Test func outputsHaveTheNumbers() async throws {
        let outputs = try await outputs(
            "y = array.from { { 1.5, 2, 3 }, { 4, 5, 6 } }, n = array.arange(3), "
                + "t = { deep = { array.from { true, false } } }, z = array.from { 1 }:astype 'complex64'"
        )
        let (y, n) = (try #require(outputs["y"]), try #require(outputs["n"]))
        #expect("\(y) \(n)" == "<array float64 2 x 3> <array int64 3>")
        #expect(y.typeName == "array" && y.table == nil)
        #expect(try y.decode(NDArray<Double>.self).elements == [1.5, 2, 3, 4, 5, 6])
        #expect(try y.decode([[Double]].self) == [[1.5, 2, 3], [4, 5, 6]])
        #expect(try AnyArray(luaValue: y).shape == [2, 3])
        #expect(y[2][3] == 6.0 && y[3] == .nil && y[0] == .nil && y["a"] == .nil)
        #expect(y.array?.count == 2 && n.array == [0, 1, 2])
        #expect(try n.decode([Int].self) == [0, 1, 2])
        #expect(try n.decode([Double].self) == [0, 1, 2])
        #expect(try n.decode([UInt8].self) == [0, 1, 2])
        #expect(try outputs["t"]?["deep"][1].decode([Bool].self) == [true, false])
        #expect(try outputs["z"]?.decode(NDArray<Complex<Float>>.self)[0] == Complex(1, 0))
        let error = #expect(throws: DecodingError.self) { try n.decode(NDArray<Double>.self) }
        #expect(
            LuaError(coding: try #require(error)).message
                == "an array of float64 expected, got int64 3; convert it with a:astype \"float64\""
        )
        #expect(throws: DecodingError.self) { try y.decode([Int].self) }
    }

    @Test func outputsHaveTheRowsAndColumnsOfFrames() async throws {
        let outputs = try await outputs("f = \(Self.frame)")
        let frame = try #require(outputs["f"])
        #expect("\(frame)" == "<frame 2 x 3>")
        #expect(
            try frame.decode([Sale].self) == [
                Sale(city: "Oslo", price: 1.5, count: 3), Sale(city: "Rome", price: nil, count: 4),
            ])
        #expect(try frame["count"].decode([Int].self) == [3, 4])
        #expect(frame["city"] == ["Oslo", "Rome"] && frame["town"] == .nil)
        #expect(frame[2] == ["city": "Rome", "count": 4])
        #expect(frame.dictionary?.keys.sorted() == ["city", "count", "price"])
        let value = try frame.decode(DataFrame.self)
        #expect(value.names == ["city", "price", "count"] && value.rowCount == 2)
    }

    /// A frame in one of its own columns does not end the program.
    @Test func aFrameInsideItself() throws {
        try Runtime().run { lua in
            try lua.execute("f = require 'frame' { x = { 'a', 'b' } } f.x[1] = f f.x[2] = { f }")
            let frame = try lua.global("f", as: LuaValue.self)
            #expect("\(frame)" == "<frame 2 x 1>")
            #expect(frame["x"].array?.count == 2)
        }
    }

    @Test func parametersAreArrays() async throws {
        let text = """
            local flow = vt.workflow { name = "w", params = { a = "array" } }
            return flow:outputs { b = flow:add("b", "app.scale", { image = flow.params.a, factor = 2 }).image }
            """
        let good = try await outcome(text, ["a": LuaValue(NDArray<Double>([1, 2]))], [Self.scale])
        #expect(try good.outputs["b"]?.decode([Double].self) == [2, 4])
        let wrong = try await outcome(text, ["a": LuaValue(NDArray<Int8>([1, 2]))], [Self.scale])
        #expect(
            wrong.modules[0].failure?.message
                == "input `image`: an array of float64 expected, got int8 2; convert it with "
                + "a:astype \"float64\"")
        let list =
            "local flow = vt.workflow { name = 'w' }\n"
            + "flow:add('b', 'app.scale', { image = { 1, 2 }, factor = 2 })\nreturn flow"
        let error = await #expect(throws: InvalidWorkflow.self) {
            try await outcome(list, [:], [Self.scale])
        }
        #expect(
            error?.description
                == "flow.lua:2: app.scale: input `image`: array expected, got table; "
                + "make an array of a list with array.from")
    }

    @Test func portsOfModulesAreArrays() async throws {
        let text = """
            local flow = vt.workflow { name = "w" }
            local b = flow:add("b", "app.scale", { image = array.from { { 1, 2.5 }, { 3, 4 } }, factor = 2 })
            local rows = flow:add("rows", "app.sum", { row = vt.each(b.image) })
            return flow:outputs { image = b.image, any = b.any, sums = rows.sum }
            """
        let outcome = try await outcome(text, [:], [Self.scale, Self.sum])
        #expect(outcome.modules.compactMap { $0.failure?.message } == [])
        #expect(try outcome.outputs["image"]?.decode([[Double]].self) == [[2, 5], [6, 8]])
        #expect(try outcome.outputs["any"]?.decode(AnyArray.self).dtype == .float64)
        #expect(try outcome.outputs["sums"]?.decode([Double].self) == [7, 14])

        var flow = WorkflowBuilder("w")
        let image = WorkflowSource.value(LuaValue(NDArray<Double>([1, 2])))
        flow.output("b", flow.add("b", Self.scale, ["image": image, "factor": 3])["image"])
        #expect(try await WorkflowRun(flow).outcome.outputs["b"]?.decode([Double].self) == [3, 6])
    }

    @Test func portsOfModulesAreFrames() async throws {
        let module = SwiftModule("app.same", version: "1") { (input: Table, _) in input }
        let outcome = try await outcome(
            """
            local flow = vt.workflow { name = "w" }
            return flow:outputs { f = flow:add("f", "app.same", { table = \(Self.frame) }).table }
            """, [:], [module])
        #expect(outcome.modules.compactMap { $0.failure?.message } == [])
        #expect(outcome.outputs["f"]?[1] == ["city": "Oslo", "count": 3, "price": 1.5])
    }

    @Test func argumentsAreLists() throws {
        try Runtime().run { lua in
            try lua.setGlobal("mean") { (list: [Double]) in list.reduce(0, +) / Double(list.count) }
            try lua.setGlobal("total") { (sales: [Sale]) in sales.reduce(0) { $0 + $1.count } }
            let means = try lua.evaluate(
                "return mean(array.from { 1.5, 2.5 }), mean(array.arange(3)), mean { 1, 2 }",
                as: LuaVariadic<Double>.self)
            #expect(means.elements == [2, 1, 1.5])
            let total = try lua.evaluate("return total(\(Self.frame))", as: Int.self)
            #expect(total == 7)
            let frame = try DataFrame(["a": [1, 2], "b": ["x", "y"]])
            try lua.setGlobal("f", to: frame)
            let text = try lua.evaluate("return #f .. f.a[2] .. f.b[1]", as: String.self)
            #expect(text == "22x")
            let same = try lua.evaluate("return f", as: DataFrame.self)
            #expect(same.names == ["a", "b"] && same["b"] == ["x", "y"] && same["c"] == nil)
        }
        let error = #expect(throws: LuaError.self) { try DataFrame(["a": [1, 2], "b": [1]]) }
        #expect(error?.message == "column `b` has 1 values, but column `a` has 2")
    }

    @Test func memoryIsShared() throws {
        try Runtime().run { lua in
            try lua.execute("a = array.zeros(100000); local used = a:sum()")
            var copy = try lua.global("a", as: LuaValue.self).decode(NDArray<Double>.self)
            let before = try lua.global("a", as: NDArray<Double>.self)
            let addresses = [copy, before].map { array in
                array.withSpan { $0.withUnsafeBufferPointer { $0.baseAddress } }
            }
            #expect(addresses[0] == addresses[1])
            copy[0] = 5
            let first = try lua.evaluate("return a[1]", as: Double.self)
            #expect(first == 0 && before[0] == 0)
        }
    }
}
