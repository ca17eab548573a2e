// SPDX-License-Identifier: BSD-3-Clause

package import LuaBridge
package import Workflow

/// A workflow in a file.
package struct FlowFile {
    package let path: String
    package let graph: Graph

    /// Runs the script, which ends with `return flow`.
    ///
    /// - Throws: ``InvalidFlow``: the script has an error, or returns something else.
    package static func load(_ path: String, in workspace: Workspace, _ lua: borrowing Lua) throws
        -> FlowFile
    {
        workspace.enter(directory: path.directoryPart)
        do {
            try lua.load(file: path)
        } catch  where error.code == .file {
            throw InvalidFlow(path: path, message: "cannot read '\(path)'", reason: .unreadable)
        } catch {
            throw InvalidFlow(path: path, error)
        }
        do {
            try lua.push(path)
            try lua.call(arguments: 1, results: 1)
        } catch let error as LuaError where error.code != .cancelled && error.code != .timedOut {
            throw InvalidFlow(path: path, error)
        }
        defer { lua.pop() }
        guard let flow = lua.object(Flow.luaClass, at: -1) else {
            let what = lua.isNil(at: -1) ? "nothing" : "a \(lua.typeName(at: -1))"
            throw InvalidFlow(
                path: path,
                message: "'\(path)' returns \(what), not a workflow; end it with `return flow`")
        }
        return FlowFile(path: path, graph: flow.graph)
    }
}

/// A workflow's script that does not give a workflow.
package struct InvalidFlow: Error, Sendable {
    package enum Reason: Sendable { case unreadable, script }
    package var path: String
    package var message: String
    package var location: SourceLocation?
    package var traceback: [LuaFrame]
    package var reason: Reason

    init(path: String, message: String, reason: Reason = .script) {
        self.path = path
        self.message = message
        self.reason = reason
        traceback = []
    }

    init(path: String, _ error: LuaError) {
        self.path = path
        reason = .script
        traceback = error.traceback.filter { $0.file != nil && $0.line != nil }
        message = error.message
        (location, message) = error.message.splitLocation(among: traceback)
    }
}

extension String {
    /// "file:line: message" in its parts.
    func splitLocation(among frames: [LuaFrame]) -> (SourceLocation?, String) {
        for frame in frames {
            let prefix = "\(frame.shortSource):\(frame.line ?? 0): "
            if hasPrefix(prefix) {
                let file = frame.file ?? frame.shortSource
                return (
                    SourceLocation(file: file, line: frame.line ?? 0),
                    String(dropFirst(prefix.count))
                )
            }
        }
        // A syntax error has no frame of its own.
        let parts = split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        if parts.count == 3, let line = Int(parts[1]), parts[2].hasPrefix(" ") {
            return (
                SourceLocation(file: String(parts[0]), line: line), String(parts[2].dropFirst())
            )
        }
        return (frames.first.map { SourceLocation(file: $0.file ?? "?", line: $0.line ?? 0) }, self)
    }
}
