// SPDX-License-Identifier: BSD-3-Clause

internal import CVTArrays

/// The failure of an operation of arrays.
public struct ArrayError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The kind of a failure.
    public enum Code: Sendable {
        /// Shapes do not fit each other, or the number of elements.
        case shape
        /// There is no such axis or index.
        case axis
        /// The elements have another type.
        case dtype
        /// A value does not fit the type, or no result exists for it.
        case value
        /// A library is not installed.
        case library
        /// There is not enough memory.
        case memory
    }

    /// The kind of the failure.
    public let code: Code
    /// The operation, what is wrong, and the next step. Axes and places count from 0.
    public let message: String

    /// The message.
    public var description: String { message }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension ArrayError {
    /// "(3, 4)".
    static func text(_ shape: [Int]) -> String {
        "(" + shape.map(String.init).joined(separator: ", ") + ")"
    }

    /// The error of a kernel. `shape` is the one in which it counts places.
    init(_ status: va_status, _ operation: String, _ detail: va_detail, _ shape: [Int], _ to: DType)
    {
        func place() -> String {
            var rest = Int(detail.place)
            var index: [Int] = []
            for length in shape.reversed() where length > 0 {
                index.insert(rest % length, at: 0)
                rest /= length
            }
            return Self.text(index)
        }
        switch status {
        case VA_NO_MEMORY: self.init(.memory, "\(operation): not enough memory")
        case VA_STOPPED: self.init(.value, "\(operation) was stopped")
        case VA_DOES_NOT_FIT:
            self.init(.value, "\(operation): the element at \(place()) does not fit \(to)")
        case VA_NAN_TO_INTEGER: self.init(.value, "\(operation): nan at \(place()) is no \(to)")
        case VA_BY_ZERO: self.init(.value, "\(operation): division by zero at \(place())")
        case VA_NOT_DEFINED: self.init(.dtype, "\(operation): not defined for \(to)")
        case VA_EMPTY: self.init(.value, "\(operation): the array is empty")
        case VA_NO_LIBRARY:
            let library = detail.library.map { String(cString: $0) } ?? "a library"
            let package = detail.package.map { " (Debian: \(String(cString: $0)))" } ?? ""
            self.init(.library, "\(operation) needs \(library)\(package)")
        default: self.init(.value, "\(operation) failed with status \(status.rawValue)")
        }
    }
}
