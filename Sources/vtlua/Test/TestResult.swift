// SPDX-License-Identifier: BSD-3-Clause

import VTLuaTooling
import VTRuntime

/// The result of one test.
struct TestResult {
    enum Status: String { case passed, failed, pending }

    /// The names of `describe` and `it`, joined.
    var name: String
    var status = Status.failed
    var seconds = 0.0
    var file: String?
    var line: Int?
    /// The reason of a failure or a pending test.
    var message = ""
    /// The lines of the calls that led to the failure.
    var callers = ""
    var printed = ""
}

/// The results of one file.
struct SpecResult {
    var path: String
    var tests: [TestResult] = []
    var seconds = 0.0

    func count(_ status: TestResult.Status) -> Int { tests.count { $0.status == status } }
    var hasFailed: Bool { tests.contains { $0.status == .failed } }
}

/// Builds results from the events of a spec's process.
struct SpecReader {
    private(set) var result: SpecResult
    /// The running test, and the length of the output at its start.
    private var current: (test: TestResult, mark: Int)?
    private var isDone = false

    init(_ path: String) { result = SpecResult(path: path) }

    mutating func read(_ event: [String], of process: SpecProcess) {
        switch event.first {
        case "begin" where event.count == 5:
            let test = TestResult(name: event[1], file: event[3].filled, line: Int(event[4]))
            current = (test, Int(event[2]) ?? 0)
        case "end" where event.count == 8:
            guard let (begun, mark) = current else { return }
            var test = begun
            test.status = TestResult.Status(rawValue: event[1]) ?? .failed
            test.seconds = Double(event[2]) ?? 0
            test.printed = process.printed(from: mark, to: Int(event[3]))
            test.file = event[4].filled ?? test.file
            test.line = Int(event[5]) ?? test.line
            test.message = event[6]
            test.callers = event[7]
            result.tests.append(test)
            current = nil
        case "done": isDone = true
        default: break
        }
    }

    /// Completes the result when the process has ended. `reason` describes an abnormal end.
    mutating func finish(
        _ process: SpecProcess, after seconds: Double, _ reason: String?, advice: String = ""
    ) {
        result.seconds = seconds
        guard reason != nil || !isDone else { return }
        let why = "the process " + (reason ?? "ended with exit code 0")
        var test = current?.test ?? TestResult(name: "the file", file: result.path)
        let moment =
            current == nil
            ? isDone ? " after the tests" : " before the tests were over" : " while this test ran"
        test.message = why + moment + advice
        test.printed = process.printed(from: current?.mark ?? 0)
        result.tests.append(test)
    }
}

extension String {
    fileprivate var filled: String? { isEmpty ? nil : self }
}
