// SPDX-License-Identifier: BSD-3-Clause

/// A module's turn in a run, with its key.
public struct NodeRecord: Sendable {
    public var position: Int
    public var record: ModuleRecord
    public var key: KeyRecord?
    /// Seconds since 1970.
    public var started: Double
    /// Seconds of processor time.
    public var processor: Double
    /// The most memory that the process had held by then, in bytes.
    public var peak: Int
    /// Its inputs in a few words, where the key does not have them.
    public var inputs: [(name: String, value: String)]
    /// Its outputs in a few words.
    public var outputs: [(name: String, value: String)]
    public var files: [FileRecord]
}
