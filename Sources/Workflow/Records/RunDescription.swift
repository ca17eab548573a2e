// SPDX-License-Identifier: BSD-3-Clause

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
