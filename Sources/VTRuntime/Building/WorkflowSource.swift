// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
internal import VTWorkflow

/// The source of an input's value in a ``WorkflowBuilder``: a constant, a parameter, an output of
/// another node, a list or table of these, or the elements of a list.
///
/// Literals are constants: `["radius": 2, "name": "a", "ports": [left["sum"], right["sum"]]]`.
public struct WorkflowSource: Sendable {
    indirect enum Content: Sendable {
        case value(LuaValue)
        case parameter(String, of: WorkflowIdentity)
        case port(node: Int, output: String, of: WorkflowIdentity)
        case list([WorkflowSource])
        case table([String: WorkflowSource])
        case element(WorkflowIteration, list: Int)
    }

    let content: Content

    init(_ content: Content) { self.content = content }

    /// Returns a constant.
    public static func value(_ value: LuaValue) -> WorkflowSource { .init(.value(value)) }

    /// Returns the elements of a list: the node computes once for each of them, as with `vt.each`.
    public static func each(_ list: WorkflowSource) -> WorkflowSource {
        .init(.element(WorkflowIteration(.each, [list]), list: 0))
    }

    /// Returns the elements of lists that are paired, as with `vt.zip`: one source for each list.
    public static func zip(_ lists: WorkflowSource...) -> [WorkflowSource] {
        elements(of: WorkflowIteration(.zip, lists))
    }

    /// Returns the elements of lists whose combinations are computed, as with `vt.cross`: one source
    /// for each list.
    public static func cross(_ lists: WorkflowSource...) -> [WorkflowSource] {
        elements(of: WorkflowIteration(.cross, lists))
    }

    private static func elements(of iteration: WorkflowIteration) -> [WorkflowSource] {
        iteration.lists.indices.map { .init(.element(iteration, list: $0)) }
    }
}

/// Lists that are iterated together. Sources that share one are elements of the same level.
final class WorkflowIteration: Sendable {
    let kind: Graph.Level.Kind
    let lists: [WorkflowSource]

    init(_ kind: Graph.Level.Kind, _ lists: [WorkflowSource]) {
        self.kind = kind
        self.lists = lists
    }
}

/// The identity of a ``WorkflowBuilder``, by which ports and parameters of another one are refused.
final class WorkflowIdentity: Sendable {
    let workflow: String
    init(_ workflow: String) { self.workflow = workflow }
}

// MARK: - Literals

extension WorkflowSource: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByBooleanLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral
{
    /// Creates a constant.
    public init(integerLiteral value: Int) { self.init(.value(.integer(value))) }
    /// Creates a constant.
    public init(floatLiteral value: Double) { self.init(.value(.number(value))) }
    /// Creates a constant.
    public init(booleanLiteral value: Bool) { self.init(.value(.boolean(value))) }
    /// Creates a constant.
    public init(stringLiteral value: String) { self.init(.value(.string(LuaBytes(value)))) }
    /// Creates a list.
    public init(arrayLiteral elements: WorkflowSource...) { self.init(.list(elements)) }
    /// Creates a table. Of two equal keys, the last one counts.
    public init(dictionaryLiteral elements: (String, WorkflowSource)...) {
        self.init(.table(Dictionary(elements) { _, last in last }))
    }
}

/// A node of a ``WorkflowBuilder``. Its subscript gives output ports.
public struct WorkflowNode: Sendable {
    /// The name of the node.
    public let name: String
    let index: Int
    let identity: WorkflowIdentity

    /// The output port with a name, as the source of an input or an output of the workflow. If there is
    /// none, the run throws `InvalidWorkflow`.
    public subscript(_ output: String) -> WorkflowSource {
        WorkflowSource(.port(node: index, output: output, of: identity))
    }
}
