// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge

/// A module: typed ports, and the code that computes its outputs from its inputs.
public final class ModuleDefinition {
    /// The name, such as `img.blur`.
    public let name: String
    /// The version: a change of it makes earlier results invalid.
    public let version: String
    /// The description of the module.
    public let doc: String?
    /// The inputs, in the order of their names.
    public let inputs: [Port]
    /// The outputs, in the order of their names.
    public let outputs: [Port]
    /// The capabilities that the module needs, such as `threads`.
    public let requires: [Capability]
    /// The conditions under which results are cached.
    public let caching: Caching
    /// The time limit of `compute`.
    public let timeout: Duration?
    /// The number of attempts after the first.
    public let retries: Int?
    /// The code.
    public let body: Body
    /// The effect of the module on others; nil for all modules except some of the library.
    public let control: Control?
    /// The line of the script that defines the module.
    public let location: SourceLocation?

    /// The conditions under which results are cached.
    public enum Caching {
        /// Every result is cached.
        case always
        /// No result is cached.
        case never
        /// The function, which gets the table of inputs, returns true if the result is cached.
        case when(LuaReference)
    }

    /// The code of a module.
    public enum Body {
        /// A Lua table with a method `compute`.
        case script(LuaReference)
        /// A workflow that is used as a module.
        case workflow(Graph)
    }

    /// The method `compute` that was checked last: its warnings were reported.
    var checkedCompute: UnsafeRawPointer?
    /// The metatable of `self`, made when the module first computes.
    var metatable: LuaReference?
    /// The workflow that a module runs in its `compute`; nil for other modules.
    package var workflow: Graph?
    /// True if an input is a stream, or a list of streams.
    let hasStreamInputs: Bool
    /// True if an output is a stream.
    let hasStreamOutputs: Bool
    let inputIndex: [String: Int]
    let outputIndex: [String: Int]

    /// Creates a module from its fields.
    public init(
        name: String, version: String = "0", doc: String? = nil, inputs: [Port] = [],
        outputs: [Port] = [], requires: [Capability] = [], caching: Caching = .always,
        timeout: Duration? = nil, retries: Int? = nil, body: Body, control: Control? = nil,
        location: SourceLocation? = nil
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
        self.control = control
        self.location = location
        hasStreamInputs = inputs.contains { $0.type.holdsStreams }
        hasStreamOutputs = outputs.contains { $0.type.isStream }
        inputIndex = Self.index(inputs)
        outputIndex = Self.index(outputs)
    }

    private static func index(_ ports: [Port]) -> [String: Int] {
        Dictionary(ports.enumerated().map { ($1.name, $0) }) { first, _ in first }
    }

    /// The name and the version, such as `img.blur 1.0.0`.
    public var title: String { "\(name) \(version)" }
}

// MARK: - Reading a declaration

extension ModuleDefinition {
    private static let keys = [
        "name", "version", "doc", "inputs", "outputs", "requires", "cache", "timeout", "retries",
    ]

    /// Returns what the module controls: the modules `control.choose` and so on of the library have a
    /// field with the last part of their names.
    private static func control(declaredAt index: Int, _ lua: borrowing Lua) throws -> Control? {
        guard lua.type(at: index) == .table else { return nil }
        let index = lua.absolute(index)
        try lua.pushRawField("control", of: index)
        try lua.pushRawField("name", of: index)
        defer { lua.pop(2) }
        guard let control = lua.string(at: -2).flatMap(Control.init(rawValue:)),
            lua.string(at: -1) == "control." + control.rawValue
        else { return nil }
        return control
    }

    /// Reads the table at `index`, the argument of `vt.module`.
    ///
    /// - Parameter table: the table that will have the method `compute`.
    /// - Throws: ``WorkflowError``.
    public convenience init(
        declaredAt index: Int, table: LuaReference, location: SourceLocation?,
        _ lua: borrowing Lua
    ) throws {
        let control = try Self.control(declaredAt: index, lua)
        let spec = Declaration(
            index: lua.absolute(index), keys: Self.keys + (control == nil ? [] : ["control"]),
            subject: "vt.module")
        try spec.checkKeys(lua)
        guard let name = try spec.optional("name", String.self, lua), !name.isEmpty else {
            throw WorkflowError("vt.module: `name` is missing; write name = \"group.verb\"")
        }
        let named = spec.about(name)
        let outputs = try named.ports("outputs", kind: "output", lua)
        let caching = try named.caching(lua)
        try Self.checkStreams(of: named.subject, outputs, caching)
        self.init(
            name: name,
            version: try named.optional("version", String.self, lua) ?? "0",
            doc: try named.optional("doc", String.self, lua),
            inputs: try named.ports("inputs", kind: "input", lua),
            outputs: outputs,
            requires: (try named.optional("requires", [String].self, lua) ?? [])
                .map { Capability(rawValue: $0) },
            caching: caching,
            timeout: try named.duration("timeout", lua),
            retries: try named.count("retries", lua),
            body: .script(table),
            control: control,
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
                "\(subject): `cache` must be true, false or a function of the inputs, "
                    + "got a \(lua.typeName(at: -1))")
        }
    }
}
