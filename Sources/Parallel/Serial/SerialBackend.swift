// SPDX-License-Identifier: BSD-3-Clause

internal import CParallel
internal import LuaBridge
internal import Shipping

/// One worker on the caller's own thread: each task runs when it is added. The worker has a Lua
/// state of its own all the same, so that a function does what it would do anywhere else.
///
/// Unchecked: it is used by the thread of the state that made it, and `interrupt`, the only call
/// that comes from elsewhere, is the gate's.
final class SerialBackend: Backend, @unchecked Sendable {
    let kind = "serial"
    let count = 1
    var rules: ShippingRules { [.functions, .references] }

    private let state: LuaState
    private let bench: Workbench
    private let gate = Gate()
    /// Why it cannot start: what every task fails with then, as on workers elsewhere.
    private let refusal: TaskFailure?
    private var tasks = 0
    private(set) var isGone = false

    init(_ options: WorkerOptions, makeState: WorkerStateMaker) throws {
        let state = try makeState(options)
        let gate = gate
        (bench, refusal) = try state.run { lua in
            let bench = try Workbench(worker: 1, gate: gate, rules: [.functions, .references], lua)
            do throws(TaskFailureError) {
                try bench.start(options, [], lua)
                return (bench, nil)
            } catch {
                return (bench, error.failure)
            }
        }
        self.state = state
    }

    func add(_ lot: Lot, to worker: Int?) {
        guard let chunk = lot.take(lot.count) else { return }
        if let refusal { return chunk.fail(refusal, worker: 1) }
        state.run { lua in
            while true {
                do {
                    let isDone = try lua.limited(cancellation: gate.freshCancellation()) { lua in
                        bench.perform(chunk, lua)
                    }
                    if isDone { break }
                } catch {
                    chunk.fail(TaskFailure(cause: .error, message: "\(error)"), worker: 1)
                    break
                }
            }
        }
        tasks += lot.count
    }

    func addSetup(_ step: SetupStep) {}
    func interrupt(_ job: Job) { gate.interrupt(job) }

    func status() -> [WorkerStatus] {
        var status = Roster(count: 1).statuses()
        status[0].state = isGone ? "gone" : refusal == nil ? "idle" : "broken"
        status[0].tasks = tasks
        return status
    }

    var waiting: Int { 0 }
    var replaced: Int { 0 }
    func lookAfterWorkers() {}

    func close() {
        bench.close()
        isGone = true
    }

    func terminate() { close() }
}
