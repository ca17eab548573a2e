// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTSystem

extension CallOptions {
    /// Makes the tasks wait until the tasks of these results have ended.
    package mutating func wait(after results: [AsyncResult]) {
        after += results.map(\.dependency)
    }

    /// Makes the tasks wait for those of these results, and run on an engine that ran one of them.
    package mutating func follow(_ results: [AsyncResult]) {
        follow += results.map(\.dependency)
    }
}

extension AsyncResult {
    fileprivate var dependency: Dependency {
        let call = call
        let batches = call.batches
        let count = call.published
        let identity = view.backend.identity
        return Dependency(
            isOver: { call.finished >= count },
            hasFailed: {
                batches.contains { batch in
                    (0..<batch.count).contains { batch.state($0) != VTP_DONE }
                }
            },
            engine: {
                for batch in batches {
                    for index in 0..<batch.count {
                        let worker = Int(batch[index].pointee.worker)
                        if let engine = identity(worker) { return engine }
                    }
                }
                return nil
            })
    }
}
