// SPDX-License-Identifier: BSD-3-Clause

/// A run as it is known when it starts.
public struct RunDescription: Sendable {
    /// The identifier of the run.
    public var run: String
    /// The name of the workflow.
    public var workflow: String
    /// The parameters of the workflow.
    public var parameters: [ValueRecord]
    /// The number of nodes in the plan.
    public var modules: Int
    /// The connections between the nodes of the plan.
    public var connections: [Connection]
    /// The outputs of the workflow. Their values are those of the nodes' outputs.
    public var outputs: [Output]

    /// An output of the workflow.
    public struct Output: Sendable, Equatable {
        /// The name of the output.
        public var name: String
        /// The name of the node that makes the value.
        public var node: String
        /// The name of that node's output.
        public var port: String

        /// Creates an output from its fields.
        public init(name: String, node: String, port: String) {
            self.name = name
            self.node = node
            self.port = port
        }
    }

    /// A connection from an output of a node to an input of another node.
    public struct Connection: Sendable, Equatable {
        /// The name of the node that has the output.
        public var source: String
        /// The name of the output.
        public var output: String
        /// The name of the node that has the input.
        public var node: String
        /// The name of the input.
        public var input: String

        /// Creates a connection from its fields.
        public init(source: String, output: String, node: String, input: String) {
            self.source = source
            self.output = output
            self.node = node
            self.input = input
        }
    }

    /// Creates a description from its fields.
    public init(
        run: String, workflow: String, parameters: [ValueRecord], modules: Int,
        connections: [Connection], outputs: [Output]
    ) {
        self.run = run
        self.workflow = workflow
        self.parameters = parameters
        self.modules = modules
        self.connections = connections
        self.outputs = outputs
    }
}
