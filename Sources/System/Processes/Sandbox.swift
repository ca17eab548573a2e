// SPDX-License-Identifier: BSD-3-Clause

internal import CVTSystem

/// The rights of a process for the rest of its life: files by Landlock, other system calls by seccomp.
package struct Sandbox: Sendable {
    /// The kinds of access to what is at and below a path.
    package struct Access: OptionSet, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        package static let read = Access(rawValue: UInt32(VTY_SANDBOX_READ))
        package static let write = Access(rawValue: UInt32(VTY_SANDBOX_WRITE))
        package static let list = Access(rawValue: UInt32(VTY_SANDBOX_LIST))
        package static let execute = Access(rawValue: UInt32(VTY_SANDBOX_EXECUTE))
    }

    /// The paths that may be used. What is not below one of them is refused.
    package var rules: [(path: String, access: Access)] = []
    /// True if the process may use the network.
    package var allowsNetwork = false
    /// True if the process may start programs.
    package var allowsPrograms = false

    /// Refuses everything.
    package init() {}

    /// The reason why the kernel cannot enforce a sandbox; nil if it can.
    package static var objection: String? {
        if vty_landlock_version() == 0 {
            return "this kernel has no Landlock, or has switched it off: Linux 5.13 or newer with "
                + "`landlock` among its security modules is needed"
        }
        return vty_has_seccomp() ? nil : "this kernel has no seccomp filters"
    }

    /// Ends this process when its parent ends.
    ///
    /// - Returns: false if the parent has ended already.
    package static func endWithParent(_ parent: Int32) -> Bool { vty_end_with_parent(parent) }

    /// True if this process is in a sandbox.
    package static var isActive: Bool { vty_is_sandboxed() }
    /// True if this process is in a sandbox that refuses the network.
    package static var refusesNetwork: Bool { vty_sandbox_refuses_network() }
    /// True if this process is in a sandbox that refuses programs.
    package static var refusesPrograms: Bool { vty_sandbox_refuses_programs() }

    /// Restricts the files of this thread and of those that it starts. It can be called again, with fewer
    /// paths.
    ///
    /// - Throws: ``SystemError``.
    package func restrictThread() throws(SystemError) {
        let names = rules.map { strdup($0.path) }
        defer { for name in names { free(name) } }
        let entries = zip(names, rules).map {
            vty_sandbox_rule(path: $0, access: $1.access.rawValue)
        }
        let status = vty_sandbox_files(entries, entries.count, allowsNetwork)
        guard status == 0 else { throw SystemError("cannot restrict the files of the run", status) }
    }

    /// Restricts the system calls of this process, and notes the sandbox for messages.
    ///
    /// - Throws: ``SystemError``.
    package func restrictCalls() throws(SystemError) {
        let status = vty_sandbox_calls(allowsNetwork, allowsPrograms)
        guard status == 0 else {
            throw SystemError("cannot restrict the system calls of the run", status)
        }
        vty_sandbox_note(allowsNetwork, allowsPrograms)
        let allowed = (allowsNetwork ? "network " : "") + (allowsPrograms ? "programs" : "")
        setenv(Self.variable, allowed, 1)
    }

    /// Limits the private memory of this process, and the size of each file that it writes, in bytes.
    ///
    /// - Throws: ``SystemError``.
    package static func limit(memory: Int, fileSize: Int) throws(SystemError) {
        let status = vty_sandbox_limits(max(0, memory), max(0, fileSize))
        guard status == 0 else { throw SystemError("cannot limit the memory of the run", status) }
    }

    /// The variable by which processes that a sandboxed process starts know what it may do.
    private static let variable = "VTLUA_SANDBOX_ALLOWS"

    /// Notes, for messages, that this process was started in a sandbox.
    package static func noteInherited() {
        guard let allowed = getenv(variable).map({ String(cString: $0) }) else { return }
        let words = allowed.split(separator: " ")
        vty_sandbox_note(words.contains("network"), words.contains("programs"))
    }
}
