// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTSystem

/// The source location of an error in the user's scripts, the message, and the callers.
///
/// A function of the standard library that gets a wrong argument raises an error far from the
/// mistake: the location is the call.
package struct ErrorPlace {
    /// The line of the user's script; of the library if no function of a script was running.
    package var location: SourceLocation?
    /// The message without the location that Lua puts in front.
    package var message: String
    /// The line of the standard library that failed, if it did not raise the error on purpose.
    package var inside: SourceLocation?
    /// The functions of the user's scripts that led to the location, innermost first.
    package var callers: [LuaFrame]

    /// - Parameter file: the path of the script, which Lua shortens in messages.
    package init(_ error: LuaError, in file: String? = nil) {
        let frames = error.traceback.filter { $0.file != nil && $0.line != nil }
        let own = frames.filter { !$0.isOfLibrary }
        message = error.explained
        callers = []
        while let position = Self.position(in: message, among: frames, file) {
            location = position.location
            message = position.rest
        }
        if location?.isOfLibrary ?? true, let first = own.first {
            let raised = ["error", "assert"].contains(error.traceback.first?.name)
            inside = raised ? nil : location
            location = first.place
        }
        location = location ?? frames.first?.place
        // The line of the library at which the time was over explains nothing.
        if error.code == .timedOut, location?.isOfLibrary ?? false { location = nil }
        let place = location
        let position = own.firstIndex { $0.place == place }
        callers = Array(own[(position.map { $0 + 1 } ?? 0)...])
    }

    /// Splits "file:line: message".
    private static func position(
        in message: String, among frames: [LuaFrame], _ file: String?
    ) -> (location: SourceLocation, rest: String)? {
        for frame in frames {
            let prefix = "\(frame.shortSource):\(frame.line ?? 0): "
            if message.hasPrefix(prefix) {
                return (frame.place, String(message.dropFirst(prefix.count)))
            }
        }
        // A syntax error has no frame of its own.
        let parts = message.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let line = Int(parts[1]), parts[2].hasPrefix(" ") else {
            return nil
        }
        var name = String(parts[0])
        if name.hasPrefix("..."), let file, file.hasSuffix(name.dropFirst(3)) { name = file }
        let isScript =
            name == file || frames.contains { $0.file == name }
            || name.hasSuffix(".lua") && access(name, F_OK) == 0
        guard isScript else { return nil }
        return (SourceLocation(file: name, line: line), String(parts[2].dropFirst()))
    }
}

extension LuaFrame {
    /// True for a function of the standard library.
    var isOfLibrary: Bool { file?.hasPrefix("stdlib/") ?? false }

    var place: SourceLocation { SourceLocation(file: file ?? shortSource, line: line ?? 0) }
}

extension SourceLocation {
    var isOfLibrary: Bool { file.hasPrefix("stdlib/") }
}

extension LuaError {
    /// The message; for a thrown table without a message, its first fields.
    fileprivate var explained: String {
        guard message.hasPrefix("(error object is a ") else { return message }
        switch value {
        case .table(let pairs):
            let shown = pairs.prefix(5).map { pair in
                let key = if case .string(let name) = pair.key { name.text } else { pair.key.brief }
                return "\(key) = \(pair.value.brief)"
            }
            let more = pairs.count > 5 ? ", ..." : ""
            return shown.isEmpty
                ? "an empty table was thrown"
                : "a table was thrown: { \(shown.sorted().joined(separator: ", "))\(more) }"
        case .nil: return "nil was thrown; give error() a message"
        default: return message
        }
    }

    /// The error in the terms of Lua: a hint for Swift is replaced.
    package var plain: LuaError {
        guard let cut = message.firstRange(of: "; read it as LuaBytes") else { return self }
        var message = message
        message.replaceSubrange(cut, with: "; save the script as UTF-8")
        return LuaError(code, message, traceback: traceback)
    }
}

extension String {
    /// Returns the range of the first occurrence of `text`. This target does not use Foundation.
    package func firstRange(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) {
                return start..<index(start, offsetBy: text.count)
            }
            start = index(after: start)
        }
        return nil
    }
}
