// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
package import VTLuaBridge

/// An error as its reader needs it: the place in a script of the person's own, what happened
/// there, and who called.
///
/// A function of the library that is called with something wrong raises the error far from the
/// mistake: the place is the call.
package struct ErrorPlace {
    package var location: SourceLocation?
    /// Without the position in front.
    package var message: String
    /// The line of the library that failed, when it did not raise the error on purpose.
    package var inside: SourceLocation?
    /// The person's functions that led there, innermost first.
    package var callers: [LuaFrame]

    /// - Parameter file: the whole path of the script, whose name a long message shortens.
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
        let place = location
        let position = own.firstIndex { $0.place == place }
        callers = Array(own[(position.map { $0 + 1 } ?? 0)...])
    }

    /// "file:line: message" in its parts.
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
    /// Whether the function is one of the library's, not of the person's.
    var isOfLibrary: Bool { file?.hasPrefix("stdlib/") ?? false }

    var place: SourceLocation { SourceLocation(file: file ?? shortSource, line: line ?? 0) }
}

extension SourceLocation {
    var isOfLibrary: Bool { file.hasPrefix("stdlib/") }
}

extension LuaError {
    /// The message; for a thrown table that cannot be printed, what is in it.
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

    /// In the words of someone who writes Lua, not Swift.
    package var plain: LuaError {
        guard let cut = message.firstRange(of: "; read it as LuaBytes") else { return self }
        var message = message
        message.replaceSubrange(cut, with: "; save the script as UTF-8")
        return LuaError(code, message, traceback: traceback)
    }
}

extension String {
    /// The first place of `text`. (Foundation has one, and stays out.)
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
