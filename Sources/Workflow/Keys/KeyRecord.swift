// SPDX-License-Identifier: BSD-3-Clause

/// A persistent key with the parts that it was made of, so that two keys can be compared.
public struct KeyRecord: Sendable, Equatable {
    /// The key; nil where the result cannot be stored.
    public var key: Digest?
    /// The parts of the key, in order.
    public var parts: [Part]
    /// The reason why the result cannot be stored.
    public var obstacle: String?

    /// A thing that a key depends on, such as an input, with its digest.
    public struct Part: Sendable, Equatable {
        /// The kinds of things that a key depends on.
        public enum Kind: String, Sendable {
            /// The module's name, version or ports.
            case module
            /// A function; `name` is the file that defines it.
            case code
            /// A value that code refers to: an upvalue, a global or a field of `self`.
            case value
            /// A file of the project that code requires.
            case file
            /// An input of the node.
            case input
            /// The value of which each element of the node gets, as an input, the part at its own place.
            case elements
            /// Another value that elements of the node get parts of.
            case lists
            /// A thing that the computation has looked at, such as a file that it opened.
            case observed
        }

        /// The kind of thing that the part stands for.
        public var kind: Kind
        /// The name that distinguishes the part from others of its kind.
        public var name: String
        /// The first digits of the part's digest.
        public var digest: String
        /// A short text for the value, or the line number of a function.
        public var shown: String

        /// Creates a part from its fields.
        public init(kind: Kind, name: String, digest: String, shown: String) {
            self.kind = kind
            self.name = name
            self.digest = digest
            self.shown = shown
        }
    }

    /// Creates a record from its fields.
    public init(key: Digest?, parts: [Part], obstacle: String?) {
        self.key = key
        self.parts = parts
        self.obstacle = obstacle
    }
}

extension KeyRecord {
    /// A difference between a key and an earlier one.
    public struct Difference: Sendable {
        /// The part that differs.
        public var part: Part
        /// The difference in words, such as "input `radius`: 2 -> 3".
        public var sentence: String
    }

    /// Returns the first part that differs from the same part of an earlier key; nil if none
    /// does.
    public func difference(from earlier: KeyRecord) -> Difference? {
        var known: [String: [Part]] = [:]
        for part in earlier.parts { known[part.place, default: []].append(part) }
        var taken: [String: Int] = [:]
        for part in parts {
            let position = taken[part.place, default: 0]
            taken[part.place] = position + 1
            guard let before = known[part.place], position < before.count else {
                return Difference(part: part, sentence: "\(part.title) is new")
            }
            if before[position].digest != part.digest {
                return Difference(part: part, sentence: part.change(from: before[position]))
            }
        }
        for part in earlier.parts {
            let count = taken[part.place, default: 0]
            if count == 0 { return Difference(part: part, sentence: "\(part.title) is gone") }
            taken[part.place] = count - 1
        }
        return nil
    }
}

extension KeyRecord {
    /// The parts that all elements of a node share.
    public var shared: KeyRecord {
        var shared = self
        shared.parts.removeAll { $0.kind == .elements || $0.kind == .lists }
        return shared
    }

    /// The parts for inputs that differ from element to element, in the order of the ports.
    public var varying: [Part] { parts.filter { $0.kind == .elements || $0.kind == .lists } }
}

extension KeyRecord.Part {
    /// The kind and the name. Parts of two keys with the same place are compared with each other;
    /// several parts with one place are compared in their order.
    fileprivate var place: String { "\(kind.rawValue) \(name)" }

    fileprivate var title: String {
        switch kind {
        case .module: "the module's \(name)"
        case .code: "the code at \(name):\(shown)"
        case .value: "the value \(name)"
        case .file: "the file \(name)"
        case .input: "input `\(name)`"
        case .elements, .lists: "the list for input `\(name)`"
        case .observed: name
        }
    }

    fileprivate func change(from before: Self) -> String {
        switch kind {
        case .code, .file, .observed: "\(title) was changed"
        case .module where name == "ports": "\(title) were changed"
        case .input where before.shown == shown && !shown.isEmpty,
            .elements where before.shown == shown && !shown.isEmpty,
            .lists where before.shown == shown && !shown.isEmpty:
            "\(title) (\(shown)) was changed"
        case .module, .value, .input, .elements, .lists:
            before.shown == shown ? "\(title) was changed" : "\(title): \(before.shown) -> \(shown)"
        }
    }
}
