// SPDX-License-Identifier: BSD-3-Clause

/// A cached result.
public struct StoredEntry: Sendable {
    /// The key, in hexadecimal digits.
    public var key: String
    /// The run that computed the result.
    public var run: String
    /// The node that computed the result; nil where its run is not on record.
    public var node: String?
    /// The size of the outputs, in bytes.
    public var size: Int
    /// The duration of the computation, in seconds.
    public var seconds: Double
    /// The time when the result was made, in seconds since 1970.
    public var made: Double
    /// The time when the result was last used, in seconds since 1970, to a day.
    public var used: Double
}
