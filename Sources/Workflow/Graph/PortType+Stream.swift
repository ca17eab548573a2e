// SPDX-License-Identifier: BSD-3-Clause

extension PortType {
    /// True for a stream.
    package var isStream: Bool { if case .stream = self { true } else { false } }

    /// The type of a stream's items; nil for other types.
    var streamItem: PortType? { if case .stream(let item) = self { item } else { nil } }

    /// True for streams, and lists of streams.
    var holdsStreams: Bool {
        switch self {
        case .stream: true
        case .list(let element): element.holdsStreams
        default: false
        }
    }

    /// The next step for a value of this type that is connected to an input of another type, where one of
    /// them is a stream; empty where there is none.
    func streamAdvice(for input: PortType) -> String {
        switch (self, input) {
        case (.stream, .stream): ""
        case (.stream, .any): "; collect it with a node of `stream.to_list`"
        case (.stream, _):
            "; collect it with a node of `stream.to_list`, or declare the input as \(self)"
        case (.list, .stream), (.array, .stream), (.any, .stream):
            "; give it to a node of `stream.from_list`, and connect its output `items`"
        default: ""
        }
    }
}

extension ModuleDefinition {
    /// True if an input or an output is a stream.
    package var hasStreams: Bool { hasStreamInputs || hasStreamOutputs }
    /// The first port that is a stream, such as "input `rows`"; nil if there is none.
    var streamPort: String? {
        if let port = inputs.first(where: { $0.type.holdsStreams }) {
            return "input `\(port.name)`"
        }
        return outputs.first { $0.type.isStream }.map { "output `\($0.name)`" }
    }

    /// Throws if the outputs cannot be those of a module.
    static func checkStreams(
        of name: String, _ outputs: [Port], _ caching: Caching
    ) throws {
        for port in outputs where port.type.holdsStreams {
            guard port.type.isStream else {
                throw WorkflowError(
                    "\(name): output `\(port.name)`: an output cannot be a \(port.type); give each stream "
                        + "an output of its own")
            }
            if case .when = caching {
                throw WorkflowError(
                    "\(name): `cache` must be true or false in a module with a stream among its outputs"
                )
            }
        }
    }
}

extension Port {
    /// Throws if a stream is declared with what only values have.
    func checkStream() throws {
        guard type.holdsStreams else { return }
        if defaultValue != nil {
            throw WorkflowError("`default` does not apply to \(type); write optional = true")
        }
        if !choices.isEmpty { throw WorkflowError("`choices` does not apply to \(type)") }
    }
}
