// SPDX-License-Identifier: BSD-3-Clause

internal import CParallel
internal import Glibc
internal import Shipping

// What the child answers, and what its silence means.

extension ProcessServer {
    func take(_ frame: Link.Frame) throws {
        if frame.kind == .output, let listener {
            return listener(Array(frame.body))
        }
        guard frame.kind == .results else { throw ByteReader.Damaged() }
        var reader = ResultReader(frame.body)
        var left = Int(frame.header.count)
        while left > 0 {
            guard let first = flight.first else { throw ByteReader.Damaged() }
            let count = min(left, first.chunk.range.upperBound - first.next)
            try take(count, of: first.chunk.lot, from: first.next, &reader, frame)
            left -= count
        }
    }

    /// Takes results of the chunk that the child is at.
    private func take(
        _ count: Int, of lot: Lot, from start: Int, _ reader: inout ResultReader,
        _ frame: Link.Frame
    ) throws {
        var tally = Tally(lot.job)
        defer { tally.count() }
        for index in start..<(start + count) {
            let result = try reader.next()
            let long = result.entry.isInMemory != 0 ? try frame.payload(&reader.reader) : nil
            flight[0].next += 1
            done += 1
            try lot.end(index, result, long: long, worker: number, &tally)
        }
        if flight[0].next == flight[0].chunk.range.upperBound { flight.removeFirst() }
    }
}

// MARK: - A child that does not answer, and one that has died

extension ProcessServer {
    /// Every now and then while the child is busy: kills it when it is in a task for too long.
    func lookAfter(_ child: Child) {
        guard let first = flight.first else { return }
        let chunk = first.chunk
        let now = vtp_now()
        let job = vtp_load(&child.page.pointee.job)
        let task = vtp_load(&child.page.pointee.current)
        if job != 0, job != Int64(chunk.job.number) || task > Int64(chunk.lot.first + first.next) {
            // It has results that it was to send with those of the task it is in.
            child.signal(SIGUSR2)
        }
        if seen.job != job || seen.task != task { seen = (job, task, now) }
        if let timeout = chunk.job.options.timeout, job != 0,
            now - seen.at > Int64(timeout * 1e9) + ProcessBackend.grace
        {
            verdict = TaskFailure(
                cause: .timeout,
                message: "timed out after \(brief(timeout)) s; its process did not stop and was "
                    + "killed")
            return child.kill()
        }
        guard chunk.job.isStopped,
            chunk.job.isUnwanted(chunk.lot.first + first.next)
        else {
            deafSince = nil
            return
        }
        let since = deafSince ?? now
        deafSince = since
        // It was in another job when this one was stopped, or between two tasks.
        interrupt(chunk.job)
        if now - since > ProcessBackend.grace {
            verdict = .cancelled
            child.kill()
        }
    }

    /// The child is gone: the task that it was in fails, unless it may run again; all others that
    /// it had are given back.
    func settle(_ child: Child, _ reason: String) {
        child.kill()
        let end = child.wait(until: vtp_now() + Clock.second)
        let current = vtp_load(&child.page.pointee.current)
        let job = vtp_load(&child.page.pointee.job)
        let failure =
            verdict
            ?? TaskFailure(
                cause: roster.isTerminated ? .cancelled : .died,
                message: "the worker's process \(Child.explain(end)) (pid \(child.pid))")
        verdict = nil
        known = 0
        let lost = flight
        flight = []
        for entry in lost {
            for index in entry.next..<entry.chunk.range.upperBound {
                let lot = entry.chunk.lot
                let number = lot.first + index
                let isCulprit = Int64(lot.job.number) == job && Int64(number) == current
                guard isCulprit else {
                    giveBack(lot, index)
                    continue
                }
                vtp_task_attempt(lot[index], Int32(self.number))
                if failure.cause != .cancelled,
                    lot.job.mayRetry(attempts: lot[index].pointee.attempts)
                {
                    giveBack(lot, index)
                } else {
                    lot.finish(index, failure)
                }
            }
        }
    }

    private func giveBack(_ lot: Lot, _ index: Int) {
        if roster.isTerminated {
            lot.cancel(index..<(index + 1))
        } else {
            queue.giveBack(Chunk(lot: lot, range: index..<(index + 1)))
        }
    }
}
