// SPDX-License-Identifier: BSD-3-Clause

import Synchronization
import VTRuntime
import VTSystem

/// A terminal for input and drawing.
final class Console {
    let input: Int32
    let output: Int32
    let hasColour: Bool
    /// Bytes that were read but not used yet.
    private var pending: ArraySlice<UInt8> = []
    private var isRaw = false
    private let ownsDescriptor: Bool

    private init(input: Int32, output: Int32, ownsDescriptor: Bool = false) {
        self.input = input
        self.output = output
        self.ownsDescriptor = ownsDescriptor
        let noColour = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
        hasColour = !noColour
    }

    deinit {
        if ownsDescriptor { close(input) }
    }

    /// The terminal of the standard streams; nil if they are not a terminal, or it cannot redraw
    /// lines.
    static func ofStandardStreams() -> Console? {
        guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, canDraw else { return nil }
        return Console(input: STDIN_FILENO, output: STDOUT_FILENO)
    }

    /// The controlling terminal of the process, even when its streams are redirected.
    static func ofProcess() -> Console? {
        guard canDraw else { return nil }
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard terminal >= 0 else { return nil }
        return Console(input: terminal, output: terminal, ownsDescriptor: true)
    }

    private static var canDraw: Bool {
        guard let kind = getenv("TERM") else { return false }
        return kind.pointee != 0 && strcmp(kind, "dumb") != 0
    }

    // MARK: Drawing

    var size: (rows: Int, columns: Int) {
        var size = winsize()
        guard ioctl(output, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
            return (24, 80)
        }
        return (max(3, Int(size.ws_row)), max(10, Int(size.ws_col)))
    }

    /// Writes the text after flushing the output of scripts.
    func write(_ text: String) {
        flushOutput()
        var text = Secrets.masked(text)
        text.withUTF8 { bytes in
            var rest = UnsafeRawBufferPointer(bytes)
            while !rest.isEmpty {
                let count = VTSystem.write(output, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                if count < 0, errno == EAGAIN {
                    var ready = pollfd(fd: output, events: Int16(POLLOUT), revents: 0)
                    poll(&ready, 1, 100)
                    continue
                }
                guard count > 0 else { return }
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            }
        }
    }

    /// Moves to a new line unless the cursor is at the start of a line: a mark and spaces as wide
    /// as the terminal wrap to the next line only if the line was not empty.
    func beginLine() {
        let mark = hasColour ? "\u{1B}[7m%\u{1B}[0m" : "%"
        write(mark + String(repeating: " ", count: size.columns - 1) + "\r\u{1B}[J")
    }

    // MARK: Reading

    /// The next byte, or the reason why there is none.
    ///
    /// - Parameter timeout: milliseconds; -1 waits.
    func byte(timeout: Int32 = -1) -> Input {
        if !pending.isEmpty { return .byte(pending.removeFirst()) }
        while true {
            if Self.wasResized.exchange(false, ordering: .relaxed) { return .resized }
            var ready = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
            let count = poll(&ready, 1, timeout)
            if count < 0, errno == EINTR {
                // The run that contains this prompt must end.
                if Signals.hasArrived { return .end }
                continue
            }
            if count == 0 { return .nothing }
            var chunk = [UInt8](repeating: 0, count: 65536)
            let length = read(input, &chunk, chunk.count)
            if length < 0, errno == EINTR || errno == EAGAIN { continue }
            guard length > 0 else { return .end }
            pending = chunk[..<length]
            return .byte(pending.removeFirst())
        }
    }

    /// Returns true if Ctrl-C is in the input. Removes it and the input before it.
    func takeInterrupt() -> Bool {
        var ready = pollfd(fd: input, events: Int16(POLLIN), revents: 0)
        while poll(&ready, 1, 0) > 0 {
            var chunk = [UInt8](repeating: 0, count: 4096)
            let length = read(input, &chunk, chunk.count)
            guard length > 0 else { break }
            pending += chunk[..<length]
        }
        guard let place = pending.lastIndex(of: 3) else { return false }
        pending.removeSubrange(...place)
        return true
    }

    enum Input: Equatable {
        case byte(UInt8)
        case nothing, resized, end
    }

    /// The bytes before `mark`: the pasted text.
    func bytes(until mark: [UInt8]) -> [UInt8] {
        var taken: [UInt8] = []
        while true {
            if !pending.isEmpty {
                let scanned = max(0, taken.count - mark.count)
                taken += pending
                pending = []
                if let place = taken[scanned...].firstIndex(of: mark) {
                    pending = taken[(place + mark.count)...]
                    return Array(taken[..<place])
                }
            }
            switch byte(timeout: 2000) {
            case .byte(let byte): pending.insert(byte, at: pending.startIndex)
            case .resized: continue
            case .nothing, .end: return taken  // the terminal did not send the mark
            }
        }
    }

    // MARK: Modes

    private static let wasResized = Atomic<Bool>(false)
    /// The terminal mode to restore, for the signal handler.
    nonisolated(unsafe) private static let shared: UnsafeMutablePointer<termios> = .allocate(
        capacity: 1)
    private static let rawDescriptor = Atomic<Int32>(-1)

    /// Switches to single keys without echo, including Ctrl-C, and to marked pasted text.
    func enterRawMode() {
        guard !isRaw else { return }
        var mode = termios()
        guard tcgetattr(input, &mode) == 0 else { return }
        Self.shared.pointee = mode
        Self.rawDescriptor.store(input, ordering: .releasing)
        Self.listen()
        mode.c_iflag &= ~tcflag_t(BRKINT | ICRNL | INPCK | ISTRIP | IXON)
        mode.c_lflag &= ~tcflag_t(ECHO | ICANON | IEXTEN | ISIG)
        mode.c_cflag |= tcflag_t(CS8)
        withUnsafeMutableBytes(of: &mode.c_cc) { keys in
            keys[Int(VMIN)] = 1
            keys[Int(VTIME)] = 0
        }
        tcsetattr(input, TCSADRAIN, &mode)
        isRaw = true
        write("\u{1B}[?2004h")
    }

    func leaveRawMode() {
        guard isRaw else { return }
        write("\u{1B}[?2004l")
        tcsetattr(input, TCSADRAIN, Self.shared)
        Self.rawDescriptor.store(-1, ordering: .releasing)
        isRaw = false
    }

    /// Restores the terminal and suspends the process, for Ctrl-Z.
    func suspend() {
        leaveRawMode()
        // Stop the whole process group, including a shell script that started the program.
        kill(0, SIGTSTP)
        enterRawMode()
    }

    /// Installs handlers that record a new size, and that restore the terminal when the program
    /// ends.
    private static let listening: Void = {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in
            Console.wasResized.store(true, ordering: .relaxed)
        }
        sigaction(SIGWINCH, &action, nil)
        atexit { Console.restore() }
        for signal in [SIGTERM, SIGHUP] {
            var before = sigaction()
            sigaction(signal, nil, &before)
            // Keep a handler that was installed before.
            guard before.__sigaction_handler.sa_handler == nil else { continue }
            restore(at: signal)
        }
        for signal in [SIGQUIT, SIGABRT, SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV] {
            restore(at: signal)
        }
    }()

