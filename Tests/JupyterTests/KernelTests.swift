// SPDX-License-Identifier: BSD-3-Clause

import Synchronization
import Testing

@testable import VTJupyter
import VTSystem

@Suite struct KernelConnectionTests {
    private func read(_ changes: [String: JSON] = [:]) throws -> KernelConnection {
        let file: JSON = [
            "transport": "tcp", "ip": "127.0.0.1", "shell_port": 5001, "iopub_port": 5002,
            "stdin_port": 5003, "control_port": 5004, "hb_port": 5005, "key": "abc",
            "signature_scheme": "hmac-sha256", "kernel_name": "vtlua",
        ]
        let members = (file.members ?? []).filter { changes[$0.key] == nil }
        let all = members + changes.map { ($0.key, $0.value) }
        return try KernelConnection(parsing: JSON.object(all).bytes, source: "FILE")
    }

    private func refusal(_ changes: [String: JSON]) -> String {
        do {
            _ = try read(changes)
            return "none"
        } catch { return "\(error)" }
    }

    @Test func tellsWhereToListen() throws {
        let connection = try read()
        #expect(connection.endpoint(.shell) == "tcp://127.0.0.1:5001")
        #expect(connection.endpoint(.heartbeat) == "tcp://127.0.0.1:5005")
        #expect(
            try read(["transport": "ipc", "ip": "/tmp/k"]).endpoint(.iopub) == "ipc:///tmp/k-5002")
    }

    @Test func refusesWhatItCannotServe() {
        #expect(refusal(["shell_port": nil]).contains("has no port `shell_port`"))
        #expect(refusal(["hb_port": 70000]).contains("has no port `hb_port`"))
        #expect(refusal(["key": ""]).contains("has no key"))
        #expect(refusal(["signature_scheme": "hmac-md5"]).contains("only hmac-sha256"))
        #expect(refusal(["transport": "udp"]).contains("not tcp or ipc"))
        #expect(throws: ConnectionError.self) {
            try KernelConnection(parsing: Array("[".utf8), source: "FILE")
        }
    }
}

@Suite struct KernelMailboxTests {
    private func write(_ bytes: [UInt8], _ name: String, _ mailbox: KernelMailbox) {
        bytes.withUnsafeBytes { mailbox.write($0, to: name) }
    }

    /// What goes: the names of publications, and the text of streams.
    private func taken(_ mailbox: KernelMailbox) -> [String] {
        var all: [String] = []
        while let outgoing = mailbox.nextOutgoing(all: true) {
            switch outgoing {
            case .stream(let stream):
                all.append("\(stream.name): " + String(decoding: stream.bytes, as: UTF8.self))
            case .publication(let type, _, _): all.append(type)
            default: all.append("?")
            }
        }
        return all
    }

    @Test func joinsWhatIsWritten() throws {
        let mailbox = try KernelMailbox()
        for text in ["a", "b", "c"] { write(Array(text.utf8), "stdout", mailbox) }
        write(Array("d".utf8), "stderr", mailbox)
        mailbox.publish("display_data", [:])
        write(Array("e".utf8), "stderr", mailbox)
        #expect(taken(mailbox) == ["stdout: abc", "stderr: d", "display_data", "stderr: e"])
        #expect(taken(mailbox) == [])
    }

    @Test func waitsAMomentForMore() throws {
        let time = Mutex(1000)
        let mailbox = try KernelMailbox { time.withLock { $0 } }
        write(Array("a".utf8), "stdout", mailbox)
        if mailbox.nextOutgoing() != nil { Issue.record("it is sent at once") }
        time.withLock { $0 += 60 }
        guard case .stream(let stream)? = mailbox.nextOutgoing() else {
            Issue.record("nothing is sent")
            return
        }
        #expect(stream.bytes == Array("a".utf8))
    }

    @Test func cutsBetweenLetters() throws {
        let mailbox = try KernelMailbox()
        let text = String(repeating: "€", count: 200_000)
        write(Array(text.utf8), "stdout", mailbox)
        write(Array("€".utf8).dropLast(), "stdout", mailbox)
        let pieces = taken(mailbox)
        #expect(pieces.allSatisfy { $0.utf8.count <= (128 << 10) + 8 })
        #expect(pieces.count == 5)
        #expect(pieces.map { $0.dropFirst(8) }.joined() == text + "\u{FFFD}")
    }

    /// In a time that grows as the text does.
    @Test func takesALongTextApart() throws {
        let mailbox = try KernelMailbox()
        let text = (0..<(40 << 20)).map { UInt8(truncatingIfNeeded: $0 / 7) & 0x7F }
        write(text, "stdout", mailbox)
        var all: [UInt8] = []
        while case .stream(let stream)? = mailbox.nextOutgoing(all: true) { all += stream.bytes }
        #expect(all == text)
        #expect(!mailbox.isFull)
    }

    @Test func isFullUntilItHasGone() throws {
        let mailbox = try KernelMailbox()
        write([UInt8](repeating: 0x61, count: 2 << 20), "stdout", mailbox)
        #expect(mailbox.isFull)
        _ = taken(mailbox)
        #expect(!mailbox.isFull)
    }
}

@Suite struct KernelHistoryTests {
    @Test(arguments: [
        ("*", "", true), ("a*", "abc", true), ("*b*", "abc", true), ("a?c", "abc", true),
        ("a?c", "ac", false), ("", "", true), ("", "a", false), ("*a*b", "xaxb", true),
        ("*a*b", "xaxbx", false), ("a**", "a", true),
    ])
    func findsByPattern(_ pattern: String, _ text: String, _ expected: Bool) {
        #expect(KernelHistory.matches(Array(pattern.utf8), Array(text.utf8)) == expected)
    }

    @Test func answersWithoutAFile() {
        var history = KernelHistory(path: nil)
        for (line, input) in ["a", "b", "a"].enumerated() {
            history.append(line: line + 1, input: input, output: nil)
        }
        #expect(history.tail(2).map(\.input) == ["b", "a"])
        #expect(history.tail(-1) == [])
        #expect(history.range(session: 0, 2, 3).map(\.line) == [2])
        #expect(history.range(session: .min, 0, nil) == [])
        #expect(history.search("*", last: nil, unique: true).map(\.line) == [2, 3])
    }
}
