// SPDX-License-Identifier: BSD-3-Clause

/// What a key was made of, to be compared with another.
public struct KeyRecord: Sendable, Equatable {
    /// Nil where the result is not kept.
    public var key: Digest?
    public var parts: [Part]
    /// Why it is not.
    public var obstacle: String?

    public struct Part: Sendable, Equatable {
        public enum Kind: String, Sendable {
            /// The module's name, version or ports.
            case module
            /// A function: `name` is where it begins.
            case code
            /// A value that code holds.
            case value
            /// A file of the project that code requires.
            case file
            case input
        }

        public var kind: Kind
        public var name: String
        /// A few digits of the part's hash.
        public var digest: String
        /// The value in a few words, or the line of a function.
        public var shown: String

        public init(kind: Kind, name: String, digest: String, shown: String) {
            self.kind = kind
            self.name = name
            self.digest = digest
            self.shown = shown
        }
    }

    public init(key: Digest?, parts: [Part], obstacle: String?) {
        self.key = key
        self.parts = parts
        self.obstacle = obstacle
    }
}

extension KeyRecord {
    /// A part that differs from the same part of an earlier key.
    public struct Difference: Sendable {
        public var part: Part
        public var sentence: String
    }

    /// The first part that differs from an earlier key's; nil if none does.
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

extension KeyRecord.Part {
    /// Parts of two keys are compared where this is the same; several of one place in their order.
    fileprivate var place: String { "\(kind.rawValue) \(name)" }

    fileprivate var title: String {
        switch kind {
        case .module: "the module's \(name)"
        case .code: "the code at \(name):\(shown)"
        case .value: "the value \(name)"
        case .file: "the file \(name)"
        case .input: "input `\(name)`"
        }
    }

    fileprivate func change(from before: Self) -> String {
        switch kind {
        case .code, .file: "\(title) was changed"
        case .module where name == "ports": "\(title) were changed"
        case .module, .value, .input:
            before.shown == shown ? "\(title) was changed" : "\(title): \(before.shown) -> \(shown)"
        }
    }
}
