// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
internal import VTJupyter
internal import VTLuaBridge
internal import VTLuaTooling
internal import VTRuntime
internal import VTWorkflow

/// A notebook's kernel: answers requests one after another with a session of a Lua state.
///
/// It belongs to the thread of the state. What has to be answered meanwhile, the thread of the
/// sockets answers (`KernelServer`).
final class NotebookKernel {
    typealias Content = VTJupyter.JSON

    let runtime: Runtime
    let session: VTLuaTooling.Session
    let post: KernelMailbox
    let output: CapturedOutput
    let running = RunningCell()
    let progress: KernelProgress
    var history: KernelHistory
    /// How many cells were run.
    var count = 0
    /// The cell that runs.
    var request: KernelRequest?
    /// Cells that are not to be run, since one before them has failed.
    var aborted: [KernelRequest] = []
    /// What was typed and not read yet.
    var typed: [UInt8] = []
    /// Displays that were made.
    var displays = 0

    init(_ options: Runtime.Options, history path: String?) throws {
        post = try KernelMailbox()
        output = try CapturedOutput()
        runtime = try Runtime(options)
        session = VTLuaTooling.Session(workspace: runtime.workspace)
        progress = KernelProgress(post)
        history = KernelHistory(path: path)
    }

    func serve(_ connection: KernelConnection) throws {
        try runtime.run { lua in
            let server: KernelServer
            do {
                try prepare(lua)
                server = try start(connection)
            } catch {
                output.giveUp()
                throw error
            }
            while !post.isEnding {
                if let request = post.next() { handle(request, lua) }
            }
            for error in session.end(lua) { write("\(error)\n", to: "stderr") }
            flush()
            post.finish()
            server.wait()
        }
    }

    private func start(_ connection: KernelConnection) throws -> KernelServer {
        let error = output.originalError
        return try KernelServer(
            connection, post: post, output: output, info: Self.info,
            log: { line in _ = writeAll("vtlua kernel: \(line)\n", to: error) },
            stop: { [running] in running.interrupt() })
    }

    /// Makes the state one of a notebook.
    private func prepare(_ lua: borrowing Lua) throws {
        // Modules beside the notebook are found.
        runtime.workspace.enter(directory: "")
        try redirectStreams(lua)
        try redirectInput(lua)
        try runtime.workspace.capturePrint(lua)
        try refuseExit(lua)
        try addDisplay(lua)
        runtime.workspace.interpreter.observers.append { [unowned self] event in
            progress.show(event)
            if let text = event.outputText { write(text, to: "stdout") }
        }
        runtime.workspace.interpreter.calls.watcher = { [unowned self] call, state, seconds in
            progress.show(call, state, seconds)
        }
    }

    private func refuseExit(_ lua: borrowing Lua) throws {
        try lua.pushGlobal("os")
        defer { lua.pop() }
        try lua.pushConfined { lua in
            throw lua.error(
                "os.exit would end the kernel; shut it down or restart it from the notebook")
        }
        try lua.setRawField("exit", of: -2)
    }

    // MARK: Requests

    private func handle(_ request: KernelRequest, _ lua: borrowing Lua) {
        post.begin(request)
        let top = lua.top
        switch request.message.type {
        case "execute_request": execute(request, lua)
        case "complete_request": post.reply(to: request, "complete_reply", complete(request, lua))
        case "inspect_request": post.reply(to: request, "inspect_reply", inspect(request, lua))
        case "is_complete_request":
            post.reply(to: request, "is_complete_reply", completeness(request, lua))
        case "history_request": post.reply(to: request, "history_reply", past(request))
        case "kernel_info_request": post.reply(to: request, "kernel_info_reply", Self.info)
        case "comm_info_request":
            post.reply(to: request, "comm_info_reply", ["status": "ok", "comms": [:]])
        case "comm_open":
            // Nobody is at the other end.
            let id = Content(request.message.content["comm_id"].string)
            post.publish("comm_close", ["comm_id": id, "data": [:]])
        default:
            if let type = request.message.replyType {
                post.reply(to: request, type, KernelServer.unknown(request.message.type))
            }
        }
        try? lua.setTop(top)
        post.end(request)
        for waiting in aborted { abort(waiting) }
        aborted = []
    }

    static var info: Content {
        let lua = LuaRelease.name.drop { $0 != " " }.dropFirst()
        return [
            "status": "ok", "protocol_version": "5.3", "implementation": "vtlua",
            "implementation_version": .string(VTRuntimeVersion.text),
            "language_info": [
                "name": "lua", "version": .string(String(lua)), "mimetype": "text/x-lua",
                "file_extension": ".lua", "pygments_lexer": "lua", "codemirror_mode": "lua",
            ],
            "banner": .string(
                "VTLua \(VTRuntimeVersion.text) (\(LuaRelease.name)): `vt`, `parallel` and "
                    + "`display` are at hand; `name?` tells of a name."),
            "debugger": false,
            "help_links": [
                [
                    "text": "Lua 5.4 Reference Manual",
                    "url": "https://www.lua.org/manual/5.4/manual.html",
                ]
            ],
        ]
    }
}
