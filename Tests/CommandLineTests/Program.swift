// SPDX-License-Identifier: BSD-3-Clause

import Foundation
import Glibc

/// An argument or an input: bytes, for not everything on a command line is text.
struct Bytes: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, Hashable, Sendable {
    var bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }
    init(_ text: String) { bytes = Array(text.utf8) }
    init(stringLiteral text: String) { self.init(text) }

    var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension Bytes: CustomStringConvertible {
    var description: String { text }
}

/// A program to run, and the place to run it in.
struct Program: Sendable {
    var path: String
    /// `argv[0]`; the path when nil.
    var name: String?
    /// Set on top of the test's own environment; nil unsets. Nothing of Lua's is inherited.
    var environment: [String: String?] = [:]
    var directory: String?

    init(_ path: String) { self.path = path }

    /// The program under test: `VTLUA_BINARY`, or the one that was built with the tests.
    static var vtlua: Program {
        if let path = ProcessInfo.processInfo.environment["VTLUA_BINARY"] { return Program(path) }
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        let folder = URL(fileURLWithPath: tests ?? CommandLine.arguments[0])
            .deletingLastPathComponent()
        return Program(folder.appendingPathComponent("vtlua").path)
    }

    /// Debian's interpreter, the model for the mode without a subcommand.
    static var lua: Program { Program("/usr/bin/lua5.4") }

    var isInstalled: Bool { access(path, X_OK) == 0 }

    /// How a program ended.
    enum End: Hashable, Sendable {
        case exit(Int32)
        case signal(Int32)
        /// It was killed, with everything it had started.
        case timeout
    }

    /// What a program has written, and how it ended.
    struct Outcome: Hashable, Sendable {
        var output: Bytes
        var error: Bytes
        var end: End

        var code: Int32? { if case .exit(let code) = end { code } else { nil } }
    }

    /// Runs it to its end.
    func run(
        _ arguments: [Bytes] = [], input: Bytes = "", timeout: Duration = hangLimit
    ) throws -> Outcome {
        let program = try start(arguments)
        return try program.finish(input: input, timeout: timeout)
    }

    func run(
        _ arguments: Bytes..., input: Bytes = "", timeout: Duration = hangLimit
    ) throws -> Outcome {
        try run(arguments, input: input, timeout: timeout)
    }

    /// Starts it with a pipe for each stream.
    func start(_ arguments: [Bytes] = []) throws -> RunningProgram {
        try RunningProgram(self, arguments, terminal: false)
    }

    /// Starts it on a terminal of its own.
    func startOnTerminal(_ arguments: [Bytes] = []) throws -> RunningProgram {
        try RunningProgram(self, arguments, terminal: true)
    }
}

/// A call of the system's that failed.
struct SystemError: Error, CustomStringConvertible {
    var call: String
    var number: Int32

    init(_ call: String, _ number: Int32 = errno) {
        self.call = call
        self.number = number
    }

    var description: String { "\(call): \(String(cString: strerror(number)))" }

    /// Throws unless `result`, as most calls give it, is a success.
    @discardableResult
    static func check(_ call: String, _ result: Int32) throws -> Int32 {
        if result < 0 { throw SystemError(call) }
        return result
    }
}
