// SPDX-License-Identifier: BSD-3-Clause

internal import CVTSystem
internal import Glibc

extension Spawn {
    /// Runs the program to its end, with a text as its standard input.
    ///
    /// - Returns: its standard output; nil if it does not end with code 0.
    /// - Throws: ``SystemError`` if it cannot be started.
    package func output(input text: String) throws(SystemError) -> String? {
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
        let started = Result { () throws(SystemError) in try spawn.start() }
        close(pipe.writing)
        let pid = try started.get()
        let written = Self.readToEnd(pipe.reading)
        let end = ProcessEnd.reap(pid, waits: true)
        return end == .code(0) ? String(decoding: written, as: UTF8.self) : nil
    }

    private static func readToEnd(_ descriptor: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65536)
        while true {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            _ = poll(&waiting, 1, -1)
            let count = read(descriptor, &block, block.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            if count <= 0 { return bytes }
            bytes += block.prefix(count)
        }
    }
}
