// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
public import VTParallel
internal import VTSystem

/// A place where a module computes. The raw value is what scripts write.
public enum Place: String, Sendable, CaseIterable {
    /// The interpreter's own thread.
    case interpreter
    /// A thread of the same process, with a Lua state of its own.
    case threads
    /// A child process.
    case processes
    /// An engine of an IPython cluster.
    case cluster
}

/// The options of a node: the fourth argument of `flow:add`.
public struct NodeOptions: Sendable {
    /// The time limit of one attempt; nil for that of the module.
    public var timeout: Duration?
    /// The number of attempts after the first; nil for that of the module.
    public var retries: Int?
    /// The places where the module may compute, the preferred one first; empty if the run decides.
    public var places: [Place] = []
    /// The number of processors that the module uses; nil for one.
    public var cores: Int?
    /// The memory that the module uses, in bytes; nil if it is not known.
    public var memory: Int?
    /// The number of elements that a worker takes at a time; nil: chosen by their duration.
    public var chunkSize: Int?
    /// The effect of a failed element on a node with `vt.each`; nil for ``CallOptions/OnError/stop``.
    public var onError: CallOptions.OnError?

    /// Options that leave all to the module and the run.
    public init() {}

    /// The options of a node inside a workflow that is itself a node with options. Those of the inner
    /// node take precedence.
    func inheriting(_ outer: NodeOptions) -> NodeOptions {
        var options = self
        options.timeout = timeout ?? outer.timeout
        options.retries = retries ?? outer.retries
        if places.isEmpty { options.places = outer.places }
        options.cores = cores ?? outer.cores
        options.memory = memory ?? outer.memory
        options.chunkSize = chunkSize ?? outer.chunkSize
        options.onError = onError ?? outer.onError
        return options
    }
}

// MARK: - Reading

extension NodeOptions {
    /// The names of the options.
    package static let keys = [
        "timeout", "retries", "on", "cores", "memory", "chunksize", "on_error",
    ]

    /// Reads the table at `index`; nil there means no options.
    ///
    /// - Parameter subject: the node, for messages.
    /// - Throws: ``WorkflowError``.
    package init(at index: Int, subject: String, _ lua: borrowing Lua) throws {
        self.init()
        if lua.isNil(at: index) { return }
        let table = Declaration(index: lua.absolute(index), keys: Self.keys, subject: subject)
        try table.checkKeys(lua)
        timeout = try table.duration("timeout", lua)
        retries = try table.count("retries", lua)
        places = try table.places("on", lua)
        cores = try table.positive("cores", lua)
        memory = try table.bytes("memory", lua)
        chunkSize = try table.positive("chunksize", lua)
        onError = try table.optional("on_error", String.self, lua).map { text in
            guard let found = CallOptions.OnError(rawValue: text) else {
                throw WorkflowError(
                    "\(subject): `on_error` must be \"stop\" or \"collect\", got \"\(text)\"")
            }
            return found
        }
    }
}

extension Declaration {
    /// Reads a place, or a list of places.
    fileprivate func places(_ key: String, _ lua: borrowing Lua) throws -> [Place] {
        try lua.pushRawField(key, of: index)
        defer { lua.pop() }
        var names: [String] = []
        switch lua.type(at: -1) {
        case .nil: return []
        case .string: names = [lua.text(at: -1) ?? ""]
        case .table:
            for position in 0..<lua.rawLength(at: -1) {
                try lua.pushRawElement(position + 1, of: -1)
                defer { lua.pop() }
                guard lua.type(at: -1) == .string, let name = lua.text(at: -1) else {
                    throw WorkflowError(
                        "\(subject): `\(key)` must be a list of names, "
                            + "got a \(lua.typeName(at: -1)) in it")
                }
                names.append(name)
            }
        default:
            throw WorkflowError(
                "\(subject): `\(key)` must be a name such as \"processes\", or a list of names, "
                    + "got a \(lua.typeName(at: -1))")
        }
        let known = Place.allCases.map(\.rawValue)
        guard !names.isEmpty else {
            throw WorkflowError(
                "\(subject): `\(key)` must be \(known.quotedAlternatives), got an empty list")
        }
        return try names.map { name in
            guard let place = Place(rawValue: name) else {
                throw WorkflowError(
                    "\(subject): `\(key)` must be \(known.quotedAlternatives), got \"\(name)\""
                        + suggestion(for: name, among: known))
            }
            return place
        }
    }

    fileprivate func positive(_ key: String, _ lua: borrowing Lua) throws -> Int? {
        try lua.pushRawField(key, of: index)
        defer { lua.pop() }
        if lua.isNil(at: -1) { return nil }
        guard let value = lua.integer(at: -1) else {
            throw WorkflowError(
                "\(subject): `\(key)` must be a whole number, got \(lua.brief(at: -1))")
        }
        guard value >= 1 else {
            throw WorkflowError("\(subject): `\(key)` must be at least 1, got \(value)")
        }
        return value
    }

    /// Reads a number of bytes: an integer, or a text such as `"2GiB"`.
    fileprivate func bytes(_ key: String, _ lua: borrowing Lua) throws -> Int? {
        try lua.pushRawField(key, of: index)
        defer { lua.pop() }
        if lua.isNil(at: -1) { return nil }
        if let value = lua.integer(at: -1), value > 0 { return value }
        if lua.type(at: -1) == .string, let text = lua.text(at: -1),
            let value = Format.bytes(in: text), value < 1_000_000 << 40
        {
            return value
        }
        throw WorkflowError(
            "\(subject): `\(key)` must be a number of bytes, or a text such as \"2GiB\", "
                + "got \(lua.brief(at: -1))")
    }
}

extension [String] {
    /// `"a", "b" or "c"`
    fileprivate var quotedAlternatives: String {
        let quoted = map { "\"\($0)\"" }
        guard let last = quoted.last, count > 1 else { return quoted.joined() }
        return quoted.dropLast().joined(separator: ", ") + " or " + last
    }
}
