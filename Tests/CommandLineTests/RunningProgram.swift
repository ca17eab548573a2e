// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Glibc
import Synchronization

/// The bound of each wait in these tests. It only ends a test that hangs; no test measures time.
let hangLimit = Duration.seconds(120)

/// Waits until the condition holds; returns false when it does not within `hangLimit`.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = ContinuousClock.now + hangLimit
    while try !condition() {
        if ContinuousClock.now > deadline { return false }
        usleep(5000)
    }
    return true
}

/// Gives a program that has just announced a blocking call the time to begin it. The call cannot be
/// seen from here; the result must be the same before it.
func letItBlock() { usleep(100_000) }

/// A running program. It is killed, with everything it has started, when its last owner is gone.
final class RunningProgram {
    let pid: pid_t
    private var input: Int32
    private var output: Int32
    private var error: Int32
    private var ended: Program.End?
    /// What was read and not yet asked for.
    private var pending: [UInt8] = []

    /// One starts at a time: no end of a pipe is without FD_CLOEXEC when another one starts.
    private static let starting = Mutex(())
    private static let ignoreBrokenPipes: Void = { Glibc.signal(SIGPIPE, SIG_IGN) }()

    init(_ program: Program, _ arguments: [Bytes], terminal: Bool) throws {
        // A program may end before it has read everything.
        Self.ignoreBrokenPipes
        (pid, input, output, error) = try Self.starting.withLock { _ in
            try terminal
                ? Self.startOnTerminal(program, arguments) : Self.start(program, arguments)
        }
    }

    deinit {
        if ended == nil {
            kill(-pid, SIGKILL)
            var status: Int32 = 0
            waitpid(pid, &status, 0)
        }
        close(input)
        if output != input { close(output) }
        close(error)
    }

    // MARK: - Talking to it

