// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import Glibc

/// A child process as its parent holds it: started, stopped, and its end explained.
///
/// Unchecked: the process number is used under the lock only, so that no signal goes to a process
/// that was reaped; the page is shared memory by nature.
final class Child: @unchecked Sendable {
    let link: Link
    let pid: pid_t
    /// What both sides see.
    let page: UnsafeMutablePointer<vtp_page>
    private let isReaped = Monitor(false)
    private var end: Int32 = 0

    /// Starts a child of the program.
    ///
    /// - Throws: ``SystemError``.
    init(program: String, number: Int, options: WorkerOptions) throws {
        var ends: [Int32] = [-1, -1]
        guard vtp_socket_pair(&ends) == 0 else { throw SystemError("cannot make a socket", errno) }
        link = Link(ends[0])
        defer { close(ends[1]) }
        let memory = vtp_memory_make(MemoryLayout<vtp_page>.size)
        guard memory >= 0 else { throw SystemError("cannot make shared memory", errno) }
        defer { close(memory) }
        guard let mapped = vtp_memory_map(memory, MemoryLayout<vtp_page>.size, true) else {
            throw SystemError("cannot map shared memory", errno)
        }
        page = mapped.bindMemory(to: vtp_page.self, capacity: 1)
        page.initialize(to: vtp_page(call: 0, current: -1, cancel_call: 0, cancel_from: 0))

        let arguments = [program, "--worker", "\(number)", "\(getpid())"]
        var child: pid_t = 0
        let status = withCStrings(arguments) { arguments in
            withCStrings(environment(setting: options.environment)) { environment in
                vtp_spawn(
                    program, arguments, environment, options.directory, ends[1],
                    [options.output?.standard ?? -1, options.output?.errors ?? -1], &child)
            }
        }
        pid = child
        if status != 0 {
            // There is nobody to be ended: 0 would be this process's whole group.
            isReaped.withLock { $0 = true }
            let place = options.directory.map { " in '\($0)'" } ?? ""
            throw SystemError("cannot start '\(program)'\(place)", status)
        }
        // The page travels as the first descriptor.
        var descriptor = memory
        var byte: UInt8 = 0
        withUnsafeMutableBytes(of: &byte) { bytes in
            var part = iovec(iov_base: bytes.baseAddress, iov_len: 1)
            _ = vtp_send(ends[0], &part, 1, &descriptor, 1, vtp_now() + Clock.second)
        }
    }

    deinit {
        kill()
        _ = reap()
        vtp_memory_unmap(page, MemoryLayout<vtp_page>.size)
    }

    func signal(_ number: Int32) {
        isReaped.withLock { if !$0 { Glibc.kill(pid, number) } }
    }

    /// Ends it, and the programs that it has started.
    func kill() { isReaped.withLock { if !$0 { Glibc.kill(-pid, SIGKILL) } } }

    /// How it ended: its exit code, or the negative of a signal's number. Waits for a moment only:
    /// call it when the child has ended or was killed.
    func reap() -> Int32 {
        isReaped.withLock { isReaped in
            if !isReaped {
                vtp_reap(pid, true, &end)
                isReaped = true
            }
            return end
        }
    }

    /// Waits for its end, and kills it at the deadline.
    func wait(until deadline: Int64) -> Int32 {
        while vtp_now() < deadline {
            let isOver = isReaped.withLock { isReaped in
                if !isReaped { isReaped = vtp_reap(pid, false, &end) }
                return isReaped
            }
            if isOver { return end }
            usleep(200)
        }
        kill()
        return reap()
    }

    /// "ended with exit code 3", "was killed by SIGSEGV"
    static func explain(_ end: Int32) -> String {
        if end >= 0 { return "ended with exit code \(end)" }
        let name = vtp_signal_name(-end).map { String(cString: $0) } ?? "signal \(-end)"
        return "was ended by \(name)"
    }
}
