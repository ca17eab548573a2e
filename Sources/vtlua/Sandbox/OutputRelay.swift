// SPDX-License-Identifier: BSD-3-Clause

import VTRuntime
import VTSystem

/// Passes the output of a sandboxed run on. What goes to a terminal is filtered: see ``TerminalFilter``.
final class OutputRelay: Sendable {
    /// The descriptor that the child writes to.
    let sink: Int32
    private let source: Int32
    private let target: Int32
    private let end = Monitor<(isOver: Bool, error: Int32?)>((false, nil))

    /// - Throws: ``SystemError``.
    init(to target: Int32) throws(SystemError) {
        (source, sink) = try Pipe.make()
        // A thread of its own reads.
        _ = fcntl(source, F_SETFL, 0)
        self.target = target
    }

    /// Starts to pass bytes on. The child must have its copy of ``sink`` by now.
    func start() {
        close(sink)
        do {
            try startThread("vtlua-output") { [self] in relay() }
        } catch {
            relay()
        }
    }

    private func relay() {
        var filter = isatty(target) == 1 ? TerminalFilter() : nil
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        var problem: Int32?
        while problem == nil {
            let count = read(source, &bytes, bytes.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            let piece = filter?.pass(bytes.prefix(count)) ?? Array(bytes.prefix(count))
            problem = writeAll(bytes: piece, to: target)
        }
        // A child that goes on to write sees that nothing reads it.
        close(source)
        end.withLock { $0 = (true, problem) }
        end.notifyAll()
    }

    /// Waits until everything was passed on, at most for two seconds: a program that the run has left
    /// may keep the pipe open.
    ///
    /// - Returns: the error number of a write that failed; nil for none.
    func finish() -> Int32? {
        // Over without an error is not the same as not over.
        let outcome = end.wait(until: Clock.now + 2 * Clock.second) { state -> Int32?? in
            state.isOver ? .some(state.error) : .none
        }
        guard let error = outcome ?? nil else { return nil }
        guard error != EPIPE else { return error }
        report(
            "error: cannot write the output of the run: \(String(cString: strerror(error)))\n")
        return error
    }
}

/// Lets text, colours and the redrawing of a line through. Other control sequences, which could change the
/// title, the clipboard or earlier lines of a terminal, are shown as text.
struct TerminalFilter {
    /// The bytes of a sequence that is not complete.
    private var pending: [UInt8] = []

    private static let escape: UInt8 = 0x1B
    /// The longest sequence that is let through.
    private static let longest = 24

    /// Returns what may be written.
    mutating func pass(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        for byte in bytes { take(byte, into: &result) }
        return result
    }

    private mutating func take(_ byte: UInt8, into result: inout [UInt8]) {
        if pending.isEmpty {
            switch byte {
            case Self.escape, 0xC2: pending = [byte]
            case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x80...0xFF: result.append(byte)
            default: Self.show(byte, in: &result)
            }
            return
        }
        if pending[0] == 0xC2 {
            // U+0080 to U+009F are control characters.
            let isControl = (0x80...0x9F).contains(byte)
            pending = []
            if isControl { return result.append(0x3F) }
            result.append(0xC2)
            return take(byte, into: &result)
        }
        pending.append(byte)
        if pending.count == 2 {
            if byte == UInt8(ascii: "[") { return }
            return refuse(into: &result)
        }
        switch byte {
        case 0x30...0x3B where pending.count < Self.longest: return
        case UInt8(ascii: "m"), UInt8(ascii: "K"), UInt8(ascii: "A"):
            result += pending
            pending = []
        default: refuse(into: &result)
        }
    }

    private mutating func refuse(into result: inout [UInt8]) {
        let rest = pending.dropFirst()
        pending = []
        Self.show(Self.escape, in: &result)
        for byte in rest { take(byte, into: &result) }
    }

    /// Shows a control character as `^[`.
    private static func show(_ byte: UInt8, in result: inout [UInt8]) {
        result += [0x5E, byte ^ 0x40]
    }
}