    func write(_ bytes: Bytes) throws {
        var rest = bytes.bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count < 0 { throw SystemError("write") }
            rest = rest.dropFirst(count)
        }
    }

    /// Closes its standard input.
    func endInput() {
        guard input != output, input >= 0 else { return }
        close(input)
        input = -1
    }

    /// Reads its output up to and including `text`, and returns what came before; all that was
    /// read when it never comes.
    func read(until text: String, timeout: Duration = hangLimit) throws -> String {
        let deadline = ContinuousClock.now + timeout
        let wanted = Array(text.utf8)
        while true {
            if let range = pending.firstRange(of: wanted) {
                defer { pending.removeSubrange(..<range.upperBound) }
                return String(decoding: pending[..<range.upperBound], as: UTF8.self)
            }
            guard try poll([output], until: deadline).contains(output),
                let more = Self.read(output)
            else {
                defer { pending = [] }
                return String(decoding: pending, as: UTF8.self)
            }
            pending += more
        }
    }

    func signal(_ number: Int32) { kill(pid, number) }

    /// Sends a signal and waits until it is no longer pending: while it is, the system merges a
    /// second one of its kind with it.
    func signalAndWait(_ number: Int32) -> Bool {
        signal(number)
        return eventually { !isPending(number) }
    }

    /// Whether a signal waits for a thread of the process that takes it.
    private func isPending(_ number: Int32) -> Bool { isIn("ShdPnd", number) }

    /// Whether the process has a function of its own for a signal.
    func catches(_ number: Int32) -> Bool { isIn("SigCgt", number) }

    /// Whether a signal is in the set that the process's status shows under this name.
    private func isIn(_ set: String, _ number: Int32) -> Bool {
        let status = FileManager.default.contents(atPath: "/proc/\(pid)/status") ?? Data()
        let line = String(decoding: status, as: UTF8.self).split(separator: "\n").first {
            $0.hasPrefix("\(set):\t")
        }
        guard let line, let signals = UInt64(line.dropFirst(set.count + 2), radix: 16) else {
            return false
        }
        return signals & (1 << UInt64(number - 1)) != 0
    }

    /// Waits until its main thread, which runs Lua, sleeps in a call: in twenty looks one after another.
    func waitUntilItSleeps() -> Bool {
        var looks = 0
        return eventually {
            let stat =
                FileManager.default.contents(atPath: "/proc/\(pid)/task/\(pid)/stat") ?? Data()
            // After the name in parentheses.
            let state = String(decoding: stat, as: UTF8.self).drop { $0 != ")" }.dropFirst(2).first
            looks = state == "S" ? looks + 1 : 0
            return looks == 20
        }
    }

    /// Waits for its end; kills it when the end does not come.
    func end(timeout: Duration = hangLimit) throws -> Program.End {
        let deadline = ContinuousClock.now + timeout
        while true {
            if let ended { return ended }
            var status: Int32 = 0
            let found = try SystemError.check("waitpid", waitpid(pid, &status, WNOHANG))
            if found == pid {
                let number = status & 0x7f  // WTERMSIG
                ended = number == 0 ? .exit((status >> 8) & 0xff) : .signal(number)
            } else if ContinuousClock.now > deadline {
                kill(-pid, SIGKILL)
                waitpid(pid, &status, 0)
                ended = .timeout
            } else {
                usleep(1000)
            }
        }
    }

    /// Writes the input and reads everything until the program's end.
    func finish(
        input text: Bytes = "", timeout: Duration = hangLimit
    ) throws -> Program.Outcome {
        let deadline = ContinuousClock.now + timeout
        var rest = text.bytes[...]
        var output = pending
        var error: [UInt8] = []
        var open = Set([self.output, self.error])
        if rest.isEmpty { endInput() }
        while !open.isEmpty {
            let ready = try poll(Array(open), writing: input >= 0 ? input : nil, until: deadline)
            if ready.isEmpty { break }
            if ready.contains(input), input >= 0 {
                // No more than a pipe takes at once.
                let part = rest.prefix(4096)
                let count = part.withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
                rest = count > 0 ? rest.dropFirst(count) : []  // it does not listen any more
                if rest.isEmpty { endInput() }
            }
            for stream in open where ready.contains(stream) {
                guard let more = Self.read(stream) else {
                    open.remove(stream)
                    continue
                }
                if stream == self.output { output += more } else { error += more }
            }
        }
        let left = deadline - ContinuousClock.now
        let end = try end(timeout: max(left, .zero))
        return Program.Outcome(output: Bytes(output), error: Bytes(error), end: end)
    }

    // MARK: - The system's side

    /// The streams on which something happens before the deadline.
    private func poll(
        _ reading: [Int32], writing: Int32? = nil, until deadline: ContinuousClock.Instant
    ) throws -> Set<Int32> {
        var streams = reading.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        if let writing { streams.append(pollfd(fd: writing, events: Int16(POLLOUT), revents: 0)) }
        while true {
            let left = (deadline - ContinuousClock.now) / .milliseconds(1)
            if left <= 0 { return [] }
            let count = Glibc.poll(&streams, nfds_t(streams.count), Int32(min(left + 1, 1e6)))
            if count < 0, errno == EINTR { continue }
            try SystemError.check("poll", count)
            return Set(streams.filter { $0.revents != 0 }.map(\.fd))
        }
    }

    /// What there is to read; nil at the end.
    private static func read(_ stream: Int32) -> [UInt8]? {
        var block = [UInt8](repeating: 0, count: 65536)
        let count = Glibc.read(stream, &block, block.count)
        return count > 0 ? Array(block[..<count]) : nil
    }

    private static func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        try SystemError.check("pipe", Glibc.pipe(&ends))
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    /// `posix_spawn_file_actions_addchdir_np`, which Swift's view of glibc lacks.
    private static func changeDirectory(
        _ actions: inout posix_spawn_file_actions_t, _ directory: String
    ) throws {
        typealias Change =
            @convention(c) (
                UnsafeMutablePointer<posix_spawn_file_actions_t>, UnsafePointer<CChar>
            ) -> Int32
        guard let found = dlsym(nil, "posix_spawn_file_actions_addchdir_np") else {
            throw SystemError("posix_spawn_file_actions_addchdir_np", ENOSYS)
        }
        // The function's own type, as <spawn.h> declares it.
        let failure = unsafeBitCast(found, to: Change.self)(&actions, directory)
        if failure != 0 { throw SystemError("chdir", failure) }
    }

    private typealias Started = (pid: pid_t, input: Int32, output: Int32, error: Int32)

    private static func start(_ program: Program, _ arguments: [Bytes]) throws -> Started {
        let (input, output, error) = try (pipe(), pipe(), pipe())
        let theirs = [input.read, output.write, error.write]
        defer { for end in theirs { close(end) } }
        let pid = try spawn(program, arguments, session: false) { actions in
            for (number, end) in theirs.enumerated() {
                posix_spawn_file_actions_adddup2(&actions, end, Int32(number))
            }
        }
        return (pid, input.write, output.read, error.read)
    }

    private static func startOnTerminal(
        _ program: Program, _ arguments: [Bytes]
    ) throws -> Started {
        var name = [CChar](repeating: 0, count: 128)
        var (controller, terminal): (Int32, Int32) = (-1, -1)
        try SystemError.check("openpty", openpty(&controller, &terminal, &name, nil, nil))
        defer { close(terminal) }
        for end in [controller, terminal] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // By default Ctrl-C discards input and output that are on their way, so that what a test
        // reads depends on the moment.
        var mode = termios()
        try SystemError.check("tcgetattr", tcgetattr(terminal, &mode))
        mode.c_lflag |= tcflag_t(NOFLSH)
        try SystemError.check("tcsetattr", tcsetattr(terminal, TCSANOW, &mode))
        let pid = try spawn(program, arguments, session: true) { actions in
            // The first terminal that a session opens becomes its own.
            posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
            posix_spawn_file_actions_adddup2(&actions, 0, 1)
            posix_spawn_file_actions_adddup2(&actions, 0, 2)
        }
        return (pid, controller, controller, -1)
    }

    private static func spawn(
        _ program: Program, _ arguments: [Bytes], session: Bool,
        streams: (inout posix_spawn_file_actions_t) -> Void
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        streams(&actions)
        if let directory = program.directory { try changeDirectory(&actions, directory) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group or a session of its own, to be killed as one.
        let group = session ? 0x80 : POSIX_SPAWN_SETPGROUP  // POSIX_SPAWN_SETSID
        let flags = Int32(group) | Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK)
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for number in [SIGINT, SIGPIPE, SIGTERM, SIGQUIT] { sigaddset(&signals, number) }
        posix_spawnattr_setsigdefault(&attributes, &signals)

        // The result must not depend on the user's settings, terminal or running clusters.
        let settings = ["COLUMNS", "FORCE_COLOR", "LANG", "LANGUAGE", "LINES", "NO_COLOR", "TZ"]
        var environment = ProcessInfo.processInfo.environment.filter { name, _ in
            !name.hasPrefix("LUA") && !name.hasPrefix("LC_") && !settings.contains(name)
        }
        environment["TERM"] = "xterm"
        environment["IPYTHONDIR"] = "/nonexistent/ipython"
        for (name, value) in program.environment { environment[name] = value }
        let words = [Bytes(program.name ?? program.path)] + arguments
        var argv = words.map { strdup($0.bytes.map { CChar(bitPattern: $0) } + [0]) } + [nil]
        var envp = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for word in argv + envp { free(word) } }
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, program.path, &actions, &attributes, &argv, &envp)
        guard failure == 0 else { throw SystemError("cannot run \(program.path)", failure) }
        return pid
    }
}
