// SPDX-License-Identifier: BSD-3-Clause

internal import CVTSystem
internal import VTParallel
internal import VTRuntime
internal import VTSystem

/// The parent's side of a spec that runs in its own process.
package final class SpecProcess {
    /// The path of the spec.
    package let path: String
    /// A descriptor that becomes readable when there is an event or the process has ended.
    package let channel: Int32
    private let process: SpawnedProcess
    /// The output of the process, in a file without a name.
    private let output: Int32
    private var pending: [UInt8] = []

    /// An error of starting the process.
    package struct Failure: Error, CustomStringConvertible {
        package var description: String
    }

    /// Starts this program again to run the spec.
    ///
    /// - Parameter arguments: the arguments that make the program run the spec.
    package init(_ path: String, arguments: [String]) throws(Failure) {
        self.path = path
        let program = pathOfThisProgram ?? "/proc/self/exe"
        let output = vty_memory_make(0)
        guard output >= 0 else { throw Self.failure("cannot keep what is printed", errno) }
        _ = fcntl(output, F_SETFL, O_APPEND | O_RDWR)
        var ends: [Int32] = [-1, -1]
        guard vty_socket_pair(&ends) == 0 else {
            let number = errno
            close(output)
            throw Self.failure("cannot make a socket", number)
        }
        _ = fcntl(ends[0], F_SETFL, O_NONBLOCK)
        defer { close(ends[1]) }
        var spawn = Spawn(program, arguments)
        spawn.channel = ends[1]
        spawn.output = output
        spawn.errors = output
        spawn.keepsInterrupt = true
        // The programs that it starts are of its session, whatever their process groups.
        spawn.hasSession = true
        do {
            process = try SpawnedProcess(spawn)
        } catch {
            close(ends[0])
            close(output)
            throw Failure(description: error.description)
        }
        self.output = output
        channel = ends[0]
    }

    deinit {
        if process.reapIfEnded() == nil {
            kill()
            _ = end()
        }
        close(channel)
        close(output)
    }

    private static func failure(_ what: String, _ number: Int32) -> Failure {
        Failure(description: "\(what): \(String(cString: strerror(number)))")
    }

    /// Kills the process and the programs that it started.
    package func kill() { process.kill() }

    /// Returns the events that have arrived, each as a list of fields; nil when there are no more.
    package func events() -> [[String]]? {
        var chunk = [UInt8](repeating: 0, count: 65536)
        var isOver = false
        while true {
            let count = read(channel, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            if count <= 0 {
                isOver = count == 0 || errno != EAGAIN
                break
            }
            pending += chunk[..<count]
        }
        var events: [[String]] = []
        while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
            events.append(Self.fields(pending[..<end]))
            pending.removeSubrange(...end)
        }
        return isOver && events.isEmpty ? nil : events
    }

    private static func fields(_ line: ArraySlice<UInt8>) -> [String] {
        line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map { field in
            var text: [UInt8] = []
            var isEscaped = false
            for byte in field {
                if isEscaped {
                    let escaped: [UInt8: UInt8] = [
                        UInt8(ascii: "t"): UInt8(ascii: "\t"),
                        UInt8(ascii: "n"): UInt8(ascii: "\n"),
                    ]
                    text.append(escaped[byte] ?? byte)
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else {
                    text.append(byte)
                }
            }
            return String(decoding: text, as: UTF8.self)
        }
    }

    /// Ends the process after it has closed its channel, with the programs that it started. Returns
    /// how it ended, such as "ended with exit code 3" or "was ended by SIGSEGV"; nil if it
    /// succeeded.
    package func end() -> String? {
        // It has sent all events: finalizers may take a moment, then it must end.
        let end = process.wait(until: Clock.now + 5 * Clock.second, interval: 1000)
        // The programs that it started are of its session, which outlives it.
        vty_kill_session(process.pid)
        return end.isSuccess ? nil : end.description
    }

    /// Returns the output between two marks, or to the end. Long output is cut at the start.
    package func printed(from start: Int, to end: Int? = nil) -> String {
        let end = end ?? Int(lseek(output, 0, SEEK_END))
        let most = 16 << 10
        let first = max(start, end - most)
        guard end > first else { return "" }
        var bytes = [UInt8](repeating: 0, count: end - first)
        let count = pread(output, &bytes, bytes.count, first)
        var kept = bytes[..<max(0, count)]
        guard first > start else { return String(decoding: kept, as: UTF8.self) }
        // From the start of a line.
        kept = kept.drop { $0 != UInt8(ascii: "\n") }.dropFirst()
        return "(\(end - start - kept.count) bytes before)\n"
            + String(decoding: kept, as: UTF8.self)
    }
}
