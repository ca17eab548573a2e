// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import CVTSystem
internal import VTJupyter
internal import VTSystem

/// A process that waits for the end of an engine's supervisor, and unregisters the engine then.
/// Without it the Hub notices the death only after ten missing heartbeats.
///
/// It belongs to the supervisor's thread.
final class EngineWatcher {
    private let socket: Int32
    private let process: SpawnedProcess
    /// The calls of the engine.
    let calls: CallTable
    private static let word = "--engine-watcher"

    /// Starts the process.
    ///
    /// - Throws: ``SystemError``.
    init(program: String, _ info: ConnectionInfo) throws {
        calls = try CallTable()
        var ends: [Int32] = [-1, -1]
        guard vty_socket_pair(&ends) == 0 else { throw SystemError("cannot make a socket") }
        defer { close(ends[1]) }
        socket = ends[0]
        var spawn = Spawn(program, [Self.word])
        spawn.channel = ends[1]
        spawn.keepsInterrupt = true
        do {
            process = try SpawnedProcess(spawn)
        } catch {
            close(socket)
            throw error
        }
        send(info.text + [UInt8(ascii: "\n")], calls.descriptor)
    }

    /// Ends the process. The engine ends regularly.
    deinit {
        close(socket)
        process.reap()
    }

    /// Notes the engine's id at the Hub and its identity; nil: it is not registered.
    func note(_ id: Int?, _ uuid: String = "") { send(Array("engine \(id ?? -1) \(uuid)\n".utf8)) }

    /// Follows the worker, by the page that it shares with the supervisor.
    func follow(_ worker: EngineWorker) {
        send(Array("worker \(worker.pid)\n".utf8), worker.child.pageDescriptor)
    }

    private func send(_ bytes: [UInt8], _ descriptor: Int32? = nil) {
        bytes.withUnsafeBytes { bytes in
            var part = iovec(
                iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress),
                iov_len: bytes.count)
            let descriptors = descriptor.map { [$0] } ?? []
            _ = vty_send(
                socket, &part, 1, descriptors, Int32(descriptors.count), Clock.now + Clock.second)
        }
    }

    // MARK: The process

    /// Runs this process as a watcher if it was started as one, and never returns then. It must be
    /// called before anything else.
    static func runIfAsked(refused: (String) -> Void) {
        guard CommandLine.argc == 2, let asked = CommandLine.unsafeArgv[1],
            strcmp(asked, word) == 0
        else { return }
        for number in [SIGINT, SIGHUP, SIGPIPE] { signal(number, SIG_IGN) }
        ChildProcess.checkChannel(word, refused)
        watch()
        _exit(0)
    }

    private static func watch() {
        var lines = LineReader(descriptor: ChildProcess.channel)
        guard let text = lines.next(), let memory = lines.takeDescriptor(),
            let calls = try? CallTable(memory),
            let info = try? ConnectionInfo(parsing: text, role: .engine, source: "the engine"),
            let unregistration = try? EngineUnregistration(info)
        else { return }
        var id = -1
        var uuid = ""
        var worker: Worker?
        while let line = lines.next() {
            let words = String(decoding: line, as: UTF8.self).split(separator: " ")
            switch words.first {
            case "engine":
                id = words.count > 1 ? Int(words[1]) ?? -1 : -1
                uuid = words.count > 2 ? String(words[2]) : ""
            case "worker":
                worker = Worker(
                    words.count > 1 ? Int32(words[1]) ?? 0 : 0, lines.takeDescriptor() ?? -1)
            default: break
            }
        }
        guard id >= 0 else { return }
        let running = worker?.end()
        let origin = running.flatMap { calls.origin(ofCall: $0.call) }
        for client in calls.clients {
            unregistration.notify(
                client, uuid: uuid,
                running: client == origin?.client ? (origin?.job ?? 0, running?.task ?? 0) : nil)
        }
        unregistration.send(id)
    }

    /// The worker of a supervisor that has ended.
    private struct Worker {
        private let pid: Int32
        private let page: UnsafeMutablePointer<vtp_page>

        init?(_ pid: Int32, _ descriptor: Int32) {
            let size = MemoryLayout<vtp_page>.size
            guard pid > 1, let base = vty_memory_map(descriptor, size, true) else { return nil }
            close(descriptor)
            self.pid = pid
            page = base.bindMemory(to: vtp_page.self, capacity: 1)
        }

        /// Ends the worker, which begins no other task then.
        ///
        /// - Returns: the call, by the engine's number, and the task that it was running.
        func end() -> (call: Int64, task: Int) {
            kill(pid, SIGKILL)
            for _ in 0..<20 where kill(pid, 0) == 0 { usleep(1000) }
            return (vtp_load(&page.pointee.call), Int(vtp_load(&page.pointee.current)))
        }
    }
}

/// Lines from a socket, and descriptors that come with them.
private struct LineReader {
    let descriptor: Int32
    private var held: [UInt8] = []
    private var descriptors: [Int32] = []

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// The next one, without its end; nil at the end.
    mutating func next() -> [UInt8]? {
        while true {
            if let end = held.firstIndex(of: UInt8(ascii: "\n")) {
                defer { held.removeSubrange(...end) }
                return Array(held[..<end])
            }
            var bytes = [UInt8](repeating: 0, count: 4096)
            var received = [Int32](repeating: -1, count: 16)
            var number: Int32 = 16
            let count = vty_receive(descriptor, &bytes, bytes.count, &received, &number, true)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            held += bytes.prefix(count)
            descriptors += received.prefix(Int(number))
        }
    }

    /// The oldest descriptor that was received and not taken.
    mutating func takeDescriptor() -> Int32? {
        descriptors.isEmpty ? nil : descriptors.removeFirst()
    }
}
