// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTShipping
internal import VTSystem

extension ProcessServer {
    /// Starts a child, and waits until it is ready.
    func start() throws -> Child {
        let child = try Child(program: program, number: number, options: options)
        control.set(child)
        workerTable.update(number, runningTask) {
            $0.state = .starting
            $0.pid = Int(child.pid)
        }
        do {
            var hello = ByteWriter()
            hello.add(options)
            try child.link.send(FrameHeader(.hello), hello.bytes)
            if let initializer = options.initializer, initializer.hasReferences {
                try child.link.send(
                    FrameHeader(.initializer), [], initializer, 0..<initializer.count)
            }
            for step in workerTable.setup {
                for part in [step.head, step.payload] {
                    try child.link.send(FrameHeader(.setup), [], part, 0..<part.count)
                }
            }
            try child.link.send(FrameHeader(.begin))
            try waitUntilReady(child)
        } catch let error as TaskFailure {
            child.kill()
            _ = child.reap()
            throw error
        } catch {
            child.kill()
            let end = child.wait(until: Clock.now + Clock.second)
            throw TaskFailure(
                cause: .died,
                message: "the worker does not start: its process \(end)")
        }
        return child
    }

    private func waitUntilReady(_ child: Child) throws {
        let deadline = Clock.now + Int64(options.startTimeout.inSeconds * 1e9) + RunningTask.grace
        while true {
            switch try child.link.receive(until: min(deadline, Clock.now + Self.slice)) {
            case .nothing:
                if workerTable.isTerminated {
                    throw TaskFailure.cancelled
                }
                if Clock.now >= deadline {
                    throw TaskFailure(
                        cause: .closed,
                        message: "the worker does not start: it is not ready after "
                            + "\(Format.plainSeconds(options.startTimeout.inSeconds)) s")
                }
            case .frame(let frame):
                switch frame.kind {
                case .ready: return
                case .refusal:
                    var reader = ByteReader(frame.body)
                    throw try reader.readFailure()
                default: throw Link.Broken(reason: "it sent a malformed message")
                }
            }
        }
    }
}
