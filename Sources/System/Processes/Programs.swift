// SPDX-License-Identifier: BSD-3-Clause

internal import CVTSystem

/// The programs that Lua code of this process has started and that still run.
package enum Programs {
    /// Ends them with this process: a signal that ends it by its default action, such as SIGTERM,
    /// is sent to their process groups first. For a program's `main`.
    package static func endWithProcess() { vty_programs_end_with_process() }

    /// Kills them, with everything of their process groups. Before this process ends at once.
    package static func killAll() { vty_programs_signal(SIGKILL) }
}
