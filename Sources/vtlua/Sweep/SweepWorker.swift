// SPDX-License-Identifier: BSD-3-Clause

import CVTSystem
import VTRuntime
import VTSystem

/// A child process that runs combinations of a sweep.
final class SweepWorker {
    private let process: SpawnedProcess
    private var input: Int32
    private var output: Int32
    private var pending: [UInt8] = []
    /// Messages that the worker has not taken yet: a pipe holds 64 KiB, and parameters can be longer.
    private var outgoing: ArraySlice<UInt8> = []
    private var isClosing = false
    private var stoppedAt: Int64?
    /// The numbers of the combinations that it was sent and has not ended, in their order.
    private(set) var sent: [Int] = []
    /// Combinations that it has ended, whose runs are not on record yet.
    private(set) var unwritten: [SweepRow] = []

    /// The time after which a worker that was asked to stop is killed.
    private static let patience = 2 * Clock.second

    init(_ arguments: [String]) throws {
        let input = try Pipe.make(nonblocking: true)
        let output: (reading: Int32, writing: Int32)
        do {
            output = try Pipe.make()
        } catch {
            VTSystem.close(input.reading)
            VTSystem.close(input.writing)
            throw error
        }
        // The worker waits for its input; this process waits neither for the worker's output, nor until it
        // takes its input.
        _ = fcntl(input.reading, F_SETFL, 0)
        var spawn = Spawn(pathOfThisProgram ?? "/proc/self/exe", arguments)
        spawn.input = input.reading
        spawn.output = output.writing
        defer {
            VTSystem.close(input.reading)
            VTSystem.close(output.writing)
        }
        self.input = input.writing
        self.output = output.reading
        do {
            process = try SpawnedProcess(spawn)
        } catch {
            VTSystem.close(input.writing)
            VTSystem.close(output.reading)
            throw error
        }
    }

    /// The number of combinations that it takes.
    var room: Int { input < 0 || isClosing ? 0 : 2 - sent.count }

    /// Sends a combination. Returns false if the worker has ended.
    func send(_ combination: SweepCombination) -> Bool {
        guard room > 0 else { return false }
        outgoing += Array((combination.message.text + "\n").utf8)
        flush()
        guard input >= 0 else { return false }
        sent.append(combination.number)
        return true
    }

    /// Writes what the worker takes now.
    private func flush() {
        while input >= 0, !outgoing.isEmpty {
            let count = outgoing.withUnsafeBytes {
                vty_write_without_signal(input, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return }
            guard count > 0 else { return endInput() }
            outgoing = outgoing.dropFirst(count)
        }
        if isClosing { endInput() }
    }

    private func endInput() {
        outgoing = []
        guard input >= 0 else { return }
        VTSystem.close(input)
        input = -1
    }

    /// Ends its input: it ends when it has run what it was sent.
    func close() {
        isClosing = true
        flush()
    }

    /// Asks it to stop now; kills it if it does not.
    func stop() {
        endInput()
        guard let stoppedAt else {
            stoppedAt = Clock.now
            return process.signal(SIGTERM)
        }
        if Clock.now - stoppedAt > Self.patience { process.kill() }
    }

    /// Waits until a worker has something to read or has ended.
    static func wait(for workers: [SweepWorker], milliseconds: Int32) {
        var waiting = workers.filter { $0.output >= 0 }.map {
            pollfd(fd: $0.output, events: Int16(POLLIN), revents: 0)
        }
        waiting += workers.filter { $0.input >= 0 && !$0.outgoing.isEmpty }.map {
            pollfd(fd: $0.input, events: Int16(POLLOUT), revents: 0)
        }
        if waiting.isEmpty {
            usleep(1000)
        } else {
            poll(&waiting, nfds_t(waiting.count), milliseconds)
        }
        for worker in workers { worker.flush() }
    }

    /// Returns the rows of combinations that have ended and are on record.
    func takeRows() -> [SweepRow] {
        var block = [UInt8](repeating: 0, count: 65536)
        while output >= 0 {
            let count = read(output, &block, block.count)
            if count < 0, errno == EINTR { continue }
            if count == 0 {
                VTSystem.close(output)
                output = -1
            }
            guard count > 0 else { break }
            pending += block[..<count]
        }
        var rows: [SweepRow] = []
        while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
            let line = Array(pending[..<end])
            pending.removeSubrange(...end)
            if line == SweepRow.written {
                rows += unwritten
                unwritten = []
                continue
            }
            guard let message = try? JSON(parsing: line), let row = SweepRow(message: message)
            else { continue }
            sent.removeAll { $0 == row.number }
            unwritten.append(row)
        }
        return rows
    }

    /// The end of the process when all of its output was read; nil before.
    var ended: ProcessEnd? { output < 0 ? process.reapIfEnded() : nil }

    /// Waits for its end.
    func end() {
        endInput()
        _ = process.wait(until: Clock.now + Self.patience)
        if output >= 0 { VTSystem.close(output) }
        output = -1
    }
}
