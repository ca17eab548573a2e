// SPDX-License-Identifier: BSD-3-Clause

internal import CVTShipping

/// The error of a value that cannot be encoded. No part of the value was written.
public struct ShippingRefusal: Error, Sendable, Equatable {
    /// A part of the value that cannot be encoded.
    public struct Offender: Sendable, Equatable {
        /// The element of `encode(_:elementsFrom:count:)` that contains it, from 1; 0 for a single
        /// value.
        public var element: Int
        /// The path from the value to the part, such as `upvalue 'cfg' -> cfg.handlers[1].cb` or
        /// `.name[3]`; empty for the value itself.
        public var path: String
        /// A description with its article, such as `a coroutine`.
        public var what: String
        /// A sentence that suggests a fix.
        public var remedy: String

        /// Creates a description.
        public init(element: Int = 0, path: String, what: String, remedy: String) {
            self.element = element
            self.path = path
            self.what = what
            self.remedy = remedy
        }
    }

    /// The parts that cannot be encoded, at most five.
    public var offenders: [Offender]
    /// The number of all such parts.
    public var total: Int

    /// Creates an error.
    public init(offenders: [Offender], total: Int) {
        self.offenders = offenders
        self.total = total
    }

    /// A message for the user.
    ///
    /// For one offender, one line: `cannot send SUBJECT: PATH is WHAT. REMEDY`. For several, a line
    /// for each, and `and N more` where there are more.
    ///
    /// - Parameters:
    ///   - subject: a name for the value, such as `the result`.
    ///   - element: returns the name of an element, which is the beginning of its paths.
    public func message(
        sending subject: String, element: (Int) -> String = { _ in "" }
    ) -> String {
        let lines = offenders.map { offender in
            let path = element(offender.element) + offender.path
            return "\(path.isEmpty ? "it" : path) is \(offender.what). \(offender.remedy)"
        }
        if lines.count == 1, total == 1 { return "cannot send \(subject): \(lines[0])" }
        var text = "cannot send \(subject):"
        for line in lines { text += "\n  " + line }
        if total > lines.count { text += "\n  and \(total - lines.count) more" }
        return text
    }
}

extension ShippingRefusal {
    /// The offenders in one line, without the remedies: `.retry is a function; .log is a file`.
    public var summary: String {
        var parts = offenders.map { "\($0.path.isEmpty ? "it" : $0.path) is \($0.what)" }
        if total > parts.count { parts.append("and \(total - parts.count) more") }
        return parts.joined(separator: "; ")
    }

    /// The offenders of the encoder's last item.
    init(of encoder: OpaquePointer) {
        var total: Int64 = 0
        let found = [vts_offender](unsafeUninitializedCapacity: Int(VTS_OFFENDERS)) {
            $1 = Int(vts_offenders(encoder, $0.baseAddress, &total))
        }
        self.init(offenders: found.map(Offender.init), total: Int(total))
    }
}

extension ShippingRefusal.Offender {
    init(_ found: vts_offender) {
        func text(_ bytes: UnsafePointer<CChar>?, _ count: Int) -> String {
            String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
        }
        self.init(
            element: Int(found.element), path: text(found.path, found.path_length),
            what: text(found.what, found.what_length), remedy: Self.remedy(found.remedy))
    }

    private static func remedy(_ remedy: vts_remedy) -> String {
        switch remedy {
        case VTS_REMEDY_OPEN: "Open it inside the task instead."
        case VTS_REMEDY_REGISTER: "Register it with vt.class(name, metatable)."
        case VTS_REMEDY_RETURN: "Return data; a function comes back from threads only."
        case VTS_REMEDY_KEY: "Use strings, numbers or booleans as keys."
        case VTS_REMEDY_FLATTEN:
            "At most \(VTS_MAX_DEPTH) levels can be sent; use a flatter value."
        case VTS_REMEDY_COPY:
            "Only threads and processes on this machine can use its memory. Send a copy: a:copy()"
        default: "Create it inside the task instead."
        }
    }
}
