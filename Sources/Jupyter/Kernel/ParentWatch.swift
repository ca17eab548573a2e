// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem

/// Detects that the Jupyter server that started the kernel has exited. Its process id is in
/// `JPY_PARENT_PID`.
struct ParentWatch: Sendable {
    private let server: pid_t
    /// True if the server is the direct parent. Its exit is then detected even if the process id is
    /// used again.
    private let isParent: Bool

    init() {
        server = environmentVariable("JPY_PARENT_PID").flatMap { pid_t($0) } ?? 0
        isParent = server > 1 && getppid() == server
    }

    /// True if the server has exited.
    var isGone: Bool {
        if isParent { return getppid() != server }
        return server > 1 && kill(server, 0) != 0 && errno == ESRCH
    }
}
