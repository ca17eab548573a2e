// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

/// The changes of scripts and modules to the environment, as far as a run knows.
struct EnvironmentState {
    var hash: UInt64?
    /// The changed fields, such as `_G.K`, with their values.
    var changes: [String: LuaReference] = [:]
}
