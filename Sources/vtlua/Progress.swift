// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import Glibc
import VTRuntime
import Workflow

/// `--progress`
enum ProgressStyle: String, ExpressibleByArgument, CaseIterable {
    case auto, bar, plain, json, none

    func display(total: Int) -> any ProgressDisplay {
        switch self {
        case .auto: Terminal.canRedraw ? BarProgress(total: total) : PlainProgress(total: total)
        case .bar: BarProgress(total: total)
        case .plain: PlainProgress(total: total)
        case .json: JSONProgress()
        case .none: SilentProgress()
        }
    }
}

/// Shows what happens during a run, on standard error.
protocol ProgressDisplay: AnyObject {
    func show(_ event: RunEvent)
    /// Leaves the cursor at the start of a line. May be called more than once.
    func finish()
}

extension ProgressDisplay {
    func finish() {}
}

enum Terminal {
    /// Whether standard error is a terminal on which a line can be drawn again.
    static var canRedraw: Bool {
        guard isatty(STDERR_FILENO) == 1 else { return false }
        return getenv("TERM").map { String(cString: $0) } ?? "dumb" != "dumb"
    }

    static var columns: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// `NO_COLOR` and `FORCE_COLOR` decide; else a terminal has colours.
    static var hasColour: Bool {
        if let value = getenv("NO_COLOR"), value.pointee != 0 { return false }
        if let value = getenv("FORCE_COLOR"), value.pointee != 0 { return true }
        return canRedraw
    }
}

extension RunEvent {
    /// What a module says, as lines with its name in front.
    var spoken: String? {
        switch self {
        case .printed(let node, let text): text.labelled(node)
        case .logged(_, .debug, _): nil
        case .logged(let node, let level, let message):
            "\(level.rawValue): \(message)\n".labelled(node)
        default: nil
        }
    }
}

/// Only what modules print.
final class SilentProgress: ProgressDisplay {
    func show(_ event: RunEvent) {
        if let text = event.spoken { report(text) }
    }
}

/// A line for each module that is done.
final class PlainProgress: ProgressDisplay {
    private let total: Int
    private var done = 0

    init(total: Int) { self.total = total }

    func show(_ event: RunEvent) {
        if let text = event.spoken { report(text) }
        switch event {
        case .moduleFinished(let record):
            done += 1
            let width = "\(total)".count
            let count = String(repeating: " ", count: width - "\(done)".count) + "\(done)"
            report("[\(count)/\(total)] \(record.node)  \(record.outcome)\n")
        case .runFinished(let run, let status, let seconds):
            report("\(status.rawValue): run \(run) in \(seconds.shortSeconds)\n")
        default: break
        }
    }
}

extension ModuleRecord {
    /// `0.21 s`, `cached`, `failed`, `skipped: `src` failed`
    var outcome: String {
        switch status {
        case .computed: seconds.shortSeconds
        case .cached: "cached"
        case .failed: "failed"
        case .skipped: "skipped: `\(skippedBecauseOf ?? "?")` failed"
        }
    }
}

extension Int {
    /// `1 module`, `24 modules`
    var modules: String { self == 1 ? "1 module" : "\(self) modules" }
}

extension Double {
    /// With two decimals below ten seconds, one below a hundred.
    var shortSeconds: String {
        let digits = self < 10 ? 2 : self < 100 ? 1 : 0
        let scale = digits == 2 ? 100.0 : digits == 1 ? 10 : 1
        let units = Int((self * scale).rounded())
        if digits == 0 { return "\(units) s" }
        let fraction = "\(units % Int(scale))"
        let zeros = String(repeating: "0", count: digits - fraction.count)
        return "\(units / Int(scale)).\(zeros)\(fraction) s"
    }
}

/// One live line: how much is done, and what is computing.
final class BarProgress: ProgressDisplay {
    private let total: Int
    private var done = 0
    private var node = ""
    private var fraction = 0.0
    private var note: String?
    private var isDrawn = false
    private var lastDraw: ContinuousClock.Instant?

    init(total: Int) { self.total = total }

