// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTShipping
internal import VTSystem

// The answers of the child, and its end.

extension ProcessServer {
    func take(_ frame: Link.Frame) throws {
        if frame.kind == .output, let listener {
            return listener(Array(frame.body))
        }
        guard frame.kind == .results else { throw ByteReader.Damaged() }
        var reader = ResultReader(frame.body)
        var left = Int(frame.header.count)
        while left > 0 {
            guard let first = inFlight.first else { throw ByteReader.Damaged() }
            let count = min(left, first.chunk.range.upperBound - first.next)
            try take(count, of: first.chunk.batch, from: first.next, &reader, frame)
            left -= count
        }
    }

    /// Takes results of the chunk that the child is at.
    private func take(
        _ count: Int, of batch: TaskBatch, from start: Int, _ reader: inout ResultReader,
        _ frame: Link.Frame
    ) throws {
        var counters = CallCounters(batch.call)
        defer { counters.count() }
        for index in start..<(start + count) {
            let result = try reader.next()
            let long = result.entry.isInMemory != 0 ? try frame.payload(&reader.reader) : nil
            inFlight[0].next += 1
            done += 1
            if inFlight[0].isCancelled { continue }
            try batch.end(index, result, long: long, worker: number, &counters)
        }
        if inFlight[0].next == inFlight[0].chunk.range.upperBound { inFlight.removeFirst() }
    }
}

// MARK: - A child that does not answer, and one that has died

extension ProcessServer {
    /// Kills a child that runs a task for too long. It is called periodically while the child is
    /// busy.
    func check(_ child: Child) {
        cancelUnbegun(child)
        guard let first = inFlight.first else { return }
        let chunk = first.chunk
        let now = Clock.now
        let call = vtp_load(&child.page.pointee.call)
        let task = vtp_load(&child.page.pointee.current)
        if call != 0,
            call != Int64(chunk.call.number) || task > Int64(chunk.batch.first + first.next)
        {
            // It has results that it keeps until the running task has ended.
            child.signal(SIGUSR2)
        }
        if seen.call != call || seen.task != task { seen = (call, task, now) }
        if let timeout = chunk.call.options.seconds, call != 0,
            now - seen.at > Int64(timeout * 1e9) + RunningTask.grace
        {
            verdict = TaskFailure(
                cause: .timeout,
                message:
                    "timed out after \(Format.plainSeconds(timeout)) s; its process did not stop and was "
                    + "killed")
            return child.kill()
        }
        guard chunk.call.isStopped, !first.isCancelled,
            chunk.call.isUnwanted(chunk.batch.first + first.next)
        else {
            unresponsiveSince = nil
            return
        }
        let since = unresponsiveSince ?? now
        unresponsiveSince = since
        // It ran another call when this one was stopped, or was between two tasks.
        control.interrupt(chunk.call)
        if now - since > RunningTask.grace {
            verdict = .cancelled
            child.kill()
        }
    }

    /// Cancels the chunks of stopped calls that wait at the child behind one that it runs.
    private func cancelUnbegun(_ child: Child) {
        for position in inFlight.indices {
            let entry = inFlight[position]
            let batch = entry.chunk.batch
            let call = batch.call
            guard !entry.isCancelled, call.isUnwanted(batch.first + entry.next),
                vtp_load(&child.page.pointee.call) != Int64(call.number)
            else { continue }
            // From here on the child skips them.
            control.interrupt(call)
            guard vtp_load(&child.page.pointee.call) != Int64(call.number) else { continue }
            inFlight[position].isCancelled = true
            batch.cancel(entry.next..<entry.chunk.range.upperBound)
        }
    }

    /// Ends the tasks of a child that is gone: the one that it was running fails, unless it may run
    /// again; all others are returned to the queue.
    func settle(_ child: Child, _ reason: String) {
        child.kill()
        let end = child.wait(until: Clock.now + Clock.second)
        let current = vtp_load(&child.page.pointee.current)
        let call = vtp_load(&child.page.pointee.call)
        let failure =
            verdict
            ?? TaskFailure(
                cause: workerTable.isTerminated ? .cancelled : .died,
                message: "the worker's process \(end) (pid \(child.pid))")
        verdict = nil
        known = 0
        let lost = inFlight
        inFlight = []
        for entry in lost where !entry.isCancelled {
            for index in entry.next..<entry.chunk.range.upperBound {
                let batch = entry.chunk.batch
                let number = batch.first + index
                let isCulprit = Int64(batch.call.number) == call && Int64(number) == current
                guard isCulprit else {
                    giveBack(batch, index)
                    continue
                }
                vtp_task_attempt(batch[index], Int32(self.number))
                batch.addPrinted(child.takePrinted(), to: index)
                if failure.cause != .cancelled,
                    batch.call.mayRetry(attempts: batch[index].pointee.attempts)
                {
                    giveBack(batch, index)
                } else {
                    batch.finish(index, failure)
                }
            }
        }
    }

    private func giveBack(_ batch: TaskBatch, _ index: Int) {
        if workerTable.isTerminated {
            batch.cancel(index..<(index + 1))
        } else {
            queue.giveBack(Chunk(batch: batch, range: index..<(index + 1)))
        }
    }
}
