// SPDX-License-Identifier: BSD-3-Clause

import CVTArrays
import Testing

/// Elements in row-major order, as the kernels take them.
private struct Numbers<Element> {
    var elements: [Element]
    let dtype: va_dtype
    let shape: [Int64]

    init(_ elements: [Element], _ dtype: va_dtype, shape: [Int64]? = nil) {
        self.elements = elements
        self.dtype = dtype
        self.shape = shape ?? [Int64(elements.count)]
    }

    mutating func withView<Result>(_ body: (inout va_view) -> Result) -> Result {
        let dtype = self.dtype
        let shape = self.shape
        return elements.withUnsafeMutableBytes { bytes in
            var view = va_view()
            view.data = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            view.dtype = dtype
            view.axes = Int32(shape.count)
            withUnsafeMutableBytes(of: &view.shape) { axes in
                for (axis, length) in shape.enumerated() {
                    axes.storeBytes(of: length, toByteOffset: axis * 8, as: Int64.self)
                }
            }
            va_set_strides(&view)
            return body(&view)
        }
    }
}

private func doubles(_ elements: [Double], shape: [Int64]? = nil) -> Numbers<Double> {
    Numbers(elements, VA_FLOAT64, shape: shape)
}

/// Known answers of the kernels. Tests/Arrays/kernels_test.py compares them with NumPy for all
/// types and layouts.
@Suite struct KernelTests {
    @Test func addsElements() {
        var a = doubles([1, 2, 3])
        var b = doubles([10, 20, 30])
        var out = doubles([0, 0, 0])
        let status = a.withView { a in
            b.withView { b in
                out.withView { out in
                    withUnsafePointer(to: &a) { first in
                        withUnsafePointer(to: &b) { second in
                            va_apply(VA_ADD, [first, second], &out, nil)
                        }
                    }
                }
            }
        }
        #expect(status == VA_OK)
        #expect(out.elements == [11, 22, 33])
    }

    /// LAPACK counts with integers of 32 bits. The matrix has one element, which it repeats.
    @Test(arguments: [1 << 31, 1 << 32, (1 << 32) + 2] as [Int64])
    func refusesMatricesThatAreTooLongForLAPACK(rows: Int64) {
        var a = doubles([1], shape: [1, 1])
        var s = doubles([0])
        let status = a.withView { a in
            s.withView { s in
                withUnsafeMutableBytes(of: &a.shape) {
                    $0.storeBytes(of: rows, toByteOffset: 0, as: Int64.self)
                }
                withUnsafeMutableBytes(of: &a.strides) {
                    $0.storeBytes(of: 0, toByteOffset: 0, as: Int64.self)
                }
                var detail = va_detail()
                return va_svd(&a, nil, &s, nil, &detail)
            }
        }
        #expect(status == VA_NO_MEMORY || status == VA_NO_LIBRARY)
    }

