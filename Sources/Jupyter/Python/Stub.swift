// SPDX-License-Identifier: BSD-3-Clause
package indirect enum PythonValue: Sendable {
    case none, string(String), list([PythonValue]), tuple([PythonValue]), dict([Pair])
    package struct Pair: Sendable {
        package var key: PythonValue; package var value: PythonValue
        package init(key: PythonValue, value: PythonValue) { self.key = key; self.value = value }
    }
    package func appendCBOR(to: inout [UInt8]) throws {
        switch self {
        case .string(let s):
            to.append(0x5A); let n = UInt32(s.utf8.count);
            for k in [24, 16, 8, 0] { to.append(UInt8(truncatingIfNeeded: n >> UInt32(k))) };
            to += Array(s.utf8)
        case .list(let l):
            to.append(0x80 + UInt8(l.count)); for v in l { try v.appendCBOR(to: &to) }
        default: to.append(0xF6)
        }
    }
    package init(cbor: UnsafeRawBufferPointer, at: inout Int) throws {
        if cbor.count > 2, cbor[0] == 0x81, cbor[1] >= 0x40, cbor[1] < 0x58 {
            self = .list([.string(String(decoding: cbor[2...], as: UTF8.self))])
        } else if cbor.count > 3, cbor[0] == 0x81, cbor[1] == 0x58 {
            self = .list([.string(String(decoding: cbor[3...], as: UTF8.self))])
        } else {
            self = .none
        }
    }
}
package struct PythonCall {
    package indirect enum Function {
        case reference(String), push, pull, execute, map(Function), pythonFunction(String)
    }
    package struct Keyword { package var name: String; package var value: PythonValue }
    package var function = Function.execute; package var arguments: [PythonValue] = [];
    package var keywords: [Keyword] = []
    package init(_ buffers: [Part]) throws { throw Rejection.malformed }
    package static func reply(_ value: PythonValue) throws -> [[UInt8]] { [] }
}
