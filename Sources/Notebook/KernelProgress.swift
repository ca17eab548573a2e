// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTLuaTooling
internal import VTParallel
internal import VTReport
internal import VTRuntime
internal import VTSystem
internal import VTWorkflow

/// Shows the progress of a cell's parallel calls and workflow runs, in a display that is updated. A
/// call appears after it has lasted half a second.
final class KernelProgress {
    private typealias Content = JSON

    private let mailbox: KernelMailbox
    private var shown: [String: State] = [:]
    /// Calls that have completed.
    private var over: Set<Int> = []
    private var made = 0
    private var nesting = RunNesting()
    private var run: (workflow: String, modules: Int, done: Int, began: Int64)?

    private struct State {
        var id: String
        var what: String
        var done: Int
        var total: Int?
    }

    /// The seconds after which a call is shown.
    private static let patience = 0.5

    init(_ mailbox: KernelMailbox) { self.mailbox = mailbox }

    func show(_ call: Int, _ progress: CallProgress, _ seconds: Double) {
        let key = "call \(call)"
        let workers = progress.workers == 1 ? "1 worker" : "\(progress.workers) workers"
        let what = (progress.label.map { "\($0), " } ?? "") + "\(progress.backend), \(workers)"
        if over.contains(call) { return }
        guard progress.done == progress.total else {
            return show(key, what, progress.done, progress.total, seconds)
        }
        over.insert(call)
        shown[key]?.done = progress.done
        end(key, "in \(Self.text(seconds))")
    }

    func show(_ event: RunEvent) {
        // A run inside a module is part of the outer run.
        if nesting.isInside(event) { return }
        switch event {
        case .runStarted(_, let workflow, let modules, _):
            run = (workflow, modules, 0, Clock.now)
        case .moduleStarted(let node, _, _):
            guard let run else { return }
            show(
                "run", "\(run.workflow): \(node)", run.done, run.modules,
                Clock.seconds(since: run.began))
        case .moduleFinished:
            run?.done += 1
        case .runFinished(_, let status, let duration):
            if let run, var state = shown["run"] {
                state.done = run.done
                state.what = "\(run.workflow): \(status.rawValue)"
                shown["run"] = state
            }
            end("run", "in \(Self.text(duration.inSeconds))")
            run = nil
        default: break
        }
    }

    /// Ends the display of everything that has not completed, because the cell has ended.
    ///
    /// - Parameter isStopped: true if the cell has failed.
    func finish(isStopped: Bool) {
        for (key, state) in shown {
            let isOver = state.total.map { state.done == $0 } ?? !isStopped
            end(key, isOver ? "" : "stopped")
        }
        over = []
        run = nil
    }

    private func show(
        _ key: String, _ what: String, _ done: Int, _ total: Int?, _ seconds: Double
    ) {
        if var state = shown[key] {
            state.what = what
            state.done = done
            state.total = total
            shown[key] = state
            publish("update_display_data", state, "")
        } else if seconds >= Self.patience {
            made += 1
            let state = State(id: "vtlua-progress-\(made)", what: what, done: done, total: total)
            shown[key] = state
            publish("display_data", state, "")
        }
    }

    private func end(_ key: String, _ how: String) {
        guard let state = shown.removeValue(forKey: key) else { return }
        publish("update_display_data", state, how.isEmpty ? "" : " " + how)
    }

    private func publish(_ type: String, _ state: State, _ end: String) {
        let amount = state.total.map { "\(state.done) of \($0)" } ?? "\(state.done) done"
        var bar = ""
        if let total = state.total, total > 0 {
            let full = state.done * 20 / total
            bar =
                "[" + String(repeating: "#", count: full)
                + String(repeating: " ", count: max(0, 20 - full)) + "] "
        }
        let text = "\(amount)\(end) (\(state.what))"
        let html: HTML =
            state.total.map { total in
                "<div><progress value=\"\(state.done)\" max=\"\(total)\"></progress> \(text)</div>"
            } ?? "<div><progress></progress> \(text)</div>"
        mailbox.publish(
            type,
            [
                "data": [
                    "text/plain": .string(bar + text),
                    "text/html": .string(html.text),
                ],
                "metadata": [:], "transient": ["display_id": .string(state.id)],
            ])
    }

    private static func text(_ seconds: Double) -> String {
        let tenths = Int((seconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
