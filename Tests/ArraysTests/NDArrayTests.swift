// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Testing
import VTArrays

private func message(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "no error"
    } catch let error as ArrayError {
        return error.message
    } catch {
        return "another error: \(error)"
    }
}

@Suite struct NDArrayTests {
    @Test func holdsAndChangesElements() throws {
        var a = NDArray<Double>(shape: [3, 4], repeating: 0)
        a[1, 2] = 5
        let b = a
        a[2, 3] = 7
        #expect(a.shape == [3, 4] && a.rank == 2 && a.count == 12)
        #expect(a.elements == [0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0, 7])
        #expect(b[2, 3] == 0)
        #expect(b[at: [1, 2]] == 5)
        a.withMutableSpan { span in for index in span.indices { span[index] *= 2 } }
        #expect(a[1, 2] == 10 && b[1, 2] == 5)
        #expect(a.withSpan { $0[11] } == 14)
        var cube = try NDArray<Int32>(0..<24, shape: [2, 3, 4])
        cube[1, 2, 3] = -1
        #expect(cube[1, 2, 3] == -1 && cube[0, 2, 3] == 11)
    }

    @Test func hasAnElementForEachType() throws {
        func check<Element: NumericArrayElement>(_ values: [Element], _ dtype: DType) throws {
            let a = NDArray(values)
            #expect(Element.dtype == dtype)
            #expect(MemoryLayout<Element>.size == dtype.size)
            #expect(a.elements == values)
            #expect(try (a + a - a).elements == values)
            #expect(a == NDArray(values))
            #expect(try NDArray<Element>(AnyArray(a)) == a)
            #expect(a.countNonzero() == 2)
            #expect(a.transposed().elements == values)
        }
        try check([1, 0, 2] as [Int8], .int8)
        try check([1, 0, 2] as [Int16], .int16)
        try check([1, 0, 2] as [Int32], .int32)
        try check([1, 0, 2] as [Int64], .int64)
        try check([1, 0, 2] as [UInt8], .uint8)
        try check([1, 0, 2] as [UInt16], .uint16)
        try check([1, 0, 2] as [UInt32], .uint32)
        try check([1, 0, 2] as [UInt64], .uint64)
        try check([1, 0, 2] as [Float], .float32)
        try check([1, 0, 2] as [Double], .float64)
        try check([1, 0, Complex(0, 2)] as [Complex<Float>], .complex64)
        try check([1, 0, Complex(0, 2)] as [Complex<Double>], .complex128)
        let flags = NDArray([true, false, true])
        #expect(flags.elements == [true, false, true])
        #expect(flags.sum() == 2 && flags.any() && !flags.all())
        #expect((.!flags).elements == [false, true, false])
        for type in DType.allCases {
            #expect(AnyArray(zeros: type, shape: [2, 2]).dtype == type)
        }
    }

