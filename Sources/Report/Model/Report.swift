// SPDX-License-Identifier: BSD-3-Clause

public import VTParallel
public import VTStore

/// A run on record, with the values of its outputs, as one HTML file that needs nothing else.
public struct Report {
    public var run: StoredRun
    public var nodes: [Node]

    /// A module's turn.
    public struct Node {
        public var record: StoredNode
        public var calls: [CallRecord]
        public var outputs: [Output]

        public init(record: StoredNode, calls: [CallRecord], outputs: [Output]) {
            self.record = record
            self.calls = calls
            self.outputs = outputs
        }
    }

    /// An output of a node.
    public struct Output {
        public var name: String
        /// In a few words, as it is on record.
        public var brief: String
        /// Nil where the value was not kept.
        public var value: Value?

        public init(name: String, brief: String, value: Value?) {
            self.name = name
            self.brief = brief
            self.value = value
        }
    }

    /// A value, as far as a page shows it.
    public enum Value {
        /// `count` is that of all its characters.
        case text(String, count: Int)
        /// The first values of a list; `count` is that of all.
        case list([String], count: Int)
        case table(Table)
        /// A document of SVG.
        case svg(String)
        case file(File)
    }

    public struct Table {
        public var columns: [String]
        /// The first rows.
        public var rows: [[String]]
        /// How many there are.
        public var count: Int
        /// Columns whose values are numbers.
        public var numeric: Set<Int>

        public init(columns: [String], rows: [[String]], count: Int, numeric: Set<Int>) {
            self.columns = columns
            self.rows = rows
            self.count = count
            self.numeric = numeric
        }
    }

    public struct File {
        public var path: String
        /// Nil where it is not there.
        public var size: Int?
        /// Whether it was written after the node had ended.
        public var isNewer: Bool
        /// Where it is a picture that is not too large.
        public var picture: Picture?

        public init(path: String, size: Int?, isNewer: Bool, picture: Picture?) {
            self.path = path
            self.size = size
            self.isNewer = isNewer
            self.picture = picture
        }
    }

    public struct Picture: Hashable {
        /// Such as `image/png`.
        public var mediaType: String
        public var bytes: [UInt8]

        public init(mediaType: String, bytes: [UInt8]) {
            self.mediaType = mediaType
            self.bytes = bytes
        }
    }

    public init(run: StoredRun, nodes: [Node]) {
        self.run = run
        self.nodes = nodes
    }
}
