// SPDX-License-Identifier: BSD-3-Clause

/// A library from outside the project that was loaded when a node ended: a rock, a C library or
/// another file that `require` found.
public struct LibraryRecord: Sendable, Hashable {
    /// The name that `require` was given.
    public var name: String
    /// The path of the file.
    public var file: String
    /// The digest of the file's content, in hexadecimal digits; nil where it cannot be read.
    public var digest: String?
    /// The version that the library or the path of its rock states.
    public var version: String?

    /// Creates a record from its fields.
    public init(name: String, file: String, digest: String?, version: String?) {
        self.name = name
        self.file = file
        self.digest = digest
        self.version = version
    }
}
