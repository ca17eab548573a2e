// SPDX-License-Identifier: BSD-3-Clause

import VTRuntime
import VTSystem

/// A child process that runs combinations of a sweep.
final class SweepWorker {
    private let process: SpawnedProcess
    private var input: Int32
    private var output: Int32
    private var pending: [UInt8] = []
    private var stoppedAt: Int64?
    /// The numbers of the combinations that it was sent and has not ended, in their order.
    private(set) var sent: [Int] = []

    /// The time after which a worker that was asked to stop is killed.
    private static let patience = 2 * Clock.second

    init(_ arguments: [String]) throws {
        let input = try Pipe.make()
        let output = try Pipe.make()
        // The worker waits for its input; this process does not wait for the worker's output.
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
    var room: Int { input < 0 ? 0 : 2 - sent.count }

    /// Sends a combination. Returns false if the worker has ended.
    func send(_ combination: SweepCombination) -> Bool {
        guard input >= 0 else { return false }
        do {
            try File.write(combination.message.text + "\n", to: input)
        } catch {
            close()
            return false
        }
        sent.append(combination.number)
        return true
    }

    /// Ends its input: it ends when it has run what it was sent.
    func close() {
        guard input >= 0 else { return }
        VTSystem.close(input)
        input = -1
    }

    /// Asks it to stop now; kills it if it does not.
    func stop() {
        close()
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
        if waiting.isEmpty {
            usleep(1000)
        } else {
            poll(&waiting, nfds_t(waiting.count), milliseconds)
        }
    }

    /// Returns the rows that have arrived.
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
            guard let message = try? JSON(parsing: line), let row = SweepRow(message: message)
            else { continue }
            sent.removeAll { $0 == row.number }
            rows.append(row)
        }
        return rows
    }

    /// The end of the process when all of its output was read; nil before.
    var ended: ProcessEnd? { output < 0 ? process.reapIfEnded() : nil }

    /// Waits for its end.
    func end() {
        close()
        _ = process.wait(until: Clock.now + Self.patience)
        if output >= 0 { VTSystem.close(output) }
        output = -1
    }
}
