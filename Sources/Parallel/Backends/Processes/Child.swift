// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import CVTSystem
internal import VTSystem

/// A child process, as its parent holds it.
///
/// Unchecked: the page is shared memory, whose words are read and written atomically.
final class Child: @unchecked Sendable {
    let link: Link
    private let process: SpawnedProcess
    /// The memory that both processes share.
    let page: UnsafeMutablePointer<vtp_page>
    /// The descriptor of that memory.
    let pageDescriptor: Int32

    var pid: Int32 { process.pid }

    /// Starts a child of the program.
    ///
    /// - Throws: ``SystemError``.
    init(program: String, number: Int, options: WorkerOptions) throws {
        var ends: [Int32] = [-1, -1]
        guard vty_socket_pair(&ends) == 0 else { throw SystemError("cannot make a socket") }
        link = Link(ends[0])
        defer { close(ends[1]) }
        let memory = vty_memory_make(vtp_page_size())
        guard memory >= 0 else { throw SystemError("cannot make shared memory") }
        guard let mapped = vty_memory_map(memory, vtp_page_size(), true) else {
            close(memory)
            throw SystemError("cannot map shared memory")
        }
        page = mapped.bindMemory(to: vtp_page.self, capacity: 1)
        pageDescriptor = memory
        // The memory of a new file is zero.
        page.pointee.current = -1

        var spawn = Spawn(program, ["--worker", "\(number)", "\(getpid())"])
        spawn.environment = options.environment
        spawn.directory = options.directory
        spawn.channel = ends[1]
        spawn.output = options.output?.standard
        spawn.errors = options.output?.errors
        // The programs that it starts are of its session, whatever their process groups.
        spawn.hasSession = true
        // The first instruction of the child must not be interrupted by Ctrl-C.
        spawn.keepsInterrupt = true
        do {
            process = try SpawnedProcess(spawn)
        } catch {
            vty_memory_unmap(page, vtp_page_size())
            close(memory)
            throw error
        }
        // The page travels as the first descriptor, the table of slots as the second.
        var descriptors = [memory]
        if let slots = Slots.descriptor { descriptors.append(slots) }
        var byte: UInt8 = 0
        withUnsafeMutableBytes(of: &byte) { bytes in
            var part = iovec(iov_base: bytes.baseAddress, iov_len: 1)
            _ = vty_send(
                ends[0], &part, 1, descriptors, Int32(descriptors.count), Clock.now + Clock.second)
        }
    }

    deinit {
        kill()
        reap()
        vty_memory_unmap(page, vtp_page_size())
        close(pageDescriptor)
    }

    /// Takes the output of the task that it was running, which is kept when it dies.
    func takePrinted() -> [UInt8] {
        let most = Int(VTP_PRINTED) + Int(VTP_NOTES)
        let count = min(max(0, Int(vtp_load(&page.pointee.printed))), most)
        defer { vtp_store(&page.pointee.printed, 0) }
        return Array(UnsafeRawBufferPointer(start: vtp_page_printed(page), count: count))
    }

    /// True if the process has ended.
    var hasEnded: Bool { process.reapIfEnded() != nil }

    func signal(_ number: Int32) { process.signal(number) }

    /// Kills it and the programs that it has started.
    func kill() { process.kill() }

    /// Waits for its end, and kills the programs that it leaves. Only for a child that has ended or
    /// was killed.
    @discardableResult
    func reap() -> ProcessEnd {
        defer { vty_kill_session(pid) }
        return process.reap()
    }

    /// Waits for its end, and kills it at the deadline.
    @discardableResult
    func wait(until deadline: Int64) -> ProcessEnd { process.wait(until: deadline) }
}
