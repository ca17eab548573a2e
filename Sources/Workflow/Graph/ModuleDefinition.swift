// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge

/// A module: typed ports, and what computes its outputs from its inputs.
public final class ModuleDefinition {
    public let name: String
    public let version: String
    public let doc: String?
    public let inputs: [Port]
    public let outputs: [Port]
    /// What it needs to run, such as `threads`.
    public let requires: [String]
    public let caching: Caching
    /// Seconds that `compute` may take.
    public let timeout: Double?
    /// Attempts after the first.
    public let retries: Int?
    public let body: Body
    public let location: SourceLocation?

    /// Whether results may be used again.
    public enum Caching {
        case always, never
        /// `function(inputs)` decides.
        case when(LuaReference)
    }

    public enum Body {
        /// A Lua table with a method `compute`.
        case script(LuaReference)
        /// A workflow that is used as a module.
        case workflow(Graph)
    }

    /// The method that was looked at, and what is odd about it was told.
    var checkedCompute: UnsafeRawPointer?
    /// Made when it first computes.
    var metatable: LuaReference?
    let inputIndex: [String: Int]
    let outputIndex: [String: Int]

    public init(
        name: String, version: String = "0", doc: String? = nil, inputs: [Port] = [],
        outputs: [Port] = [], requires: [String] = [], caching: Caching = .always,
        timeout: Double? = nil, retries: Int? = nil, body: Body, location: SourceLocation? = nil
    ) {
        self.name = name
        self.version = version
        self.doc = doc
        self.inputs = inputs
        self.outputs = outputs
        self.requires = requires
        self.caching = caching
        self.timeout = timeout
        self.retries = retries
        self.body = body
        self.location = location
        inputIndex = Self.index(inputs)
        outputIndex = Self.index(outputs)
    }

    private static func index(_ ports: [Port]) -> [String: Int] {
        Dictionary(ports.enumerated().map { ($1.name, $0) }) { first, _ in first }
    }

    /// `img.blur 1.0.0`
    public var title: String { "\(name) \(version)" }
}

// MARK: - Reading a declaration

extension ModuleDefinition {
    private static let keys = [
        "name", "version", "doc", "inputs", "outputs", "requires", "cache", "timeout", "retries",
    ]

    /// Reads the table at `index`, the argument of `vt.module`; `table` is what `compute` will
    /// be a method of.
    public convenience init(
        declaredAt index: Int, table: LuaReference, location: SourceLocation?,
        _ lua: borrowing Lua
    ) throws {
        let spec = Declaration(index: lua.absolute(index), keys: Self.keys, subject: "vt.module")
        try spec.checkKeys(lua)
        guard let name = try spec.optional("name", String.self, lua), !name.isEmpty else {
            throw WorkflowError("vt.module: `name` is missing; write name = \"group.verb\"")
        }
        let named = spec.about(name)
        self.init(
            name: name,
            version: try named.optional("version", String.self, lua) ?? "0",
            doc: try named.optional("doc", String.self, lua),
            inputs: try named.ports("inputs", kind: "input", lua),
            outputs: try named.ports("outputs", kind: "output", lua),
            requires: try named.optional("requires", [String].self, lua) ?? [],
            caching: try named.caching(lua),
            timeout: try named.seconds("timeout", lua),
            retries: try named.count("retries", lua),
            body: .script(table),
            location: location)
    }
}

extension Declaration {
    func caching(_ lua: borrowing Lua) throws -> ModuleDefinition.Caching {
        try lua.pushRawField("cache", of: index)
        defer { lua.pop() }
        switch lua.type(at: -1) {
        case .nil: return .always
        case .boolean: return lua.truth(at: -1) ? .always : .never
        case .function: return .when(try lua.reference(at: -1))
        default:
            throw WorkflowError(
                "\(subject): `cache` is true, false or a function of the inputs, "
                    + "not a \(lua.typeName(at: -1))")
        }
    }
}
