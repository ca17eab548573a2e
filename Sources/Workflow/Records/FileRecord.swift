// SPDX-License-Identifier: BSD-3-Clause

/// A file that an input or an output of a node names, as it was when the node read or wrote it.
public struct FileRecord: Sendable, Equatable {
    /// The name of the port.
    public var port: String
    /// True for an output, false for an input.
    public var isOutput: Bool
    /// The path as the module has it: relative to the working directory of the run.
    public var path: String
    /// The size in bytes.
    public var size: Int
    /// The digest of the content, in hexadecimal digits; nil for a large file that no key covers.
    public var digest: String?

    /// Creates a record from its fields.
    public init(port: String, isOutput: Bool, path: String, size: Int, digest: String?) {
        self.port = port
        self.isOutput = isOutput
        self.path = path
        self.size = size
        self.digest = digest
    }
}