    @Test func computesWithBroadcasting() throws {
        let a = try NDArray<Double>(rows: [[1, 2, 3], [4, 5, 6]])
        let row = NDArray<Double>([10, 20, 30])
        let column = try NDArray<Double>([100, 200], shape: [2, 1])
        #expect(try (a + row).elements == [11, 22, 33, 14, 25, 36])
        #expect(try (column - a).elements == [99, 98, 97, 196, 195, 194])
        #expect(try (column * row).shape == [2, 3])
        #expect((a * 2 + 1).elements == [3, 5, 7, 9, 11, 13])
        #expect((6 / NDArray<Double>([1, 2, 3])).elements == [6, 3, 2])
        #expect((-row).elements == [-10, -20, -30])
        #expect(
            try (a.transposed() + NDArray<Double>([10, 20])).elements == [11, 24, 12, 25, 13, 26])
        var b = a
        try b += row
        #expect(b.elements == [11, 22, 33, 14, 25, 36] && a[0, 0] == 1)
        // The right side is a view of the same memory.
        var c = try NDArray<Double>([0, 1, 2, 3], shape: [2, 2])
        try c += c.transposed()
        #expect(c.elements == [0, 3, 3, 6])
        #expect((NDArray<UInt8>([200, 1]) + 100).elements == [44, 101])
        #expect((a .> 3).elements == [false, false, false, true, true, true])
        #expect(try (a .> 3).select(a, else: NDArray(shape: [], repeating: 0)).sum() == 15)
        #expect(a != a + 1)
        #expect(NDArray<Double>([.nan]) != NDArray([.nan]))
    }

    @Test func reduces() throws {
        let a = try NDArray<Double>(rows: [[1, 2, 3], [4, 5, 6]])
        #expect(a.sum() == 21)
        #expect(try a.sum(axis: 0).elements == [5, 7, 9])
        #expect(try a.sum(axis: 1).elements == [6, 15])
        #expect(try a.transposed().sum(axis: 1).elements == [5, 7, 9])
        #expect(a.mean() == 3.5 && a.min() == 1 && a.max() == 6 && a.argmax() == 5)
        #expect(try a.argmin(axis: 1).elements == [0, 0])
        #expect(a.variance() == 35.0 / 12)
        #expect(NDArray<Int8>([100, 100]).sum() == 200)
        #expect(NDArray<UInt8>([1, 2]).mean() == 1.5)
        #expect(NDArray<Double>([1, .nan]).sum(skippingNaN: true) == 1)
        #expect(NDArray<Double>([1, .nan]).sum().isNaN)
        let none = NDArray<Double>(shape: [0, 3], repeating: 0)
        #expect(none.sum() == 0 && none.mean().isNaN && none.min() == nil && none.argmax() == nil)
        #expect(try none.sum(axis: 0).elements == [0, 0, 0])
        #expect(message { _ = try none.max(axis: 0) } == "max: the array is empty")
        #expect(none.elements == [] && none.transposed().shape == [3, 0])
    }

    @Test func makesViews() throws {
        let a = try NDArray<Int64>(Array(0..<12), shape: [3, 4])
        #expect(try a.row(1).elements == [4, 5, 6, 7])
        #expect(try a.row(1, axis: 1).elements == [1, 5, 9])
        #expect(try a.slice(1..<3).slice(0..<2, axis: 1).elements == [4, 5, 8, 9])
        #expect(try a.slice(3..<3).shape == [0, 4])
        #expect(try a.reshaped(to: [2, 6]).row(1).elements == [6, 7, 8, 9, 10, 11])
        #expect(try a.permuted(axes: [1, 0]) == a.transposed())
        #expect(try a.row(0).broadcast(to: [2, 4]).elements == [0, 1, 2, 3, 0, 1, 2, 3])
        var repeated = try NDArray<Int64>([1]).broadcast(to: [3])
        repeated[1] = 2
        #expect(repeated.elements == [1, 2, 1])
        var row = try a.row(0)
        row[0] = 99
        #expect(a[0, 0] == 0)
        #expect(a.map { Double($0) / 2 }.max() == 5.5)
        #expect(try a.converted(to: Float.self).sum() == 66)
        #expect(NDArray<Double>([1, 4, 9]).applying(.sqrt).elements == [1, 2, 3])
        #expect(NDArray<Double>([1, 2, 3]).power(2).elements == [1, 4, 9])
        #expect(a.description == "[[ 0  1  2  3]\n [ 4  5  6  7]\n [ 8  9 10 11]]")
    }

    @Test func multipliesMatrices() throws {
        let a = try NDArray<Int64>(rows: [[1, 2, 3], [4, 5, 6]])
        let b = try NDArray<Int64>(rows: [[1, 0], [0, 1], [1, 1]])
        #expect(try matmul(a, b) == NDArray(rows: [[4, 5], [10, 11]]))
        #expect(try matmul(a, NDArray([1, 1, 1])).elements == [6, 15])
        let dot = try matmul(NDArray<Int64>([1, 2]), NDArray([3, 4]))
        #expect(dot.shape == [] && dot.elements == [11])
        #expect(
            message { _ = try matmul(a, a) }
                == "matmul: shapes (2, 3) and (2, 3) do not fit: 3 columns and 2 rows")
        let x = try a.converted(to: Double.self)
        var product: [Double] = []
        let failure = message { product = try matmul(x, x.transposed()).elements }
        #expect(
            product == [14, 32, 32, 77]
                || failure == "matmul needs libopenblas.so.0 (Debian: libopenblas0-pthread)")
    }

    @Test func saysWhatDoesNotFit() throws {
        let a = NDArray<Double>(shape: [3, 4], repeating: 0)
        let b = NDArray<Double>([1, 2, 3])
        #expect(
            message { _ = try a + b }
                == "a + b: shapes (3, 4) and (3) do not fit: axis 1 is 4 and 3. To repeat b along "
                + "the last axes: b.reshaped(to: [3, 1])")
        #expect(
            message {
                var c = b
                try c += a.transposed()
            } == "a += b: shape (4, 3) does not fit into (3)")
        #expect(
            message { _ = try a.sum(axis: 2) }
                == "sum: there is no axis 2 in an array of shape (3, 4); axes count from 0")
        #expect(
            message { _ = try a.row(3) }
                == "row: index 3 is out of bounds for axis 0 of length 3, shape (3, 4)")
        #expect(
            message { _ = try a.slice(1..<9, axis: 1) }
                == "slice: the range 1..<9 is out of bounds for axis 1 of length 4, shape (3, 4)")
        #expect(
            message { _ = try a.reshaped(to: [5, 3]) }
                == "reshaped: 12 elements do not fit shape (5, 3)")
        #expect(
            message { _ = try a.broadcast(to: [4]) }
                == "broadcast: shape (3, 4) does not fit (4)")
        #expect(
            message { _ = try NDArray<Double>(rows: [[1], [2, 3]]) }
                == "NDArray: row 1 has 2 elements, where row 0 has 1")
        #expect(
            message { _ = try NDArray<Int64>([1, 2], shape: [.max, 4]) }
                == "NDArray: 2 elements do not fit shape (9223372036854775807, 4)")
        #expect(
            message { _ = try NDArray<Float>(AnyArray(a)) }
                == "an array of float32 expected, got float64 of shape (3, 4); convert it: "
                + "array.converted(to: .float32)")
        #expect(
            message { _ = try NDArray<Double>([1, .nan]).converted(to: Int8.self) }
                == "converted: nan at (1) is no int8")
        #expect(
            message { _ = try NDArray<Double>([1, 300]).converted(to: Int8.self) }
                == "converted: the element at (1) does not fit int8")
        #expect(
            message { _ = try NDArray<Complex<Double>>([1]).converted(to: Double.self) }
                == "converted: complex128 cannot become float64")
    }

    /// An object that owns memory, and counts how many such objects there are.
    private final class Pixels {
        let memory: UnsafeMutableBufferPointer<Float>
        let released: () -> Void
        init(_ count: Int, released: @escaping () -> Void) {
            memory = .allocate(capacity: count)
            memory.initialize(repeating: 1)
            self.released = released
        }
        deinit {
            memory.deallocate()
            released()
        }
    }

    @Test func adoptsMemoryOfTheHost() throws {
        var released = 0
        do {
            let pixels = Pixels(6) { released += 1 }
            let memory = pixels.memory
            var a = NDArray<Float>(
                adopting: UnsafeRawBufferPointer(memory), owner: pixels, shape: [2, 3])
            #expect(a.sum() == 6)
            #expect(
                a.withSpan { span in span.withUnsafeBufferPointer { $0.baseAddress } }
                    == UnsafePointer(memory.baseAddress))
            let b = a
            a[0, 0] = 5
            try a += b
            #expect(memory[0] == 1 && a[0, 0] == 6 && b[0, 0] == 1)
            #expect(released == 0)
            _ = b
        }
        #expect(released == 1)
    }

    @Test func keepsValuesApartBetweenThreads() async {
        let shared = NDArray<Int64>(shape: [1000], repeating: 1)
        let sums = await withTaskGroup(of: Int64.self) { group in
            for task in 0..<8 {
                group.addTask {
                    var mine = shared
                    for round in 0..<100 { mine[round] += Int64(task) }
                    return mine.sum()
                }
            }
            var sums: [Int64] = []
            for await sum in group { sums.append(sum) }
            return sums.sorted()
        }
        #expect(sums == (0..<8).map { 1000 + 100 * $0 })
        #expect(shared.sum() == 1000)
    }

    @Test func codable() throws {
        func encoded(_ value: some Encodable) throws -> String {
            String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
        }
        func decoded<T: Decodable>(_ text: String, _ type: T.Type = T.self) throws -> T {
            try JSONDecoder().decode(type, from: Data(text.utf8))
        }
        let a = try NDArray<Int32>(rows: [[1, 2], [3, 4]])
        #expect(try encoded(a) == "[[1,2],[3,4]]")
        #expect(try encoded(a.transposed()) == "[[1,3],[2,4]]")
        #expect(try decoded("[[1,2],[3,4]]") == a)
        #expect(try encoded(NDArray<Bool>(shape: [], repeating: true)) == "true")
        #expect(try decoded("2.5", NDArray<Double>.self).shape == [])
        #expect(try decoded("[]", NDArray<Double>.self).shape == [0])
        #expect(try decoded("[[],[]]", NDArray<Double>.self).shape == [2, 0])
        #expect(try decoded("[[[1]]]", NDArray<Double>.self).shape == [1, 1, 1])
        for text in ["[[1],[2,3]]", "[1,[2]]", "[[1],2]", "[\"a\"]", "{}"] {
            #expect(throws: DecodingError.self) { try decoded(text, NDArray<Double>.self) }
        }
        let complex = AnyArray(NDArray([Complex<Double>(1, 2)]))
        #expect(
            try decoded(encoded(complex)) == complex && complex != AnyArray(NDArray<Double>([1])))
        #expect(throws: DecodingError.self) {
            try decoded(#"{"dtype":"float","shape":[1],"elements":[1]}"#, AnyArray.self)
        }
    }
}
