// SPDX-License-Identifier: BSD-3-Clause

/// A file that an input or an output of a node names, as the node met or left it.
public struct FileRecord: Sendable, Equatable {
    public var port: String
    public var isOutput: Bool
    /// As the module knows it: relative to the directory that the run was started in.
    public var path: String
    public var size: Int
    /// Of its content, in hexadecimal digits; nil of a large one that no key was made of.
    public var digest: String?

    public init(port: String, isOutput: Bool, path: String, size: Int, digest: String?) {
        self.port = port
        self.isOutput = isOutput
        self.path = path
        self.size = size
        self.digest = digest
    }
}
