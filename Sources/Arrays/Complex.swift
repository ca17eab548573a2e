// SPDX-License-Identifier: BSD-3-Clause

/// A complex number of two `Float` or two `Double` values, as arrays hold it.
///
/// It has only what an element needs. A program that computes with single complex numbers can
/// convert to the type of a library of its own.
public struct Complex<Real: ComplexPart>: BitwiseCopyable, Hashable, Sendable {
    /// The real part.
    public var real: Real
    /// The imaginary part.
    public var imaginary: Real

    /// Creates a number from its parts.
    public init(_ real: Real, _ imaginary: Real = 0) {
        self.real = real
        self.imaginary = imaginary
    }
}

extension Complex: Codable {
    /// Reads a list of the two parts.
    public init(from decoder: any Decoder) throws {
        var parts = try decoder.unkeyedContainer()
        self.init(try parts.decode(Real.self), try parts.decode(Real.self))
        guard parts.isAtEnd else {
            throw DecodingError.dataCorruptedError(
                in: parts, debugDescription: "a complex number is a list of two numbers")
        }
    }

    /// Writes a list of the two parts.
    public func encode(to encoder: any Encoder) throws {
        var parts = encoder.unkeyedContainer()
        try parts.encode(real)
        try parts.encode(imaginary)
    }
}

extension Complex: CustomStringConvertible {
    /// The number as in `1.0+2.0i`.
    public var description: String {
        let sign = imaginary.sign == .minus || imaginary.isNaN ? "" : "+"
        return "\(real)\(sign)\(imaginary)i"
    }
}

extension Complex: ExpressibleByIntegerLiteral {
    /// Creates a number without an imaginary part.
    public init(integerLiteral value: Int) { self.init(Real(value)) }
}

extension Complex: ExpressibleByFloatLiteral {
    /// Creates a number without an imaginary part.
    public init(floatLiteral value: Double) { self.init(Real(value)) }
}
