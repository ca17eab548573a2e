// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTParallel
import VTRuntime
import VTSystem
import VTWorkflow

/// Two live lines: the run's progress and estimated remaining time, and the running modules. They
/// are drawn at each event, and four times a second between events.
final class BarProgress: ProgressDisplay, Sendable {
    let estimates = true
    private let lines: Monitor<LiveLines>

    init(total: Int) {
        lines = Monitor(LiveLines(total: total))
    }

    func show(_ event: RunEvent) {
        let isFirst = lines.withLock { lines in
            defer { lines.hasClock = true }
            lines.show(event)
            return !lines.hasClock
        }
        if isFirst { startClock() }
    }

    func finish() { lines.withLock { $0.pause() } }

    func write(_ text: String) {
        lines.withLock { lines in
            lines.clear()
            report(text)
        }
    }

    private func startClock() {
        // Without a thread the lines are drawn at events only.
        try? startThread("vtlua-progress") { [self] in
            while tick() { usleep(250_000) }
        }
    }

    /// Draws the lines; returns false when the run has ended.
    private func tick() -> Bool {
        lines.withLock { lines in
            if lines.isOver { return false }
            if !lines.isPaused { lines.draw() }
            return true
        }
    }
}

/// The state of the lines, and the part of them that is on the screen.
private struct LiveLines {
    private let total: Int
    private let began = Clock.now
    private var done = 0
    private var estimate = RunEstimate()
    private var nesting = RunNesting()
    /// The modules that compute, in the order in which they started.
    private var running: [RunningModule] = []
    /// The number of lines on the screen.
    private var drawn = 0
    private var lastDraw: Int64?
    private(set) var isOver = false
    /// True if a thread draws the lines periodically.
    var hasClock = false
    /// True if something else uses the terminal, such as a breakpoint's prompt.
    private(set) var isPaused = false

    init(total: Int) { self.total = total }

    mutating func show(_ event: RunEvent) {
        if let text = event.outputBytes {
            clear()
            report(bytes: text)
        }
        estimate.take(event)
        // Nested runs are part of their module.
        if nesting.isInside(event) { return }
        switch event {
        case .runStarted: draw()
        case .moduleStarted(let node, _, _):
            isPaused = false
            running.append(RunningModule(node: node))
            drawAgain()
        case .progress(let node, let fraction, let note):
            guard let index = running.firstIndex(where: { $0.node == node }) else { break }
            running[index].fraction = fraction
            running[index].note = note
            drawAgain()
        case .tasks(let node, let call):
            guard let index = running.firstIndex(where: { $0.node == node }) else { break }
            running[index].call = call
            drawAgain()
        case .moduleFinished(let record):
            done += 1
            isPaused = false
            running.removeAll { $0.node == record.node }
            if record.status == .failed || record.status == .skipped {
                clear()
                report("\(record.node)  \(record.outcome)\n")
            }
            drawAgain()
        case .runFinished(let run, let status, let duration):
            isOver = true
            // Also clears the `^C` that the terminal has echoed.
            drawn = max(1, drawn)
            clear()
            report(
                "\(status.rawValue): \(done.modules) in \(duration.inSeconds.shortSeconds), run \(run)\n"
            )
        case .printed, .logged: break
        }
    }

    /// Draws at most 20 times a second, so that drawing does not slow down many short modules.
    private mutating func drawAgain() {
        if isPaused { return }
        if let lastDraw, Clock.now - lastDraw < Clock.second / 20 { return }
        draw()
    }

    mutating func draw() {
        lastDraw = Clock.now
        let most = Terminal.columns - 1
        var text = toStart + "\r\u{1b}[2K" + coloured(String(runLine.prefix(most)))
        var count = 1
        if !running.isEmpty {
            text += "\n\u{1b}[2K" + String(runningLine.prefix(most))
            count = 2
        } else if drawn == 2 {
            // Clear the second line.
            text += "\n\u{1b}[2K\u{1b}[1A"
        }
        report(text)
        drawn = count
    }

    mutating func pause() {
        clear()
        isPaused = true
    }

    mutating func clear() {
        if drawn == 2 { report("\r\u{1b}[2K\u{1b}[1A") }
        if drawn > 0 { report("\r\u{1b}[2K") }
        drawn = 0
        lastDraw = nil
    }

    /// The control sequence that moves the cursor back to the first line.
    private var toStart: String { drawn == 2 ? "\u{1b}[1A" : "" }

    private func coloured(_ text: String) -> String {
        Terminal.hasColour ? "\u{1b}[36m\(text)\u{1b}[0m" : text
    }

    private var runLine: String {
        let width = 24
        let part = running.reduce(0) { $0 + $1.part }
        let filled = total == 0 ? 0 : Int((Double(done) + part) / Double(total) * Double(width))
        var line = String(repeating: "━", count: min(filled, width))
        line += String(repeating: "╌", count: max(0, width - filled))
        line += " \(done)/\(total)"
        let elapsed = (Clock.now - began) / Clock.second
        if elapsed >= 1 { line += "  \(Format.wholeSeconds(elapsed))" }
        if let left = estimate.remaining?.inSeconds, left >= 1 {
            line += ", about \(Format.wholeSeconds(Int64(left.rounded()))) left"
        }
        return line
    }

    /// The modules that compute; of several each in short.
    private var runningLine: String {
        if running.count == 1 { return running[0].line }
        return "\(running.count) running: " + running.map(\.shortLine).joined(separator: ", ")
    }
}
