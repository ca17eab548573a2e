// SPDX-License-Identifier: BSD-3-Clause

/// Why bytes are no pickle that can be read.
package struct PickleError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: Sendable {
        case malformed
        /// A value contains itself, as some functions do.
        case cycle
        /// It is right, but too deep or too large.
        case limit
    }

    package var code: Code
    /// Where in the pickle.
    package var offset: Int
    package var message: String

    package init(code: Code, offset: Int, message: String) {
        self.code = code
        self.offset = offset
        self.message = message
    }

    package var description: String { "pickle, byte \(offset): \(message)" }
}

/// Why a value or a call cannot go from or to Python.
package struct PythonError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: String, Sendable {
        /// A buffer is no pickle that can be read.
        case pickle
        /// The buffers are no call, or no result.
        case malformed
        /// The other language has no such value.
        case value
    }

    package var code: Code
    package var message: String
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
