// SPDX-License-Identifier: BSD-3-Clause

/// Something that a computation looked at besides its inputs, with what it saw. A result is used again
/// only while every observation of its computation still holds.
struct Observation: Hashable {
    /// The kind of thing that was looked at.
    enum Kind: UInt8 {
        /// The content of a file.
        case file = 1
        /// The names in a directory. Stored sets have these numbers.
        case listing = 3
        /// A module: its file, with the content that it had when it was loaded.
        case module
        /// An environment variable.
        case environment
        /// A global that the user has set, or whose absence counts.
        case global
        /// The value of a module that was changed after it was loaded, or put in its place by hand.
        case value
        /// The file of a program, with its content.
        case tool
        /// The files that a pattern finds.
        case glob
        /// The status of a file.
        case status
        /// The kind of a file, or that there is none.
        case fileKind
        /// A file that the outputs name, and that the computation has not made: in a ``Product`` only.
        case output
    }

    var kind: Kind
    /// The path, the name of the module, or the name of the variable.
    var name: [UInt8]
    /// A digest or the value; empty for something that is absent.
    var seen: [UInt8]
}

extension Observation {
    /// The thing that was looked at, in a sentence such as "the file `x` was changed".
    var subject: String {
        switch kind {
        case .file: "the file '\(PlacedPath.shown(name))', which it reads,"
        case .listing: "the directory '\(PlacedPath.shown(name))', which it reads,"
        case .module: "the module `\(name.text)`, which it requires,"
        case .environment: "the environment variable \(name.text), which it reads,"
        case .global: "the global `\(name.text)`, which a module that it requires reads,"
        case .value: "the value of the module `\(name.text)`, which it requires,"
        case .tool: "the program `\(programName)`, which it runs,"
        case .glob:
            "the list of files '\(PlacedPath.shown(Array(name.dropFirst())))', which it reads,"
        case .status: "the status of the file '\(PlacedPath.shown(name))', which it reads,"
        case .fileKind: "the file '\(PlacedPath.shown(name))', whose existence it checks,"
        case .output: "the file '\(PlacedPath.shown(name))', which its outputs name,"
        }
    }

    private var programName: String { Array(name.prefix { $0 != 0 }).text }

    /// A short name for records.
    var title: String {
        switch kind {
        case .file, .listing, .status, .fileKind, .output: "'\(PlacedPath.shown(name))'"
        case .tool: "program `\(programName)`"
        case .glob: "files '\(PlacedPath.shown(Array(name.dropFirst())))'"
        case .module, .value: "module `\(name.text)`"
        case .environment: "environment variable \(name.text)"
        case .global: "global `\(name.text)`"
        }
    }
}

/// A set of observations, as a store keeps it.
struct ObservationSet {
    /// Sorted, without duplicates.
    private(set) var observations: [Observation]

    init(_ observations: some Sequence<Observation>) {
        self.observations = Set(observations).sorted { first, second in
            if first.kind != second.kind { return first.kind.rawValue < second.kind.rawValue }
            if first.name != second.name {
                return first.name.lexicographicallyPrecedes(second.name)
            }
            return first.seen.lexicographicallyPrecedes(second.seen)
        }
    }

    /// Reads ``bytes``; nil where they are damaged.
    init?(_ bytes: [UInt8]) {
        var found: [Observation] = []
        var rest = bytes[...]
        func take() -> [UInt8]? {
            guard rest.count >= 4 else { return nil }
            let count = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            guard rest.count >= count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return Array(rest.prefix(count))
        }
        while let first = rest.popFirst() {
            guard let kind = Observation.Kind(rawValue: first), let name = take(), let seen = take()
            else { return nil }
            found.append(Observation(kind: kind, name: name, seen: seen))
        }
        observations = found
    }

    /// The set as bytes: equal for equal sets.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for observation in observations {
            bytes.append(observation.kind.rawValue)
            for part in [observation.name, observation.seen] {
                for shift in [24, 16, 8, 0] { bytes.append(UInt8(part.count >> shift & 0xff)) }
                bytes += part
            }
        }
        return bytes
    }
}

/// The names of paths in keys and observations: relative to the flow's directory where an absolute path
/// is inside of it, so that a project that was moved keeps its results.
struct PlacedPath {
    /// The first byte of a name that is relative to the flow's directory.
    static let mark: UInt8 = 1
    /// The absolute path of the flow's directory.
    let root: [UInt8]

    init(directory: String) {
        root = Array(directory.utf8).absolutePath(in: .workingDirectory)
    }

    private func inside(_ path: [UInt8]) -> [UInt8]? {
        let start = root == [UInt8(ascii: "/")] ? root : root + [UInt8(ascii: "/")]
        if path == root { return [] }
        return path.starts(with: start) ? Array(path.dropFirst(start.count)) : nil
    }

    /// The name of a path that code has given: a relative one depends on the working directory, as the
    /// code does.
    func name(ofGiven path: [UInt8]) -> [UInt8] {
        guard path.first == UInt8(ascii: "/"), let inner = inside(path.absolutePath(in: [])) else {
            return path
        }
        return [Self.mark] + inner
    }

    /// The name of a path that an input or output has: the same from every working directory.
    func name(ofPort path: [UInt8]) -> [UInt8] {
        let whole = path.absolutePath(in: .workingDirectory)
        return inside(whole).map { [Self.mark] + $0 } ?? path
    }

    /// The path that a name stands for.
    func path(_ name: [UInt8]) -> [UInt8] {
        guard name.first == Self.mark else { return name }
        return name.count == 1 ? root : root + [UInt8(ascii: "/")] + name.dropFirst()
    }

    /// A name in messages.
    static func shown(_ name: [UInt8]) -> String {
        name.first == mark ? (name.count == 1 ? "." : Array(name.dropFirst()).text) : name.text
    }
}
