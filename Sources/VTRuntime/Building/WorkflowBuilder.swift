// SPDX-License-Identifier: BSD-3-Clause

public import VTWorkflow

/// A workflow that a program describes in Swift: nodes, connections, parameters and outputs.
///
/// ```swift
/// var flow = WorkflowBuilder("squares", parameters: ["n": .init(.integer, default: .integer(3))])
/// let numbers = flow.add("numbers", "app.numbers", ["count": flow.parameter("n")])
/// let squares = flow.add("squares", "app.square", ["x": .each(numbers["list"])])
/// flow.output("squares", squares["y"])
/// let outcome = try await WorkflowRun(flow, parameters: ["n": .integer(10)]).outcome
/// ```
///
/// It is a description and can be sent between threads. Modules are found, and names and types checked,
/// when it is run: the run throws `InvalidWorkflow`, whose problems have the line of Swift that added
/// the node.
public struct WorkflowBuilder: Sendable {
    /// The name of the workflow.
    public let name: String
    /// The description of the workflow.
    public var doc: String?
    /// The parameters of the workflow, by name.
    public let parameters: [String: PortDeclaration]
    /// The directory in which modules are found, also in its subdirectory `modules`, and to which
    /// relative paths among constants are relative; empty for the working directory.
    public var directory: String

    let identity: WorkflowIdentity
    let location: SourceLocation
    private(set) var nodes: [Node] = []
    private(set) var statements: [Statement] = []

    /// A node as it was added.
    struct Node: Sendable {
        var name: String
        var module: Module
        var inputs: [String: WorkflowSource]
        var options: NodeOptions
    }

    /// The module of a node.
    indirect enum Module: Sendable {
        case named(String)
        case swift(SwiftModule)
        case workflow(WorkflowBuilder)
    }

    /// A call of a method of the builder, repeated on a graph when the workflow is run.
    struct Statement: Sendable {
        enum Content: Sendable {
            case add(node: Int)
            case connect(WorkflowSource, input: String, node: WorkflowNode)
            case output(String, WorkflowSource)
        }
        var content: Content
        var location: SourceLocation
    }

    /// Creates a workflow without nodes.
    ///
    /// - Parameters:
    ///   - name: the name of the workflow.
    ///   - doc: the description of the workflow.
    ///   - parameters: the parameters of the workflow, by name.
    ///   - directory: the directory of the workflow's modules and of relative paths.
    ///   - file: the file that messages name; the caller's.
    ///   - line: the line that messages name; the caller's.
    public init(
        _ name: String, doc: String? = nil, parameters: [String: PortDeclaration] = [:],
        directory: String = "", file: String = #fileID, line: Int = #line
    ) {
        self.name = name
        self.doc = doc
        self.parameters = parameters
        self.directory = directory
        identity = WorkflowIdentity(name)
        location = SourceLocation(file: file, line: line)
    }
}

// MARK: - Building

extension WorkflowBuilder {
    /// Adds a node.
    ///
    /// - Parameters:
    ///   - name: the name of the node, unique in the workflow.
    ///   - module: the name of its module, as `require` of Lua finds it.
    ///   - inputs: the sources of its inputs, by name.
    ///   - options: the options of the node.
    ///   - file: the file that messages name; the caller's.
    ///   - line: the line that messages name; the caller's.
    @discardableResult
    public mutating func add(
        _ name: String, _ module: String, _ inputs: [String: WorkflowSource] = [:],
        options: NodeOptions = NodeOptions(), file: String = #fileID, line: Int = #line
    ) -> WorkflowNode {
        add(
            Node(name: name, module: .named(module), inputs: inputs, options: options),
            SourceLocation(file: file, line: line))
    }

    /// Adds a node whose module is part of the program. It need not be registered, except for worker
    /// processes: see ``WorkerRuntime/prepare(modules:workerPrepare:warn:)``.
    @discardableResult
    public mutating func add(
        _ name: String, _ module: SwiftModule, _ inputs: [String: WorkflowSource] = [:],
        options: NodeOptions = NodeOptions(), file: String = #fileID, line: Int = #line
    ) -> WorkflowNode {
        add(
            Node(name: name, module: .swift(module), inputs: inputs, options: options),
            SourceLocation(file: file, line: line))
    }

    /// Adds a node whose module is a workflow: its parameters are the inputs.
    @discardableResult
    public mutating func add(
        _ name: String, _ workflow: WorkflowBuilder, _ inputs: [String: WorkflowSource] = [:],
        options: NodeOptions = NodeOptions(), file: String = #fileID, line: Int = #line
    ) -> WorkflowNode {
        add(
            Node(name: name, module: .workflow(workflow), inputs: inputs, options: options),
            SourceLocation(file: file, line: line))
    }

    private mutating func add(_ node: Node, _ location: SourceLocation) -> WorkflowNode {
        nodes.append(node)
        let index = nodes.count - 1
        statements.append(Statement(content: .add(node: index), location: location))
        return WorkflowNode(name: node.name, index: index, identity: identity)
    }

    /// Connects an input of a node that was added before.
    public mutating func connect(
        _ source: WorkflowSource, to input: String, of node: WorkflowNode, file: String = #fileID,
        line: Int = #line
    ) {
        statements.append(
            Statement(
                content: .connect(source, input: input, node: node),
                location: SourceLocation(file: file, line: line)))
    }

    /// Adds an output to the workflow: an output port of a node.
    public mutating func output(
        _ name: String, _ source: WorkflowSource, file: String = #fileID, line: Int = #line
    ) {
        statements.append(
            Statement(
                content: .output(name, source), location: SourceLocation(file: file, line: line)))
    }

    /// Returns a parameter of the workflow as the source of an input. If there is none of this name, the
    /// run throws `InvalidWorkflow`.
    public func parameter(_ name: String) -> WorkflowSource {
        WorkflowSource(.parameter(name, of: identity))
    }
}