    /// The previous action of each signal.
    nonisolated(unsafe) private static let earlier: UnsafeMutablePointer<sigaction> = {
        // Written once, before a handler that reads it is installed.
        let actions = UnsafeMutablePointer<sigaction>.allocate(capacity: 65)
        actions.initialize(repeating: sigaction(), count: 65)
        return actions
    }()

    /// Restores the terminal before the previous action of the signal runs.
    private static func restore(at signal: Int32) {
        var action = sigaction()
        action.sa_flags = SA_ONSTACK
        action.__sigaction_handler.sa_handler = { signal in
            Console.restore()
            sigaction(signal, Console.earlier + Int(signal), nil)
            raise(signal)
        }
        sigaction(signal, nil, earlier + Int(signal))
        sigaction(signal, &action, nil)
    }

    private static func listen() { _ = listening }

    /// Restores the terminal's mode. Safe in a signal handler.
    static func restore() {
        let descriptor = rawDescriptor.exchange(-1, ordering: .acquiring)
        guard descriptor >= 0 else { return }
        let off: StaticString = "\u{1B}[?2004l"
        _ = VTSystem.write(descriptor, off.utf8Start, off.utf8CodeUnitCount)
        tcsetattr(descriptor, TCSANOW, shared)
    }
}

extension ArraySlice<UInt8> {
    /// The index of the first occurrence of `part`.
    fileprivate func firstIndex(of part: [UInt8]) -> Int? {
        guard count >= part.count, let first = part.first else { return nil }
        var index = startIndex
        while index <= endIndex - part.count {
            if self[index] == first, self[index..<(index + part.count)].elementsEqual(part) {
                return index
            }
            index += 1
        }
        return nil
    }
}
