// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTLuaBridge
internal import VTLuaTooling
internal import VTParallel
internal import VTRuntime
internal import VTSystem

/// An error as a notebook shows it: the message, the surrounding lines of the cell, and the call
/// stack.
struct KernelError {
    typealias Content = JSON

    var name: String
    var message: String
    var traceback: [String]

    /// Formats an error.
    ///
    /// - Parameters:
    ///   - code: the code of the cell.
    ///   - chunk: the chunk name of the cell.
    init(_ error: any Error, code: String, name chunk: String, _ lua: borrowing Lua) {
        message = "\(error)"
        var lines: [String] = []
        var place: Int?
        if let error = error as? LuaError {
            name = Self.name(of: error.code)
            message = error.message + Hint.text(error.message, source: code)
            place = error.traceback.first { $0.source == chunk && $0.line != nil }?.line
            if case .table = error.value, (try? error.value.push(onto: lua)) != nil {
                message += ": " + PrettyText().text(at: -1, lua)
                lua.pop()
            }
            lines = Self.frames(of: error)
        } else {
            name = error is TaskError ? "TaskError" : "Error"
        }
        place = place ?? Self.line(in: message, of: String(chunk.dropFirst()))
        traceback =
            ["\(name): \(message)"] + (place.map { Self.excerpt(code, $0) } ?? []) + lines
        traceback = traceback.map { String($0.prefix(Self.longestLine)) }
        message = String(message.prefix(Self.longestLine))
    }

    private static let longestLine = 20_000

    var content: [Content.Member] {
        [
            ("ename", .string(name)), ("evalue", .string(message)),
            ("traceback", Content(traceback)),
        ]
    }

    private static func name(of code: LuaError.Code) -> String {
        switch code {
        case .syntax: "SyntaxError"
        case .memory: "MemoryError"
        case .cancelled: "KeyboardInterrupt"
        case .timedOut: "TimeoutError"
        default: "LuaError"
        }
    }

    /// Returns the call stack, the innermost call first; empty if the cell itself failed.
    private static func frames(of error: LuaError) -> [String] {
        let frames = error.traceback
        guard frames.count > 1 else { return [] }
        var lines = ["stack traceback:"]
        for (index, frame) in frames.enumerated() {
            if error.skippedFrames > 0, index == frames.count / 2 {
                lines.append("    ... \(error.skippedFrames) more")
            }
            if frame.line != nil || frame.name != nil { lines.append("    \(frame)") }
        }
        return lines
    }

    /// Returns the line number in a message: 3 in "cell 2:3: message".
    private static func line(in message: String, of chunk: String) -> Int? {
        guard message.hasPrefix(chunk + ":") else { return nil }
        return Int(message.dropFirst(chunk.count + 1).prefix { $0.isNumber })
    }

    /// Returns the line and its neighbours.
    private static func excerpt(_ code: String, _ line: Int) -> [String] {
        let lines = code.sourceLines
        guard (1...lines.count).contains(line) else { return [] }
        return (max(1, line - 1)...min(lines.count, line + 1)).map { number in
            let digits = "\(number)"
            let pad = String(repeating: " ", count: max(0, 4 - digits.count))
            return "\(number == line ? ">" : " ")\(pad)\(digits) | \(lines[number - 1].prefix(200))"
        }
    }
}