    func show(_ event: RunEvent) {
        if let text = event.spoken {
            clear()
            report(text)
        }
        switch event {
        case .runStarted: draw(always: true)
        case .moduleStarted(let node, _, _):
            (self.node, fraction, note) = (node, 0, nil)
            draw(always: false)
        case .progress(_, let fraction, let note):
            (self.fraction, self.note) = (fraction, note)
            draw(always: false)
        case .moduleFinished(let record):
            done += 1
            (node, fraction, note) = ("", 0, nil)
            if record.status == .failed || record.status == .skipped {
                clear()
                report("\(record.node)  \(record.outcome)\n")
            }
            draw(always: false)
        case .runFinished(let run, let status, let seconds):
            // Also what the terminal shows of Ctrl-C.
            isDrawn = true
            clear()
            report("\(status.rawValue): \(done.modules) in \(seconds.shortSeconds), run \(run)\n")
        default: break
        }
    }

    func finish() { clear() }

    /// At most 20 times a second: a thousand quick modules are not slowed down by drawing.
    private func draw(always: Bool) {
        let now = ContinuousClock.now
        if !always, let lastDraw, lastDraw.duration(to: now) < .milliseconds(50) { return }
        lastDraw = now
        let width = 24
        let filled =
            total == 0
            ? 0 : Int((Double(done) + fraction) / Double(total) * Double(width))
        let bar =
            String(repeating: "━", count: min(filled, width))
            + String(repeating: "╌", count: max(0, width - filled))
        var line = "\(bar) \(done)/\(total) \(node)"
        if fraction > 0 { line += " \(Int(fraction * 100))%" }
        if let note { line += " \(note)" }
        let shown = String(line.prefix(Terminal.columns - 1))
        report("\r\u{1b}[2K" + (Terminal.hasColour ? "\u{1b}[36m\(shown)\u{1b}[0m" : shown))
        isDrawn = true
    }

    private func clear() {
        if isDrawn { report("\r\u{1b}[2K") }
        isDrawn = false
        lastDraw = nil
    }
}

/// An object a line, for other programs.
final class JSONProgress: ProgressDisplay {
    func show(_ event: RunEvent) { report(event.json.text + "\n") }
}

extension RunEvent {
    var json: JSON {
        switch self {
        case .runStarted(let run, let workflow, let modules, let expected):
            .object([
                ("event", .string("run_started")), ("run", .string(run)),
                ("workflow", .string(workflow)), ("modules", .integer(modules)),
                (
                    "expected",
                    .object(
                        expected.sorted { $0.key < $1.key }.map { ($0.key, .seconds($0.value)) })
                ),
            ])
        case .moduleStarted(let node, let module, let position):
            .object([
                ("event", .string("module_started")), ("node", .string(node)),
                ("module", .string(module)), ("position", .integer(position + 1)),
            ])
        case .progress(let node, let fraction, let note):
            .object([
                ("event", .string("progress")), ("node", .string(node)),
                ("fraction", .number(fraction)), ("note", note.map(JSON.string) ?? .null),
            ])
        case .tasks(let node, let call):
            .object([
                ("event", .string("tasks")), ("node", .string(node)),
                ("call", .integer(call.call)), ("backend", .string(call.backend)),
                ("label", call.label.map(JSON.string) ?? .null), ("done", .integer(call.done)),
                ("total", call.total.map(JSON.integer) ?? .null),
                ("workers", .integer(call.workers)),
            ])
        case .printed(let node, let text):
            .object([
                ("event", .string("printed")), ("node", .string(node)), ("text", .string(text)),
            ])
        case .logged(let node, let level, let message):
            .object([
                ("event", .string("logged")), ("node", .string(node)),
                ("level", .string(level.rawValue)), ("message", .string(message)),
            ])
        case .moduleFinished(let record):
            .object([("event", .string("module_finished")), ("node", record.json)])
        case .runFinished(let run, let status, let seconds):
            .object([
                ("event", .string("run_finished")), ("run", .string(run)),
                ("status", .string(status.rawValue)), ("seconds", .seconds(seconds)),
            ])
        }
    }
}
