// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem
internal import VTWorkflow

/// The part of a run's record that is not written yet.
struct RunLog {
    /// The description of the run and the settings at its start; nil when they are written.
    var beginning: (run: RunDescription, setting: Store.Setting)?
    /// The time when the run started, in seconds since 1970.
    var started = 0.0
    /// Nodes that have not run.
    var waiting: [(run: String, node: NodeRecord)] = []
    /// Nodes that have run.
    var nodes: [(run: String, node: NodeRecord)] = []
    /// Cached nodes.
    var cached: [CachedNode] = []
    /// The number of parts of the cached nodes that were written.
    var cachedParts = 0
    /// The names and durations, in seconds, of the nodes that the run has computed.
    var computed: [(node: String, seconds: Double)] = []
    /// The end of the run; nil while it goes on.
    var end: End?

    struct End {
        var run: String
        var status: RunStatus
        var seconds: Double
    }
}

/// A cached node of the current run that is not written yet.
struct CachedNode {
    var record: NodeRecord
    var run: String
    /// The run that computed the result; nil where the store has no such result.
    var origin: String?

    init(_ record: NodeRecord, run: String, origin: String?) {
        (self.record, self.run, self.origin) = (record, run, origin)
    }
}
