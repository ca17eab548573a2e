// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc

/// Sees when the notebook's server that started a kernel is gone: `JPY_PARENT_PID`.
struct ParentWatch: Sendable {
    private let server: pid_t
    /// Where the server is the parent itself, its end is seen whatever becomes of its number.
    private let isParent: Bool

    init() {
        server = environmentVariable("JPY_PARENT_PID").flatMap { pid_t($0) } ?? 0
        isParent = server > 1 && getppid() == server
    }

    var isGone: Bool {
        if isParent { return getppid() != server }
        return server > 1 && kill(server, 0) != 0 && errno == ESRCH
    }
}
