// SPDX-License-Identifier: BSD-3-Clause

import VTLuaTooling
import VTRuntime
import VTSystem

/// Runs several specs at once and reports their results in the order of the files.
struct SpecQueue {
    var files: [String]
    /// The number of specs that run at once.
    var width: Int
    /// The maximum seconds for a file.
    var timeout: Double
    var failFast: Bool
    /// The arguments with which this program is started for a file.
    var arguments: (String) -> [String]

    private struct Running {
        var number: Int
        var process: SpecProcess
        var reader: SpecReader
        var began: Int64
        var isLate = false
    }

    /// - Parameter finished: called for each file, in order.
    func run(_ finished: (SpecResult) throws -> Void) throws -> [SpecResult] {
        var results: [SpecResult?] = files.map { _ in nil }
        var running: [Running] = []
        var (next, reported) = (0, 0)
        var isOver = false
        while !isOver, !running.isEmpty || next < files.count {
            if Signals.hasArrived { break }
            while running.count < width, next < files.count {
                running.append(try start(next))
                next += 1
            }
            wait(for: running)
            for position in running.indices.reversed() where advance(&running[position]) {
                let ended = running.remove(at: position)
                results[ended.number] = ended.reader.result
            }
            while reported < files.count, let result = results[reported], !isOver {
                try finished(result)
                reported += 1
                isOver = failFast && result.hasFailed
            }
        }
        for one in running { one.process.kill() }
        return results[..<reported].compactMap(\.self)
    }

    private func start(_ number: Int) throws -> Running {
        let path = files[number]
        return Running(
            number: number, process: try SpecProcess(path, arguments: arguments(path)),
            reader: SpecReader(path), began: Clock.now)
    }

    /// Waits until one of them has sent an event, at most 50 ms.
    private func wait(for running: [Running]) {
        var channels = running.map {
            pollfd(fd: $0.process.channel, events: Int16(POLLIN), revents: 0)
        }
        poll(&channels, nfds_t(channels.count), 50)
    }

    /// Reads the events of a process; returns true when it has ended.
    private func advance(_ one: inout Running) -> Bool {
        let seconds = Clock.seconds(since: one.began)
        guard let events = one.process.events() else {
            let end = one.process.end()
            one.reader.finish(
                one.process, after: seconds,
                one.isLate ? "was stopped after \(brief(timeout)) s" : end,
                advice: one.isLate ? "; to allow more, use --timeout S" : "")
            return true
        }
        for event in events { one.reader.read(event, of: one.process) }
        if seconds > timeout, !one.isLate {
            one.isLate = true
            one.process.kill()
        }
        return false
    }

    private func brief(_ seconds: Double) -> String {
        seconds == seconds.rounded() && seconds < 1e9 ? "\(Int(seconds))" : "\(seconds)"
    }
}
