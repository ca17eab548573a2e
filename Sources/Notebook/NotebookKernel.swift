// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTLuaBridge
internal import VTLuaTooling
internal import VTRuntime
internal import VTSystem
internal import VTWorkflow

/// The kernel of a notebook. It answers requests one after another, with a session of one Lua
/// state.
///
/// It must be used from the state's thread. Requests that cannot wait are answered by the socket
/// thread (`KernelServer`).
final class NotebookKernel {
    typealias Content = JSON

    let runtime: Runtime
    let session: VTLuaTooling.Session
    let mailbox: KernelMailbox
    let output: CapturedOutput
    let running = RunningCell()
    let progress: KernelProgress
    var history: KernelHistory
    /// The number of cells that were run.
    var count = 0
    /// The request of the running cell.
    var request: KernelRequest?
    /// The requests of cells that will not run because an earlier one failed.
    var aborted: [KernelRequest] = []
    /// Typed input that was not read yet.
    var typed: [UInt8] = []
    /// The number of displays that were made.
    var displays = 0

    /// Receives what goes wrong with the connection.
    private let warn: @Sendable (String) -> Void

    init(_ options: Runtime.Options, history path: String?) throws {
        warn = options.warn
        var options = options
        // Standard error is the notebook's from now on.
        options.printsLuaWarnings = true
        mailbox = try KernelMailbox()
        output = try CapturedOutput()
        runtime = try Runtime(options)
        session = VTLuaTooling.Session(workspace: runtime.workspace)
        progress = KernelProgress(mailbox)
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
            while !mailbox.isEnding {
                if let request = mailbox.next() { handle(request, lua) }
            }
            for error in session.end(lua) { write("\(error)\n", to: "stderr") }
            flush()
            mailbox.finish()
            server.wait()
        }
    }

    private func start(_ connection: KernelConnection) throws -> KernelServer {
        return try KernelServer(
            connection, mailbox: mailbox, output: output, info: Self.info,
            log: warn,
            stop: { [running] in running.interrupt() })
    }

    /// Sets up the state for a notebook.
    private func prepare(_ lua: borrowing Lua) throws {
        // Modules in the notebook's directory can be required.
        runtime.workspace.enter(directory: "")
        runtime.workspace.warn = { [unowned self] text in write("warning: \(text)\n", to: "stderr")
        }
        try redirectStreams(lua)
        try redirectInput(lua)
        try runtime.workspace.capturePrint(lua)
        try refuseExit(lua)
        try addDisplay(lua)
        runtime.workspace.environment.observers.append { [unowned self] event in
            progress.show(event)
            if let text = event.outputText { write(text, to: "stdout") }
        }
        runtime.workspace.interpreter.calls.watcher = { [unowned self] call, state, seconds in
            progress.show(call, state, seconds)
        }
    }

    private func refuseExit(_ lua: borrowing Lua) throws {
        try lua.pushLoaded("os")
        defer { lua.pop() }
        try lua.pushConfined { lua in
            throw lua.error(
                "os.exit would end the kernel; shut it down or restart it from the notebook")
        }
        try lua.setRawField("exit", of: -2)
    }

    // MARK: Requests

    private func handle(_ request: KernelRequest, _ lua: borrowing Lua) {
        mailbox.begin(request)
        let top = lua.top
        switch request.message.type {
        case "execute_request": execute(request, lua)
        case "complete_request":
            mailbox.reply(to: request, "complete_reply", complete(request, lua))
        case "inspect_request": mailbox.reply(to: request, "inspect_reply", inspect(request, lua))
        case "is_complete_request":
            mailbox.reply(to: request, "is_complete_reply", completeness(request, lua))
        case "history_request": mailbox.reply(to: request, "history_reply", past(request))
        case "kernel_info_request": mailbox.reply(to: request, "kernel_info_reply", Self.info)
        case "comm_info_request":
            mailbox.reply(to: request, "comm_info_reply", ["status": "ok", "comms": [:]])
        case "comm_open":
            // This kernel has no comm targets: it closes the comm at once.
            let id = Content(request.message.content["comm_id"].string)
            mailbox.publish("comm_close", ["comm_id": id, "data": [:]])
        default:
            if let type = request.message.replyType {
                mailbox.reply(to: request, type, KernelServer.unknown(request.message.type))
            }
        }
        try? lua.setTop(top)
        mailbox.end(request)
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
                    + "`display` are available; `name?` shows documentation of a name."),
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
