// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import CVTSystem
internal import Glibc
internal import VTJupyter
internal import VTSystem

/// Sees to it that the death of a whole engine is told at once: a process that does nothing but
/// wait for the supervisor's end, and tells the Hub then. Without it the Hub would miss ten
/// heartbeats first.
///
/// It belongs to the supervisor's thread.
final class EngineWatcher {
    private let socket: Int32
    private let process: SpawnedProcess
    private static let word = "--engine-watcher"

    /// Starts the process.
    ///
    /// - Throws: ``SystemError``.
    init(program: String, _ info: ConnectionInfo) throws {
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
        say(info.text + [UInt8(ascii: "\n")])
    }

    /// The engine's end is no surprise any more.
    deinit {
        close(socket)
        process.reap()
    }

    /// What the Hub knows the engine by now; nil: nothing.
    func note(_ id: Int?) { say(Array("\(id ?? -1)\n".utf8)) }

    private func say(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            var part = iovec(
                iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress),
                iov_len: bytes.count)
            _ = vty_send(socket, &part, 1, nil, 0, Clock.now + Clock.second)
        }
    }

    // MARK: The process

    /// If this process was started to be a watcher, it is one, and never returns. To be called
    /// before anything else.
    static func runIfAsked() {
        guard CommandLine.argc == 2, let asked = CommandLine.unsafeArgv[1],
            strcmp(asked, word) == 0
        else { return }
        for number in [SIGINT, SIGHUP, SIGPIPE] { signal(number, SIG_IGN) }
        ChildProcess.checkChannel(word)
        watch()
        _exit(0)
    }

    private static func watch() {
        var lines = LineReader(descriptor: ChildProcess.channel)
        guard let text = lines.next(),
            let info = try? ConnectionInfo(parsing: text, role: .engine, source: "the engine"),
            let unregistration = try? EngineUnregistration(info)
        else { return }
        var id = -1
        while let line = lines.next() { id = Int(String(decoding: line, as: UTF8.self)) ?? -1 }
        if id >= 0 { unregistration.send(id) }
    }
}

/// Lines from a descriptor.
private struct LineReader {
    let descriptor: Int32
    private var held: [UInt8] = []

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// The next one, without its end; nil at the end.
    mutating func next() -> [UInt8]? {
        while true {
            if let end = held.firstIndex(of: UInt8(ascii: "\n")) {
                defer { held.removeSubrange(...end) }
                return Array(held[..<end])
            }
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = read(descriptor, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            held += bytes.prefix(count)
        }
    }
}
