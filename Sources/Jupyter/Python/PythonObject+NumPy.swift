// SPDX-License-Identifier: BSD-3-Clause

// NumPy's arrays and scalars of strings, objects, records and times. They are kept as the calls that make
// them, and are described by their type.

extension PythonObject {
    /// The kind of an array or scalar, such as "a numpy array of '<U5'"; nil if it is neither.
    package var numpyKind: String? {
        guard let (what, dtype) = numpyType else { return nil }
        return "a numpy \(what) of \(dtype)"
    }

    /// True if the `tolist()` of an array or scalar consists of strings and other plain values.
    package var hasPlainList: Bool {
        guard let dtype = numpyType?.dtype else { return false }
        return dtype.hasPrefix("[") || dtype.dropFirst(2).first.map { "USOV".contains($0) } == true
    }

    private var numpyType: (what: String, dtype: String)? {
        guard arguments != nil, module == "numpy" || module.hasPrefix("numpy.") else { return nil }
        let all = arguments?.elements ?? []
        let type: PythonValue? =
            switch name {
            case "ndarray", "_frombuffer": all.count > 1 ? all[1] : nil
            case "_reconstruct": state?.elements.flatMap { $0.count > 2 ? $0[2] : nil }
            case "scalar": all.first
            default: nil
            }
        guard let type, let dtype = Self.text(ofType: type) else { return nil }
        return (name == "scalar" ? "scalar" : "array", dtype)
    }

    /// The type of elements as NumPy writes it: `'<U5'`, `'|O'`, `[('a', '<i4'), ('b', '<f8')]`.
    private static func text(ofType type: PythonValue) -> String? {
        if let name = type.string { return "'\(name)'" }
        // The fields of records, as `dtype.descr` lists them.
        if case .list(let fields) = type {
            let parts = fields.prefix(mostFields).map { field in
                let parts = (field.elements ?? []).compactMap(\.string).map { "'\($0)'" }
                return "(\(parts.joined(separator: ", ")))"
            }
            return "[\(list(parts, of: fields.count))]"
        }
        guard let type = type.object, type.module == "numpy", type.name == "dtype" else {
            return nil
        }
        let state = type.state?.elements ?? []
        let order = state.count > 1 ? state[1].string ?? "|" : "|"
        guard state.count > 4, let names = state[3].elements, !names.isEmpty else {
            guard let name = type.arguments?.elements?.first?.string else { return nil }
            // The size of a pointer is not part of the type.
            return name.hasPrefix("O") ? "'|O'" : "'\(order)\(name)'"
        }
        let parts = names.prefix(mostFields).compactMap(\.string).map { name in
            let field = state[4][name]?.elements?.first.flatMap { text(ofType: $0) } ?? "?"
            return "('\(name)', \(field))"
        }
        return "[\(list(parts, of: names.count))]"
    }

    private static let mostFields = 8

    private static func list(_ parts: [String], of count: Int) -> String {
        (parts + (count > parts.count ? ["..."] : [])).joined(separator: ", ")
    }
}
