// SPDX-License-Identifier: BSD-3-Clause

internal import CVTSystem
internal import VTLuaBridge
package import VTRuntime
internal import VTSystem
internal import VTWorkflow

/// The child's side of ``SpecProcess``: runs one spec in its own process.
///
/// Events are written to descriptor 3, one a line. Output goes to standard output, and each event
/// holds the position in the output at that time.
package enum SpecRun {
    private static let channel: Int32 = 3

    /// Runs the spec and returns the exit code.
    package static func run(
        _ path: String, filter: String?, failFast: Bool, parent: Int32, options: Runtime.Options,
        failed: (String) -> Void
    ) -> Int32 {
        guard vty_end_with_parent(parent) else { return 1 }
        // Programs that a test starts must not inherit the channel.
        _ = fcntl(channel, F_SETFD, FD_CLOEXEC)
        do {
            let runtime = try Runtime(options)
            try runtime.run { lua in
                for directory in directories(of: path) {
                    runtime.workspace.enter(directory: directory)
                }
                runtime.workspace.environment.observers.append { event in
                    switch event {
                    case .printed(let node, let text): show(text.labelled(node))
                    case .logged(let node, let level, let message):
                        show("\(level.rawValue): \(message)\n".labelled(node))
                    default: break
                    }
                }
                try runtime.workspace.capturePrint(lua)
                try lua.execute("io.stdout:setvbuf 'line'", name: "=vtlua")
                try call(path, filter, failFast, lua)
            }
            fflush(nil)
            return 0
        } catch {
            failed("\(error)")
            return 1
        }
    }

    private static func show(_ text: String) { _ = writeAll(text, to: STDOUT_FILENO) }

    /// Calls `require("vt.spec").run(path, { send =, mark = }, { filter =, fail_fast = })`.
    private static func call(
        _ path: String, _ filter: String?, _ failFast: Bool, _ lua: borrowing Lua
    ) throws {
        try StandardLibrary.pushModule("vt.spec", lua)
        try lua.pushField("run", of: -1)
        try lua.push(path)
        try lua.pushTable(fields: 2)
        try lua.push { lua in
            lua.withBytes(at: 1) { send($0) }
            return 0
        }
        try lua.setRawField("send", of: -2)
        try lua.push { lua in
            flushOutput()
            try lua.push(Int(lseek(STDOUT_FILENO, 0, SEEK_CUR)))
            return 1
        }
        try lua.setRawField("mark", of: -2)
        try lua.pushTable(fields: 2)
        if let filter {
            try lua.push(filter)
            try lua.setRawField("filter", of: -2)
        }
        try lua.push(failFast)
        try lua.setRawField("fail_fast", of: -2)
        try lua.call(arguments: 3)
        lua.pop()
    }

    private static func send(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        while !rest.isEmpty {
            let count = write(channel, rest.baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { _exit(1) }  // the parent has closed the channel
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// Returns the directories of a spec's modules: its own, and those above it that belong to the
    /// project. These go up to the current directory or, for a path outside of it, up to the one
    /// that contains `modules`.
    static func directories(of path: String) -> [String] {
        var parts = path.split(separator: "/").map(String.init).dropLast()
        if path.hasPrefix("/") {
            let start = "/" + parts.joined(separator: "/")
            guard let modules = parts.lastIndex(of: "modules") else { return [start] }
            return stride(from: parts.count, through: max(modules, 1), by: -1).map {
                "/" + parts[..<$0].joined(separator: "/")
            }
        }
        parts = parts.drop { $0 == "." }
        let above = stride(from: parts.endIndex, to: parts.startIndex, by: -1).map {
            parts[..<$0].joined(separator: "/")
        }
        return above + ["."]
    }
}
