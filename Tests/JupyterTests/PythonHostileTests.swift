// SPDX-License-Identifier: BSD-3-Clause

import VTJupyter
import VTParallel
import Testing

/// Whatever the bytes are, there is a value or an error.
@Suite struct PythonHostileTests {
    private static let names = Fixtures.all.keys.sorted()

    private func takes(_ buffers: [[UInt8]]) {
        do throws(PythonError) {
            let value = try PythonCall.result(of: buffers)
            var out: [UInt8] = []
            try value.appendCBOR(to: &out)
            try read(out)
        } catch { if error.message.isEmpty { Issue.record("an error without a message") } }
        do throws(PythonError) {
            _ = try PythonCall(buffers: buffers)
        } catch { if error.message.isEmpty { Issue.record("an error without a message") } }
    }

    private func read(_ bytes: [UInt8]) throws(PythonError) {
        var failure: PythonError?
        bytes.withUnsafeBytes { bytes in
            var position = 0
            do throws(PythonError) {
                _ = try PythonValue(cbor: bytes, at: &position)
            } catch { failure = error }
        }
        if let failure { throw failure }
    }

    @Test(arguments: names) func takesEveryPrefix(name: String) throws {
        let fixture = try #require(Fixtures.all[name])
        for (index, buffer) in fixture.enumerated() {
            takes(Array(fixture[..<index]))
            // Of what is only data, the length matters; of a pickle, every byte.
            let step = buffer.count > 400 ? 13 : 1
            for length in stride(from: 0, to: buffer.count, by: step) {
                var changed = fixture
                changed[index] = Array(buffer[..<length])
                takes(changed)
                if index > 0 { continue }
                if (try? PickleReader.value(of: changed[0])) != nil {
                    Issue.record("a part of a pickle has a value")
                }
            }
        }
    }

    @Test(arguments: [
        "plain0", "plain2", "plain4", "arrays3", "arrays5", "scalars", "applyReference",
        "applyPartial", "mapReference0", "resultArrays", "resultObject",
    ])
    func takesEveryByteChanged(name: String) throws {
        let fixture = try #require(Fixtures.all[name])
        for (index, buffer) in fixture.enumerated() where buffer.count < 1000 || index == 0 {
            for place in buffer.indices {
                var changed = fixture
                changed[index][place] ^= [0x01, 0x10, 0x80, 0xFF][place % 4]
                takes(changed)
            }
        }
    }

    @Test func takesChangedCBOR() throws {
        var all: [UInt8] = []
        let value = try PickleReader.value(of: Fixtures.plain4[0])
        let small = (value.elements ?? []).filter { value in
            var out: [UInt8] = []
            return (try? value.appendCBOR(to: &out)) != nil
        }
        try PythonValue.list(small + [.array(PythonArray([1.0, 2.0]))]).appendCBOR(to: &all)
        for place in all.indices {
            #expect(throws: PythonError.self) { try read(Array(all[..<place])) }
            for change: UInt8 in [0x01, 0x10, 0x20, 0x80, 0xC0, 0xFF] {
                var changed = all
                changed[place] ^= change
                try? read(changed)
            }
        }
    }

    /// Canned objects that many refer to are not opened without an end.
    @Test func boundsWhatIsCanned() throws {
        // An array without dimensions, with its own pickle, tens of thousands of times in a dict.
        let canned = try #require(Fixtures.all["update"]?.last)
        #expect(canned.last == UInt8(ascii: "."))
        var pickle: [UInt8] = Array("}(".utf8)
        pickle += canned.dropFirst(11).dropLast()
        pickle += [0x72, 0xFF, 0, 0, 0, 0x30]
        for key in 0..<60_000 {
            pickle += [0x4A]
            withUnsafeBytes(of: Int32(key).littleEndian) { pickle += Array($0) }
            pickle += [0x6A, 0xFF, 0, 0, 0]
        }
        pickle += Array("u.".utf8)
        #expect(throws: PythonError(.malformed, "too much in canned objects")) {
            try PythonCall.result(of: [pickle])
        }
    }

    /// Many small pickles are not more than one.
    @Test func boundsAllArgumentsTogether() throws {
        // Each list has the one before ten times: a million in the end.
        let ten = String(repeating: "h\0", count: 10)
        let million = "]q\00" + String(repeating: "(\(ten)lq\00", count: 6) + "h\0."
        #expect(throws: Never.self) { try PickleReader.value(of: Array(million.utf8)) }
        var call = try PythonCall.request(
            expression: "f", arguments: Array(repeating: .none, count: 20))
        for index in 2..<22 { call[index] = Array(million.utf8) }
        do throws(PythonError) {
            _ = try PythonCall(buffers: call)
            Issue.record("it is taken")
        } catch {
            #expect(error.underlying?.message == "too many values")
        }
    }
}
