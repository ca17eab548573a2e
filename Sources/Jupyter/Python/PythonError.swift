// SPDX-License-Identifier: BSD-3-Clause

/// The reason why a pickle cannot be read.
package struct PickleError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kind of error.
    package enum Code: Sendable {
        /// The bytes are not a valid pickle.
        case malformed
        /// A value contains itself, as some functions do.
        case cycle
        /// The pickle is valid, but nested too deeply or too large.
        case limit
    }

    package var code: Code
    /// The position in the pickle, in bytes.
    package var offset: Int
    package var message: String

    package init(code: Code, offset: Int, message: String) {
        self.code = code
        self.offset = offset
        self.message = message
    }

    package var description: String { "pickle, byte \(offset): \(message)" }
}

/// The reason why a value or a call cannot be converted from or to Python.
package struct PythonError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kind of error.
    package enum Code: String, Sendable {
        /// A buffer is not a readable pickle.
        case pickle
        /// The buffers are not a call or a result.
        case malformed
        /// The other language has no such value.
        case value
    }

    package var code: Code
    package var message: String
    /// The error of the pickle, with code `pickle`.
    package var underlying: PickleError?

    package init(_ code: Code, _ message: String, underlying: PickleError? = nil) {
        self.code = code
        self.message = message
        self.underlying = underlying
    }

    init(_ error: PickleError) {
        self.init(.pickle, error.description, underlying: error)
    }

    package var description: String { message }
}
