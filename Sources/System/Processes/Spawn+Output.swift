// SPDX-License-Identifier: BSD-3-Clause

internal import CVTSystem

extension Spawn {
    /// Runs the program to its end, with a text as its standard input.
    ///
    /// - Parameters:
    ///   - withErrors: whether its standard error is returned as well.
    ///   - seconds: the time after which it is killed, with the programs that it has started; nil: it
    ///     may take any time.
    /// - Returns: its standard output; nil if it does not end with code 0.
    /// - Throws: ``SystemError`` if it cannot be started.
    package func output(
        input text: String = "", withErrors: Bool = false, seconds: Double? = nil
    ) throws(SystemError) -> String? {
        let source = vty_memory_make(0)
        guard source >= 0 else { throw SystemError("cannot make shared memory") }
        defer { close(source) }
        try File.write(text, to: source)
        lseek(source, 0, SEEK_SET)
        let pipe = try Pipe.make()
        defer { close(pipe.reading) }
        var spawn = self
        spawn.input = source
        spawn.output = pipe.writing
        if withErrors { spawn.errors = pipe.writing }
        let started = Result { () throws(SystemError) in try spawn.start() }
        close(pipe.writing)
        let pid = try started.get()
        let written = Self.readToEnd(pipe.reading, until: Clock.deadline(in: seconds))
        // The child is the head of its process group.
        if written == nil { kill(-pid, SIGKILL) }
        let end = ProcessEnd.reap(pid, waits: true)
        guard let written, end == .code(0) else { return nil }
        return String(decoding: written, as: UTF8.self)
    }

    /// Returns nil when the time is over.
    private static func readToEnd(_ descriptor: Int32, until deadline: Int64) -> [UInt8]? {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65536)
        while true {
            let left = (deadline - Clock.now) / 1_000_000
            if left <= 0 { return nil }
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, Int32(clamping: left)) > 0 else { continue }
            let count = read(descriptor, &block, block.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            if count <= 0 { return bytes }
            bytes += block.prefix(count)
        }
    }
}
