// SPDX-License-Identifier: BSD-3-Clause

extension PythonArray {
    /// The type of an array's elements.
    package struct Element: Sendable, Equatable {
        /// The kind of a number, under numpy's letter.
        package enum Kind: Character, Sendable {
            case bool = "b"
            case int = "i"
            case unsigned = "u"
            case float = "f"
            case complex = "c"
        }

        package let kind: Kind
        /// The size in bytes.
        package let size: Int
        package let isBigEndian: Bool

        package static let float64 = Element(kind: .float, size: 8, isBigEndian: false)
        package static let int64 = Element(kind: .int, size: 8, isBigEndian: false)

        private init(kind: Kind, size: Int, isBigEndian: Bool) {
            self.kind = kind
            self.size = size
            self.isBigEndian = isBigEndian
        }

        /// Parses numpy's name of the type. Nil if it is not a type of numbers or booleans.
        init?(_ name: String) {
            var rest = Substring(name)
            switch rest.first {
            case "<", "|", "=": isBigEndian = false
            case ">": isBigEndian = true
            default: return nil
            }
            rest.removeFirst()
            guard let letter = rest.popFirst(), let kind = Kind(rawValue: letter),
                rest.utf8.count <= 2, let size = Int(rest)
            else { return nil }
            let sizes: [Int] =
                switch kind {
                case .bool: [1]
                case .int, .unsigned: [1, 2, 4, 8]
                case .float: [2, 4, 8, 16]
                case .complex: [8, 16, 32]
                }
            guard sizes.contains(size) else { return nil }
            self.kind = kind
            self.size = size
        }

        var name: String {
            "\(size == 1 ? "|" : isBigEndian ? ">" : "<")\(kind.rawValue)\(size)"
        }

        /// Returns the number at `place`; nil if it has no 64-bit counterpart, which holds for
        /// complex numbers and 128-bit floats.
        package func value(at place: UnsafeRawPointer) -> PythonValue? {
            switch kind {
            case .bool: .bool(place.loadUnaligned(as: UInt8.self) != 0)
            case .int: .int(signed(at: place))
            case .unsigned: Self.number(bits(at: place))
            case .float: float(at: place).map { .float($0) }
            case .complex: nil
            }
        }

        static func number(_ bits: UInt64) -> PythonValue {
            Int(exactly: bits).map { .int($0) } ?? .bigInt(String(bits))
        }

        private func load<T: FixedWidthInteger>(_ type: T.Type, _ place: UnsafeRawPointer) -> T {
            let bits = place.loadUnaligned(as: type)
            return isBigEndian ? T(bigEndian: bits) : T(littleEndian: bits)
        }

        private func bits(at place: UnsafeRawPointer) -> UInt64 {
            switch size {
            case 1: UInt64(load(UInt8.self, place))
            case 2: UInt64(load(UInt16.self, place))
            case 4: UInt64(load(UInt32.self, place))
            default: load(UInt64.self, place)
            }
        }

        private func signed(at place: UnsafeRawPointer) -> Int {
            switch size {
            case 1: Int(load(Int8.self, place))
            case 2: Int(load(Int16.self, place))
            case 4: Int(load(Int32.self, place))
            default: Int(load(Int64.self, place))
            }
        }

        private func float(at place: UnsafeRawPointer) -> Double? {
            switch size {
            case 2: Self.half(load(UInt16.self, place))
            case 4: Double(Float(bitPattern: load(UInt32.self, place)))
            case 8: Double(bitPattern: load(UInt64.self, place))
            default: nil
            }
        }

        /// Converts a 16-bit float, for which Swift has no type on some platforms.
        package static func half(_ bits: UInt16) -> Double {
            let fraction = Double(bits & 0x3FF)
            let exponent = Int(bits >> 10 & 0x1F)
            let size: Double =
                switch exponent {
                case 0: fraction * 0x1p-24
                case 31: fraction == 0 ? .infinity : .nan
                default:
                    (1024 + fraction) * Double(sign: .plus, exponent: exponent - 25, significand: 1)
                }
            return bits >> 15 == 0 ? size : -size
        }
    }
}