    @Test func castsAndNamesThePlaceThatDoesNotFit() {
        var a = doubles([1.9, -1.9, .nan, 300])
        var out = Numbers([Int8](repeating: 0, count: 4), VA_INT8)
        var detail = va_detail()
        let status = a.withView { a in
            out.withView { out in va_cast(&a, &out, VA_CAST_CHECKED, &detail) }
        }
        #expect(status == VA_NAN_TO_INTEGER)
        #expect(detail.place == 2)
        a.elements[2] = 127.5
        #expect(
            a.withView { a in
                out.withView { out in va_cast(&a, &out, VA_CAST_SATURATE, &detail) }
            } == VA_OK)
        #expect(out.elements == [1, -1, 127, 127])
    }

    @Test func sumsTheSameBitsOnAnyNumberOfThreads() {
        var a = doubles((0..<1_000_000).map { 1 / Double($0 + 1) })
        var sums: [Double] = []
        for threads: Int32 in [1, 2, 3, 7] {
            var out = doubles([0], shape: [])
            var detail = va_detail()
            detail.threads = threads
            var options = va_reduction_options()
            options.axes = 1
            let status = a.withView { a in
                out.withView { out in va_reduce(VA_SUM, &a, &options, &out, &detail) }
            }
            #expect(status == VA_OK)
            sums.append(out.elements[0])
        }
        #expect(Set(sums).count == 1)
        #expect(abs(sums[0] - 14.392726722865724) < 1e-12)
    }

    @Test func sortsNaNLast() {
        var a = doubles([3, .nan, -1, .infinity, .nan, 0])
        var out = doubles([0, 0, 0, 0, 0, 0])
        var places = Numbers([Int64](repeating: 0, count: 6), VA_INT64)
        a.withView { a in
            #expect(out.withView { out in va_sort(&a, 0, false, &out, nil) } == VA_OK)
            #expect(places.withView { out in va_argsort(&a, 0, false, &out, nil) } == VA_OK)
        }
        #expect(out.elements[..<4] == [-1, 0, 3, .infinity])
        #expect(out.elements[4].isNaN && out.elements[5].isNaN)
        #expect(places.elements == [2, 5, 0, 3, 1, 4])
    }

    @Test func computesRandom123sKnownAnswers() {
        func philox(_ counter: [UInt32], _ key: [UInt32]) -> [UInt32] {
            var out: [UInt32] = [0, 0, 0, 0]
            va_philox(counter, key, &out)
            return out
        }
        #expect(
            philox([0, 0, 0, 0], [0, 0]) == [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8])
        #expect(
            philox(
                [0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344], [0xA409_3822, 0x299F_31D0])
                == [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1])
    }

    @Test func transformsAnImpulseAndASine() {
        for length in [4, 6, 7, 53 * 2] {
            var a = doubles([1] + [Double](repeating: 0, count: length - 1))
            var out = Numbers(
                [Double](repeating: 0, count: 2 * length), VA_COMPLEX128, shape: [Int64(length)])
            let status = a.withView { a in
                out.withView { out in va_fft(&a, 0, false, 1, &out, nil) }
            }
            #expect(status == VA_OK)
            for place in 0..<length {
                #expect(abs(out.elements[2 * place] - 1) < 1e-14)
                #expect(abs(out.elements[2 * place + 1]) < 1e-14)
            }
        }
    }

    @Test func solvesEquationsOrNamesTheLibrary() {
        var a = doubles([2, 1, 1, 3], shape: [2, 2])
        var b = doubles([3, 5], shape: [2, 1])
        var out = doubles([0, 0], shape: [2, 1])
        var detail = va_detail()
        let status = a.withView { a in
            b.withView { b in out.withView { out in va_solve(&a, &b, &out, &detail) } }
        }
        guard va_has_openblas(nil) else {
            #expect(status == VA_NO_LIBRARY)
            #expect(detail.library.map { String(cString: $0) } == "libopenblas.so.0")
            #expect(detail.package.map { String(cString: $0) } == "libopenblas0-pthread")
            return
        }
        #expect(status == VA_OK)
        #expect(abs(out.elements[0] - 0.8) < 1e-14 && abs(out.elements[1] - 1.4) < 1e-14)
    }

    @Test func fusesSteps() {
        var x = doubles([1, 2, 3])
        var y = doubles([10, 20, 30])
        var out = doubles([0, 0, 0])
        let steps = [
            va_step(
                operation: Int32(VA_MULTIPLY.rawValue), dtype: VA_FLOAT64, result: VA_FLOAT64,
                inputs: (0, 0, 0)),
            va_step(
                operation: Int32(VA_ADD.rawValue), dtype: VA_FLOAT64, result: VA_FLOAT64,
                inputs: (2, 1, 0)),
        ]
        let status = x.withView { x in
            y.withView { y in
                out.withView { out in
                    steps.withUnsafeBufferPointer { steps in
                        withUnsafePointer(to: &x) { first in
                            withUnsafePointer(to: &y) { second in
                                var program = va_program(
                                    steps: steps.baseAddress, count: 2, inputs: 2)
                                return va_fuse(&program, [first, second], &out, nil)
                            }
                        }
                    }
                }
            }
        }
        #expect(status == VA_OK)
        #expect(out.elements == [11, 24, 39])
    }
}
