// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import CVTSystem
internal import Glibc
internal import VTJupyter
internal import VTSystem

/// A process that waits for the end of an engine's supervisor, and unregisters the engine then.
/// Without it the Hub notices the death only after ten missing heartbeats.
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
        send(info.text + [UInt8(ascii: "\n")])
    }

    /// Ends the process. The engine ends regularly.
    deinit {
        close(socket)
        process.reap()
    }

    /// Notes the engine's id at the Hub; nil: it is not registered.
    func note(_ id: Int?) { send(Array("\(id ?? -1)\n".utf8)) }

    private func send(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { bytes in
            var part = iovec(
                iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress),
                iov_len: bytes.count)
            _ = vty_send(socket, &part, 1, nil, 0, Clock.now + Clock.second)
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
