// SPDX-License-Identifier: BSD-3-Clause

/// The version of the package.
public enum VTRuntimeVersion {
    /// Major, minor and patch number: `0.1.0`. Lua code reads it as `vt.version`.
    public static let text = "0.1.0"
}
