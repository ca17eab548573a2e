// SPDX-License-Identifier: BSD-3-Clause

internal import CVTShipping

/// What of a value cannot travel. Nothing of the value was encoded.
public struct ShippingRefusal: Error, Sendable, Equatable {
    /// One thing that cannot travel.
    public struct Offender: Sendable, Equatable {
        /// Which of `encode(_:elementsFrom:count:)` it is in, from 1 on; 0 where there is but one.
        public var element: Int
        /// Where in the value: `upvalue 'cfg' -> cfg.handlers[1].cb`, `.name[3]`; empty for the
        /// value itself.
        public var path: String
        /// `a coroutine`
        public var what: String
        /// What to do: a sentence.
        public var remedy: String

        public init(element: Int = 0, path: String, what: String, remedy: String) {
            self.element = element
            self.path = path
            self.what = what
            self.remedy = remedy
        }
    }

    /// The first five.
    public var offenders: [Offender]
    /// How many there are.
    public var total: Int

    public init(offenders: [Offender], total: Int) {
        self.offenders = offenders
        self.total = total
    }

    /// `cannot send SUBJECT: PATH is WHAT. REMEDY` on one line for one offender; else a list, a
    /// line each, and then `and N more`.
    ///
    /// - Parameter name: what the path of an element begins with; for messages about several.
    public func message(
        sending subject: String, element name: (Int) -> String = { _ in "" }
    ) -> String {
        let lines = offenders.map { offender in
            let path = name(offender.element) + offender.path
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
    /// What the encoder has collected.
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
        default: "Create it inside the task instead."
        }
    }
}
