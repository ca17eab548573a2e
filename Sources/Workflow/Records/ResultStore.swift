// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc

/// Keeps results and records of runs beyond this process.
///
/// What a store cannot do it tells by an error; the interpreter then goes on without it.
public protocol ResultStore: AnyObject {
    /// The hash of bytes that keys are made of.
    func digest(_ bytes: [UInt8]) -> Digest
    /// The hash of a file's content.
    func digest(ofFile path: String) throws -> Digest

    func find(_ key: Digest) throws -> StoredResult?
    /// A module begins to compute: nothing will be asked for a while.
    func pause() throws
    func keep(_ result: StoredResult, under key: Digest, run: String) throws
    /// Lets go a result that turned out to be damaged, and says so.
    func forget(_ key: Digest) throws

    func isKnown(run: String) throws -> Bool
    /// A run begins. It may be on record from the first pause on only, or when it ends.
    func begin(_ run: RunDescription) throws
    func add(_ node: NodeRecord, of run: String) throws
    func end(run: String, status: RunStatus, seconds: Double) throws

    /// What nodes of a workflow took when they were last computed, in seconds.
    func durations(ofNodesIn workflow: String) throws -> [String: Double]

    /// The key that a node had when it last gave a result, in a run before another one.
    func lastKey(of node: String, workflow: String, before run: String?) throws -> KeyRecord?
}

extension ResultStore {
    public func pause() throws {}
}

/// 32 bytes that stand for others.
public struct Digest: Hashable, Sendable {
    public var bytes: [UInt8]

    public init(bytes: [UInt8]) { self.bytes = bytes }

    public var hexadecimal: String { digits(of: bytes.count) }

    private func digits(of count: Int) -> String {
        let count = min(count, bytes.count)
        return String(unsafeUninitializedCapacity: 2 * count) { text in
            for index in 0..<count {
                text[2 * index] = Self.digit(bytes[index] >> 4)
                text[2 * index + 1] = Self.digit(bytes[index] & 15)
            }
            return 2 * count
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// Enough to tell two of them apart that lie side by side.
    package var short: String { digits(of: 8) }
}

/// Seconds since 1970.
package func wallClock() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The outputs of a module, as bytes.
public struct StoredResult: Sendable {
    /// A table of outputs, as CBOR.
    public var outputs: [UInt8]
    public var printed: String
    /// A table, as CBOR.
    public var annotations: [UInt8]
    /// What the files among the outputs were like; nil if there are none.
    public var files: Digest?
    /// What computing took.
    public var seconds: Double

    public init(
        outputs: [UInt8], printed: String, annotations: [UInt8], files: Digest?, seconds: Double
    ) {
        self.outputs = outputs
        self.printed = printed
        self.annotations = annotations
        self.files = files
        self.seconds = seconds
    }
}

/// What a run is about.
public struct RunDescription: Sendable {
    public var run: String
    public var workflow: String
    /// Names and values, as text.
    public var parameters: [(name: String, value: String)]
    public var modules: Int
    public var connections: [Connection]

    /// An output that is another node's input.
    public struct Connection: Sendable, Equatable {
        public var source: String
        public var output: String
        public var node: String
        public var input: String

        public init(source: String, output: String, node: String, input: String) {
            self.source = source
            self.output = output
            self.node = node
            self.input = input
        }
    }

    public init(
        run: String, workflow: String, parameters: [(name: String, value: String)], modules: Int,
        connections: [Connection]
    ) {
        self.run = run
        self.workflow = workflow
        self.parameters = parameters
        self.modules = modules
        self.connections = connections
    }
}

/// A module's turn in a run, with its key.
public struct NodeRecord: Sendable {
    public var position: Int
    public var record: ModuleRecord
    public var key: KeyRecord?
    /// Seconds since 1970.
    public var started: Double
    /// Seconds of processor time.
    public var processor: Double
    /// The most memory that the process had held by then, in bytes.
    public var peak: Int
    /// Its inputs in a few words, where the key does not have them.
    public var inputs: [(name: String, value: String)]
    /// Its outputs in a few words.
    public var outputs: [(name: String, value: String)]
    public var files: [FileRecord]
}

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
