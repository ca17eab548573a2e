// SPDX-License-Identifier: BSD-3-Clause

import NIOCore
import NIOHTTP1
import Synchronization
import VTRuntime

typealias Requests = NIOAsyncChannelInboundStream<HTTPServerRequestPart>
typealias Answer = NIOAsyncChannelOutboundWriter<HTTPServerResponsePart>

/// Counts the runs that compute at once.
final class Places: Sendable {
    private let free: Mutex<Int>

    init(_ count: Int) { free = Mutex(count) }

    /// Takes a place; returns false if there is none.
    func take() -> Bool {
        free.withLock { free in
            if free > 0 { free -= 1 } else { return false }
            return true
        }
    }

    func leave() { free.withLock { $0 += 1 } }
}

/// Answers the one request of a connection.
func serve(_ requests: Requests, _ answer: Answer) async throws {
    var parts = requests.makeAsyncIterator()
    guard case .head(let head)? = try await parts.next() else { return }
    guard head.method == .POST, head.uri == "/runs" else {
        return try await refuse(.notFound, "POST a workflow to /runs", answer)
    }
    var body = ByteBuffer()
    while case .body(var piece)? = try await parts.next() {
        guard body.readableBytes + piece.readableBytes <= limits.body else {
            return try await refuse(
                .payloadTooLarge, "a workflow has at most \(limits.body) bytes", answer)
        }
        body.writeBuffer(&piece)
    }
    guard places.take() else {
        return try await refuse(
            .serviceUnavailable, "\(limits.runs) workflows run; try later", answer)
    }
    defer { places.leave() }
    try await compute(String(buffer: body), answer)
}

/// Runs a workflow, and sends its events.
func compute(_ source: String, _ answer: Answer) async throws {
    var options = WorkflowRun.Options()
    options.runtime.libraries = .safe
    options.runtime.usesEnvironment = false
    options.runtime.memoryLimit = limits.memory
    options.runtime.timeLimit = limits.time
    let run = WorkflowRun(source: source, options: options)

    try await answer.write(.head(head(.ok)))
    do {
        // Sending fails when the client has gone. The run ends with this task's error.
        for await event in run.events {
            if let line = line(of: event) { try await send(line, answer) }
        }
    } catch {
        run.cancel()
        throw error
    }
    do {
        let outcome = try await run.outcome
        let outputs = outcome.outputs.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
        let failure = outcome.modules.lazy.compactMap(\.failure?.message).first
        try await send(
            [
                ("status", "\(outcome.status)"), ("error", failure),
                ("outputs", outputs.isEmpty ? nil : outputs.joined(separator: ", ")),
            ], answer)
    } catch {
        // Nothing was run, or a limit has stopped it.
        try await send([("status", "failed"), ("error", "\(error)")], answer)
    }
    try await answer.write(.end(nil))
}

/// The fields that a client sees of an event.
func line(of event: RunEvent) -> [(String, String?)]? {
    switch event {
    case .moduleStarted(let node, _, _): [("started", node)]
    case .progress(let node, let fraction, let note):
        [("node", node), ("progress", "\(fraction)"), ("note", note)]
    case .printed(let node, let text): [("node", node), ("printed", text)]
    case .moduleFinished(let record): [("finished", record.node), ("status", "\(record.status)")]
    default: nil
    }
}

func send(_ fields: [(String, String?)], _ answer: Answer) async throws {
    let text = fields.compactMap { name, value in value.map { "\"\(name)\": \(quoted($0))" } }
        .joined(separator: ", ")
    try await answer.write(.body(.byteBuffer(ByteBuffer(string: "{\(text)}\n"))))
}

func refuse(_ status: HTTPResponseStatus, _ reason: String, _ answer: Answer) async throws {
    try await answer.write(.head(head(status)))
    try await send([("error", reason)], answer)
    try await answer.write(.end(nil))
}

func head(_ status: HTTPResponseStatus) -> HTTPResponseHead {
    HTTPResponseHead(
        version: .http1_1, status: status,
        headers: ["Content-Type": "application/x-ndjson", "Connection": "close"])
}

/// The text as a string of JSON.
func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\n": result += "\\n"
        case _ where scalar.value < 32:
            let code = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - code.count) + code
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}
