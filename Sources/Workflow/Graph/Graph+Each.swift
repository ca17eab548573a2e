// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel
internal import VTSystem

// Nodes whose module computes once for each element of lists.

extension Graph {
    /// The iteration of a node: its module computes once for each element of lists.
    public struct Each {
        /// The module that computes an element. The definition of the node has lists of its ports.
        public var element: ModuleDefinition
        /// The levels of the iteration, the outermost first.
        public var levels: [Level]
        /// For each input of the module, the list that it gets elements of on each level; empty for an
        /// input that all elements share.
        public var lists: [[Int]]

        /// Creates a description from its fields.
        public init(element: ModuleDefinition, levels: [Level], lists: [[Int]]) {
            self.element = element
            self.levels = levels
            self.lists = lists
        }
    }

    /// One level of an iteration: one list, or several that are iterated together.
    public final class Level {
        /// The function of `vt` that combines the lists.
        public let kind: Kind
        /// The lists.
        public let lists: [List]

        /// The ways in which lists are combined. The raw value is the function's name in `vt`.
        public enum Kind: String, Sendable {
            /// One list.
            case each
            /// Lists of the same length, element by element.
            case zip
            /// All combinations of elements, those of the last list fastest.
            case cross
        }

        /// A list of a level.
        public struct List {
            /// The value that has the list: the list itself or, on an inner level, a list of lists.
            public var source: Source
            /// The list of each outer level that it is an element of.
            public var outer: [Int]

            /// Creates a list from its fields.
            public init(source: Source, outer: [Int] = []) {
                self.source = source
                self.outer = outer
            }
        }

        /// Creates a level from its fields.
        public init(_ kind: Kind, _ lists: [List]) {
            self.kind = kind
            self.lists = lists
        }
    }
}

extension ModuleDefinition {
    /// The names of the outputs that a node with `on_error = "collect"` has in addition.
    static let collected = ["errors", "kept"]

    /// Returns the module of a node that computes this one for each element.
    ///
    /// - Parameters:
    ///   - levels: the number of levels; each makes a list of an output.
    ///   - depths: for each input, the number of levels that it gets elements of.
    ///   - collects: true to add the outputs `kept` and `errors`.
    func lifted(levels: Int, depths: [Int], collects: Bool) -> ModuleDefinition {
        var outputs = outputs.map { port in
            var list = port
            list.type = port.type.list(levels: levels)
            list.isOptional = false
            return list
        }
        if collects {
            outputs.append(Port(name: "errors", type: .list(.table)))
            outputs.append(Port(name: "kept", type: PortType.integer.list(levels: levels)))
        }
        return ModuleDefinition(
            name: name, version: version, doc: doc,
            inputs: zip(inputs, depths).map { port, depth in
                if depth == 0 { return port }
                var list = Port(name: port.name, type: port.type.list(levels: depth))
                list.doc = port.doc
                list.comparison = port.comparison
                return list
            }, outputs: outputs.sorted { $0.name < $1.name }, requires: requires,
            caching: caching, timeout: timeout, retries: retries, body: body, location: location)
    }
}

extension PortType {
    /// The type of lists of values of this type, or of lists of lists for several levels.
    func list(levels: Int) -> PortType {
        (0..<levels).reduce(self) { type, _ in .list(type) }
    }
}

extension Graph {
    /// The kind of value that gives the elements of an input.
    enum ElementSource { case lists, arrays }

    /// Throws if a source of elements is neither a list nor an array, or is a list that has elements of
    /// another type.
    func checkEach(_ source: Source, of node: Int, _ input: Int) throws -> ElementSource {
        guard let each = nodes[node].each, let (found, origin) = typeAndOrigin(of: source) else {
            return .lists
        }
        var type = found
        for _ in each.lists[input] {
            switch type {
            case .list(let element): type = element
            // The elements of an array are numbers, booleans or arrays.
            case .any: return .lists
            case .array: return .arrays
            default:
                throw WorkflowError(
                    "`\(nodes[node].name)`: input `\(each.element.inputs[input].name)` gets elements of "
                        + "a list, but \(origin) is \(found)"
                        + (found.isStream ? "; collect it with a node of `stream.to_list`" : ""))
            }
        }
        let port = each.element.inputs[input]
        guard !type.connects(to: port.type) else { return .lists }
        throw WorkflowError(
            "\(each.element.name): input `\(port.name)` takes \(port.type) for each element, but "
                + "\(origin) is \(found)")
    }

    /// Makes the module of a node compute once for each element of lists. Called before its inputs are
    /// connected.
    ///
    /// - Throws: ``WorkflowError`` if a module's output has the name of one that is added.
    public func setEach(_ each: Each, of node: Int) throws {
        if each.element.hasStreams {
            throw WorkflowError(
                "`\(nodes[node].name)`: \(each.element.streamPort ?? "a port") of \(each.element.name) is a "
                    + "stream; a module with streams cannot compute for each element of a list")
        }
        let collects = nodes[node].options.onError == .collect
        if collects {
            for name in ModuleDefinition.collected where each.element.outputIndex[name] != nil {
                throw WorkflowError(
                    "`\(nodes[node].name)`: on_error = \"collect\" adds the output `\(name)`, which "
                        + "\(each.element.name) has already; rename that one")
            }
        }
        nodes[node].each = each
        nodes[node].definition = each.element.lifted(
            levels: each.levels.count, depths: each.lists.map(\.count), collects: collects)
    }
}

extension Graph.Node {
    /// True if failed elements are left out of the outputs.
    var collects: Bool { each != nil && options.onError == .collect }
}
