// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTRuntime
import VTSystem
import VTWorkflow

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

/// Shows the events of a run on standard error.
protocol ProgressDisplay: AnyObject {
    /// True if it shows the expected duration of a run.
    var estimates: Bool { get }
    func show(_ event: RunEvent)
    /// Leaves the cursor at the start of a line. May be called more than once.
    func finish()
    /// Writes lines that do not belong to the run.
    func write(_ text: String)
}

extension ProgressDisplay {
    var estimates: Bool { false }
    func finish() {}
    func write(_ text: String) { report(text) }
}

enum Terminal {
    /// True if standard error is a terminal that can redraw a line.
    static var canRedraw: Bool {
        guard sandboxColumns != nil || isatty(STDERR_FILENO) == 1 else { return false }
        return getenv("TERM").map { String(cString: $0) } ?? "dumb" != "dumb"
    }

    static var columns: Int {
        if let columns = sandboxColumns { return columns }
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// True if colours are used: decided by `NO_COLOR` and `FORCE_COLOR`, else by whether it is a
    /// terminal.
    static var hasColour: Bool { hasColour(on: STDERR_FILENO) }

    /// The variable with the number of columns of the terminal, for the process of a sandboxed run.
    static let sandboxVariable = "VTLUA_SANDBOX_COLUMNS"

    /// The number of columns of the parent's terminal, in the process of a sandboxed run; nil: there is
    /// none.
    private static var sandboxColumns: Int? {
        getenv(sandboxVariable).flatMap { Int(String(cString: $0)) }
    }

    static func hasColour(on descriptor: Int32) -> Bool {
        if let value = getenv("NO_COLOR"), value.pointee != 0 { return false }
        if let value = getenv("FORCE_COLOR"), value.pointee != 0 { return true }
        let isTerminal =
            isatty(descriptor) == 1 || descriptor == STDERR_FILENO && sandboxColumns != nil
        guard isTerminal else { return false }
        return getenv("TERM").map { String(cString: $0) } ?? "dumb" != "dumb"
    }
}

/// Shows only the text that modules print.
final class SilentProgress: ProgressDisplay {
    func show(_ event: RunEvent) {
        if let text = event.outputBytes { report(bytes: text) }
    }
}

/// Prints a line for each finished module, and every 10 s one for a module that computes many
/// elements. Nested runs are part of their module.
final class PlainProgress: ProgressDisplay {
    private let total: Int
    private var done = 0
    private var nesting = RunNesting()
    private var running: [RunningModule] = []
    private var lastLine = Clock.now

    /// The time without a line after which one about elements is printed.
    private static let interval = 10 * Clock.second

    init(total: Int) { self.total = total }

    func show(_ event: RunEvent) {
        if let text = event.outputBytes { report(bytes: text) }
        if nesting.isInside(event) { return }
        switch event {
        case .moduleStarted(let node, _, _): running.append(RunningModule(node: node))
        case .tasks(let node, let call) where call.call == 0:
            guard let index = running.firstIndex(where: { $0.node == node }) else { break }
            running[index].call = call
            guard Clock.now - lastLine >= Self.interval else { break }
            lastLine = Clock.now
            report("\(running[index].line)\n")
        case .moduleFinished(let record):
            running.removeAll { $0.node == record.node }
            lastLine = Clock.now
            done += 1
            let width = "\(total)".count
            let count = String(repeating: " ", count: width - "\(done)".count) + "\(done)"
            report("[\(count)/\(total)] \(record.node)  \(record.outcome)\n")
        case .runFinished(let run, let status, let duration):
            report("\(status.rawValue): run \(run) in \(duration.inSeconds.shortSeconds)\n")
        default: break
        }
    }
}

extension ModuleRecord {
    /// The result of a module: `0.21 s`, `cached`, `failed`, or ``skipped: `src` failed``; before the
    /// time of a module with elements their numbers.
    var outcome: String {
        if let elements {
            let line = elements.line
            switch status {
            case .computed: return "\(line)  \(seconds.shortSeconds)"
            case .cached: return line
            case .failed: return "failed  \(line)"
            case .suspended where !elements.areTurns: return "suspended  \(line)"
            default: break
            }
        }
        return switch status {
        case .computed:
            (items.map { "\(Format.count($0, "item"))  " } ?? "") + seconds.shortSeconds
        case .cached: "cached"
        case .failed: isReplaced ? "failed; its default is used" : "failed"
        case .skipped:
            "skipped: `\(skippedBecauseOf ?? "?")` \(isWaiting ? "is suspended" : "failed")"
        case .notNeeded: "not needed"
        case .suspended: "suspended" + (skippedBecauseOf.map { ": \($0)" } ?? "")
        case .stopped: "stopped"
        }
    }
}

extension Int {
    /// A number of modules: `1 module`, `24 modules`.
    var modules: String { self == 1 ? "1 module" : "\(self) modules" }
}

extension Double {
    /// Seconds with two decimals below 10, one below 100, otherwise none.
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
