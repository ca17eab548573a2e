// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTSystem
package import VTWorkflow

/// A workflow and the file that declares it.
package struct FlowFile {
    package let path: String
    package let graph: Graph

    /// Runs the script, which must end with `return flow`.
    ///
    /// - Throws: ``InvalidFlow`` if the script has an error or returns another value.
    package static func load(_ path: String, in workspace: Workspace, _ lua: borrowing Lua) throws
        -> FlowFile
    {
        if let objection = ScriptFile.objection(to: path) {
            throw InvalidFlow(path: path, message: objection, reason: .unreadable)
        }
        workspace.enter(directory: path.directoryPart)
        try workspace.capturePrint(lua)
        do {
            try lua.load(file: path)
        } catch  where error.code == .file {
            throw InvalidFlow(path: path, message: Self.unreadable(path), reason: .unreadable)
        } catch  where error.message.isAboutBytecode {
            throw InvalidFlow(
                path: path, message: "'\(path)' is bytecode; give the script it was made from")
        } catch {
            throw InvalidFlow(path: path, error)
        }
        return try call(path, workspace, lua)
    }

    /// Runs a script that is given as text.
    ///
    /// - Parameters:
    ///   - text: the script, which must end with `return flow`.
    ///   - name: the name of the script in messages.
    ///   - directory: the directory of its modules.
    /// - Throws: ``InvalidFlow`` if the script has an error or returns another value.
    static func load(
        text: String, name: String, directory: String, in workspace: Workspace,
        _ lua: borrowing Lua
    ) throws -> FlowFile {
        workspace.enter(directory: directory)
        try workspace.capturePrint(lua)
        do {
            try lua.load(text, name: "@" + name)
        } catch {
            throw InvalidFlow(path: name, error)
        }
        return try call(name, workspace, lua)
    }

    /// Calls the script on top, and takes the workflow that it returns.
    private static func call(
        _ path: String, _ workspace: Workspace, _ lua: borrowing Lua
    ) throws -> FlowFile {
        do {
            try lua.push(path)
            try workspace.loading { try lua.call(arguments: 1, results: 1) }
        } catch let error as LuaError where error.code != .cancelled && error.code != .timedOut {
            throw InvalidFlow(path: path, error)
        }
        defer { lua.pop() }
        guard let flow = lua.object(Flow.luaClass, at: -1) else {
            let what = lua.isNil(at: -1) ? "nothing" : "a \(lua.typeName(at: -1))"
            let isModule = what == "a vt.module"
            throw InvalidFlow(
                path: path,
                message: "'\(path)' returns \(what), not a workflow; "
                    + (isModule
                        ? "run a workflow that adds the module: flow:add(\"name\", module, { ... })"
                        : "end it with `return flow`"))
        }
        return FlowFile(path: path, graph: flow.graph)
    }

    /// Returns true if the value at `index` is a workflow.
    package static func isWorkflow(at index: Int, _ lua: borrowing Lua) -> Bool {
        lua.object(Flow.luaClass, at: index) != nil
    }

    /// Returns the reason why a script cannot be read, with a suggestion.
    private static func unreadable(_ path: String) -> String {
        var status = stat()
        if stat(path, &status) == 0 {
            if status.st_mode & S_IFMT == S_IFDIR {
                return "'\(path)' is a directory; give the script in it, "
                    + "such as \(path.hasSuffix("/") ? path : path + "/")flow.lua"
            }
            // The file exists, so that reading it yields the reason.
            let file = open(path, O_RDONLY)
            defer { if file >= 0 { close(file) } }
            return "cannot read '\(path)': \(String(cString: strerror(errno)))"
        }
        let reason = String(cString: strerror(errno))
        let directory = path.directoryPart
        let start = directory.isEmpty || directory == "/" ? directory : directory + "/"
        let name = String(path.split(separator: "/").last ?? "")
        let scripts = scripts(in: directory.isEmpty ? "." : directory)
        let near =
            scripts.contains(name + ".lua") ? name + ".lua" : closest(to: name, among: scripts)
        if near == nil, (1...8).contains(scripts.count) {
            return "cannot read '\(path)': \(reason); scripts in the same directory: "
                + scripts.sorted().joined(separator: ", ")
        }
        return "cannot read '\(path)': \(reason)"
            + (near.map { "; did you mean '\(start)\($0)'?" } ?? "")
    }

    private static func scripts(in path: String) -> [String] {
        Directory.entries(of: path).map(\.name).filter { $0.hasSuffix(".lua") }
    }
}
