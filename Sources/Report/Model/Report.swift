// SPDX-License-Identifier: BSD-3-Clause

public import VTParallel
public import VTStore
public import VTWorkflow

/// A report about a run on record, with the values of its outputs.
public struct Report {
    /// The run that the report is about.
    public var run: StoredRun
    /// The nodes of the run, in the order of the plan.
    public var nodes: [Node]

    /// A node of the run.
    public struct Node {
        /// The outcome of the node, with its key and the resources that it used.
        public var record: StoredNode
        /// The parallel calls of the node.
        public var calls: [CallRecord]
        /// The outputs with their values, in the order of the module's ports.
        public var outputs: [Output]

        /// The elements of the node, in the order of their places; empty for a module that computes
        /// once.
        public var elements: [ElementRecord]

        /// Creates a node from its fields.
        public init(
            record: StoredNode, calls: [CallRecord], outputs: [Output],
            elements: [ElementRecord] = []
        ) {
            self.record = record
            self.calls = calls
            self.outputs = outputs
            self.elements = elements
        }
    }

    /// An output of a node.
    public struct Output {
        /// The port's name.
        public var name: String
        /// The short text for the value that is on record.
        public var brief: String
        /// The value; nil where the store does not have it.
        public var value: Value?

        /// Creates an output from its fields.
        public init(name: String, brief: String, value: Value?) {
            self.name = name
            self.brief = brief
            self.value = value
        }
    }

    /// The part of a value that the page shows.
    public enum Value {
        /// The start of a text; `count` is the number of all its characters.
        case text(String, count: Int)
        /// The first values of a list; `count` is the number of all.
        case list([String], count: Int)
        /// A list of rows.
        case table(Table)
        /// An SVG document.
        case svg(String)
        /// The path of a file, with the present state of the file.
        case file(File)
    }

    /// The first rows of a table.
    public struct Table {
        /// The names of the columns.
        public var columns: [String]
        /// The first rows, each with a text for every column.
        public var rows: [[String]]
        /// The number of all rows.
        public var count: Int
        /// The indices of columns whose values are numbers.
        public var numeric: Set<Int>

        /// Creates a table from its fields.
        public init(columns: [String], rows: [[String]], count: Int, numeric: Set<Int>) {
            self.columns = columns
            self.rows = rows
            self.count = count
            self.numeric = numeric
        }
    }

    /// A file that an output names.
    public struct File {
        /// The path on record.
        public var path: String
        /// The size in bytes; nil where the file does not exist.
        public var size: Int?
        /// True if the file was written after the node had ended.
        public var isNewer: Bool
        /// The content of a picture that is not too large.
        public var picture: Picture?

        /// Creates a file from its fields.
        public init(path: String, size: Int?, isNewer: Bool, picture: Picture?) {
            self.path = path
            self.size = size
            self.isNewer = isNewer
            self.picture = picture
        }
    }

    /// An image in a format that browsers show.
    public struct Picture: Hashable {
        /// The media type, such as `image/png`.
        public var mediaType: String
        /// The content of the file.
        public var bytes: [UInt8]

        /// Creates a picture from its fields.
        public init(mediaType: String, bytes: [UInt8]) {
            self.mediaType = mediaType
            self.bytes = bytes
        }
    }

    /// Creates a report from its fields.
    public init(run: StoredRun, nodes: [Node]) {
        self.run = run
        self.nodes = nodes
    }
}
