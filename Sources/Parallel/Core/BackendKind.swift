// SPDX-License-Identifier: BSD-3-Clause

/// A kind of workers. The raw value is what Lua code, records and reports show.
public enum BackendKind: String, Sendable, CaseIterable {
    /// On the caller's own thread.
    case serial
    /// Threads of this process.
    case threads
    /// Child processes.
    case processes
    /// Engines of an IPython cluster.
    case cluster
}
