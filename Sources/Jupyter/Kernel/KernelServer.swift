// SPDX-License-Identifier: BSD-3-Clause

package import VTSystem

/// The thread that owns a kernel's sockets. It passes requests on, and answers those that
/// must be answered while code runs.
package final class KernelServer: Sendable {
    private let mailbox: KernelMailbox
    private let output: CapturedOutput
    /// The content of `kernel_info_reply`.
    private let info: JSON
    /// Called on this thread to stop the running cell; returns true if there is one.
    private let stop: @Sendable () -> Bool
    private let parent = ParentWatch()
    private let isDone: WakeupPipe

    /// Starts the thread.
    ///
    /// - Throws: ``SocketError``.
    package init(
        _ connection: KernelConnection, mailbox: KernelMailbox, output: CapturedOutput, info: JSON,
        log: @escaping @Sendable (String) -> Void, stop: @escaping @Sendable () -> Bool
    ) throws(SocketError) {
        self.mailbox = mailbox
        self.output = output
        self.info = info
        self.stop = stop
        do throws(SystemError) {
            isDone = try WakeupPipe()
        } catch {
            throw SocketError(error)
        }
        let wire = TransferBox(try KernelWire(connection, log: log))
        KernelSignals.listen(mailbox.outside)
        do throws(SystemError) {
            try startThread("vtlua-kernel") { [self] in
                if let wire = wire.take() { serve(wire) }
                // A short time for ZeroMQ to send the last messages.
                usleep(100_000)
                isDone.signal()
            }
        } catch {
            throw SocketError(error)
        }
    }

    /// Waits until all messages are sent, for at most two seconds.
    package func wait() { isDone.wait(milliseconds: 2000) }

    // MARK: The loop

    private func serve(_ wire: KernelWire) {
        wire.publish("status", parent: nil, content: ["execution_state": "starting"])
        let sockets = [wire.control, wire.shell, wire.stdin]
        let bell = mailbox.outside.descriptor
        let all = Poller(
            sockets, descriptors: [bell] + output.descriptors, inflow: wire.inflow)
        let some = Poller(sockets, descriptors: [bell], inflow: wire.inflow)
        var deadline: Int64?
        while !mailbox.isFinished {
            let delay = wire.inflow.check() ? Inflow.interval : 1000
            (mailbox.hasRoom ? all : some).wait(milliseconds: min(delay, mailbox.delay))
            var isEnding = parent.isGone
            for signal in mailbox.outside.take() where signal != 0 {
                if Int32(signal) == SIGINT { interrupt() } else { isEnding = true }
            }
            while let message = wire.receive(on: wire.control) {
                if control(message, wire) { isEnding = true }
            }
            while let message = wire.receive(on: wire.shell) {
                if message.type == "shutdown_request" {
                    shutDown(KernelRequest(channel: .shell, message: message), wire)
                    isEnding = true
                } else {
                    mailbox.take(KernelRequest(channel: .shell, message: message))
                }
            }
            while let message = wire.receive(on: wire.stdin) {
                guard message.type == "input_reply" else { continue }
                mailbox.take(answer: message.content["value"].string ?? "")
            }
            if mailbox.hasRoom { output.drain(to: mailbox) }
            var count = 0
            while count < Self.mostAtOnce, let outgoing = mailbox.nextOutgoing() {
                send(outgoing, wire)
                count += 1
            }
            // Endless output must not overload a notebook, nor keep this loop from receiving.
            if count == Self.mostAtOnce { usleep(5000) }
            if isEnding, deadline == nil {
                deadline = Clock.now + Self.grace
                mailbox.requestEnd()
                interrupt()
            }
            if let deadline, Clock.now > deadline { break }
        }
        while let outgoing = mailbox.nextOutgoing(all: true) { send(outgoing, wire) }
        wire.reportUnsent()
        if !mailbox.isFinished {
            // The code does not return from a call of C: the process ends without it.
            KernelSignals.signalGroup(SIGTERM)
            usleep(100_000)
            _exit(0)
        }
    }

    private static let mostAtOnce = 100
    /// The time that running code has to clean up, in nanoseconds.
    private static let grace = 3 * Clock.second

    private func send(_ outgoing: KernelMailbox.Outgoing, _ wire: KernelWire) {
        switch outgoing {
        case .reply(let request, let type, let content):
            reply(to: request, type, content, wire)
        case .question(let request, let content):
            wire.send("input_request", on: wire.stdin, to: request.message, content: content)
        case .publication(let type, let parent, let content):
            wire.publish(type, parent: parent, content: content)
        case .stream(let stream):
            wire.publish(
                "stream", parent: stream.parent,
                content: [
                    "name": .string(stream.name),
                    "text": .string(String(decoding: stream.bytes, as: UTF8.self)),
                ])
        }
    }

    private func reply(
        to request: KernelRequest, _ type: String, _ content: JSON, _ wire: KernelWire
    ) {
        wire.send(
            type, on: request.channel == .control ? wire.control : wire.shell,
            to: request.message, content: content)
    }

    // MARK: Control

    private func interrupt() {
        if stop() { KernelSignals.signalGroup(SIGINT) }
    }

    /// Answers a control request immediately, whatever code runs; returns true if the kernel must
    /// end.
    private func control(_ message: Message, _ wire: KernelWire) -> Bool {
        let request = KernelRequest(channel: .control, message: message)
        if message.type == "shutdown_request" {
            shutDown(request, wire)
            return true
        }
        status("busy", message, wire)
        defer { status("idle", message, wire) }
        switch message.type {
        case "interrupt_request":
            interrupt()
            reply(to: request, "interrupt_reply", ["status": "ok"], wire)
        case "kernel_info_request":
            reply(to: request, "kernel_info_reply", info, wire)
        default:
            if let type = message.replyType {
                reply(to: request, type, KernelServer.unknown(message.type), wire)
            }
        }
        return false
    }

    private func shutDown(_ request: KernelRequest, _ wire: KernelWire) {
        let restart = JSON.boolean(request.message.content["restart"].bool ?? false)
        let content: JSON = ["status": "ok", "restart": restart]
        status("busy", request.message, wire)
        reply(to: request, "shutdown_reply", content, wire)
        wire.publish("shutdown_reply", parent: request.message.header, content: content)
        status("idle", request.message, wire)
    }

    private func status(_ state: String, _ message: Message, _ wire: KernelWire) {
        wire.publish(
            "status", parent: message.header, content: ["execution_state": .string(state)])
    }

    /// The reply to a request of an unknown type.
    package static func unknown(_ type: String) -> JSON {
        [
            "status": "error", "ename": "UnknownRequest",
            "evalue": .string("this kernel knows no \(type.prefix(100))"), "traceback": [],
        ]
    }
}

extension Message {
    /// The type of the reply, such as `execute_reply`; nil if the message is not a request.
    package var replyType: String? {
        type.hasSuffix("_request") ? type.dropLast("request".count) + "reply" : nil
    }
}
