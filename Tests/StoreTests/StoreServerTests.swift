// SPDX-License-Identifier: BSD-3-Clause

import Testing
import VTParallel
import VTSystem
import VTWorkflow

@testable import VTStore

/// The parent's side of a sandboxed run against a child that sends anything.
@Suite struct StoreServerTests {
    /// Serves one connection. Returns the reason why the server has ended it; nil for none.
    private func serve(
        in directory: String, rights: String = "none", limit: Int = 1 << 20,
        _ body: (LocalSocket) throws -> Void
    ) throws -> String? {
        let (own, other) = try LocalSocket.pair()
        var options = StoreServer.Options(directory: directory, rights: rights)
        options.resultLimit = limit
        let outcome = Monitor<String??>(nil)
        try startThread("server", stackSize: 8 << 20) { [options] in
            let problem = StoreServer(options).serve(other)
            outcome.withLock { $0 = .some(problem) }
            outcome.notifyAll()
        }
        try body(own)
        // The server still reads what was sent before.
        shutdown(own.descriptor, Int32(SHUT_WR))
        let end = outcome.wait(until: Clock.now + 60 * Clock.second) { $0 }
        return try #require(end)
    }

    private func withDirectory<R>(_ body: (String) throws -> R) throws -> R {
        let directory = try Directory.makeTemporary(
            "\(Leftovers.temporaryDirectory)/store-XXXXXX")
        defer { Directory.removeTree(directory) }
        return try body(directory)
    }

    private func problem(limit: Int = 1 << 20, _ messages: [[UInt8]]) throws -> String? {
        try withDirectory { directory in
            try serve(in: directory, limit: limit) { socket in
                for message in messages {
                    // The server may have ended the connection before.
                    try? message.withUnsafeBytes {
                        try socket.send([$0], until: Clock.now + 10 * Clock.second)
                    }
                }
            }
        }
    }

    // MARK: Messages

    private static func message(
        _ kind: UInt32, _ body: [UInt8] = [], pieces: [[UInt8]] = [], lengths: [UInt64]? = nil
    ) -> [UInt8] {
        func bytes(_ number: UInt64) -> [UInt8] {
            withUnsafeBytes(of: number.littleEndian) { Array($0) }
        }
        let lengths = lengths ?? pieces.map { UInt64($0.count) }
        return bytes(UInt64(kind) | UInt64(lengths.count) << 32) + bytes(UInt64(body.count))
            + lengths.flatMap(bytes) + body + pieces.flatMap { $0 }
    }

    private static func request(
        _ request: StoreRequest, pieces: [[UInt8]] = [],
        _ body: (inout CBORWriter) -> Void = { _ in }
    ) -> [UInt8] {
        var writer = CBORWriter()
        body(&writer)
        return message(request.rawValue, writer.bytes, pieces: pieces)
    }

    private static func header(_ kind: UInt64, _ length: UInt64) -> [UInt8] {
        [kind, length].flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } }
    }

    private static let key = Digest(bytes: [UInt8](repeating: 7, count: 32))

    private static func run(_ name: String) -> RunDescription {
        RunDescription(
            run: name, workflow: "w", parameters: [ValueRecord(name: "p", brief: "1")], modules: 1,
            connections: [.init(source: "a", output: "x", node: "b", input: "y")],
            outputs: [.init(name: "o", node: "a", port: "x")])
    }

    private static func begin(_ name: String) -> [UInt8] {
        request(.begin) { $0.add(run(name)) }
    }

    private static func node(position: Int = 0) -> NodeRecord {
        var call = CallRecord(backend: .threads, label: "l", place: "p:1", began: 1)
        call.workers = [.init(number: 1, pid: 2, host: "h", engine: nil, since: 0.5)]
        let record = ModuleRecord(
            node: "a", module: "m", version: "1", status: .computed, seconds: 0.5, attempts: 1,
            printed: "text", error: nil, because: nil, calls: [call])
        let part = KeyRecord.Part(kind: .input, name: "x", digest: "00", shown: "1")
        return NodeRecord(
            position: position, record: record,
            key: KeyRecord(key: key, parts: [part], obstacle: nil), started: 1)
    }

    private static func result(
        observed: [UInt8] = [], array: (size: Int, digest: Digest)? = nil
    ) -> StoredResult {
        StoredResult(
            name: Digest(bytes: key.bytes + observed), outputs: nil,
            arrays: array.map { [StoredArray(item: 0..<1, digest: $0.digest, size: $0.size)] }
                ?? [],
            digests: key.bytes, printed: "p", annotations: [], products: [], place: [],
            notices: "", hasNames: false, seconds: 1)
    }

    private static func keep(
        _ result: StoredResult, run: String, pieces: [[UInt8]] = [[1]]
    ) -> [UInt8] {
        request(.keep, pieces: pieces) {
            $0.add(result)
            $0.add(result.name.observed.isEmpty ? [] : [1, 2, 3])
            $0.add(run)
        }
    }

    private static func elements(position: Int = 0) -> [UInt8] {
        var element = ElementRecord(place: [1], status: .computed)
        (element.key, element.started, element.seconds) = (key, 100, 1)
        return request(.elementGroup) {
            $0.add(ElementGroup(position: position, number: 0, elements: [element]), since: 99)
            $0.add("RUN1")
        }
    }

    // MARK: Tests

    @Test func refusesWhatIsNoMessage() throws {
        let malformed = "malformed message"
        let open = UInt64(StoreRequest.open.rawValue)
        let cases: [[UInt8]] = [
            [UInt8](repeating: 0xFF, count: 64),
            Self.header(open, 1 << 40),
            Self.header(open, UInt64.max),
            Self.header(open | 1 << 60, 0),
            Self.message(103, lengths: [UInt64.max, UInt64.max]),
            Self.message(103, lengths: [1 << 20, 1]),
            Self.request(.open, pieces: [[1]]),
            Self.request(.pause, pieces: [[1]]),
        ]
        for (index, bytes) in cases.enumerated() {
            #expect(try problem([bytes]) == malformed, "case \(index)")
        }
        // The end of a client inside a message is that of a process that was killed.
        for bytes in [
            [1, 0, 0, 0, 0], Self.header(open, 100) + [1, 2, 3],
            Self.message(103, lengths: [100]) + [1],
        ] { #expect(try problem([bytes]) == nil) }
        #expect(try problem([Self.message(7777)]) == "there is no request 7777")
        #expect(try problem([]) == nil)
    }

    @Test func refusesRequestsOfAnotherForm() throws {
        let key = Self.key.bytes
        let malformed: [[UInt8]] = [
            Self.message(StoreRequest.find.rawValue, [0xFF]),
            Self.message(StoreRequest.begin.rawValue, [0x9B] + [UInt8](repeating: 0x7F, count: 8)),
            Self.message(StoreRequest.begin.rawValue, [0x5B] + [UInt8](repeating: 0x7F, count: 8)),
            Self.request(.node) { $0.add("RUN1") },
            Self.request(.elementGroup) {
                $0.array(5)
                for bytes in [[UInt8]](repeating: [1], count: 2) { $0.add(bytes) }
            },
            Self.request(.node) {
                $0.add(Self.node(position: .max))
                $0.add("RUN1")
            },
            Self.elements(position: -1),
            Self.request(.keepDigest) {
                $0.add([1])
                $0.add(key)
            },
            Self.request(.elements) { $0.add([1]) },
        ]
        for (index, bytes) in malformed.enumerated() {
            #expect(
                try problem([Self.begin("RUN1"), bytes]) == "malformed request", "case \(index)")
        }
        for count in [0, 31, 33] {
            let key = [UInt8](repeating: 1, count: count)
            for request in [StoreRequest.find, .digest, .lease, .release, .suspended] {
                #expect(
                    try problem([Self.request(request) { $0.add(key) }]) == "malformed key",
                    "\(request), \(count) bytes")
            }
        }
        let long = Self.result(observed: [UInt8](repeating: 1, count: 33))
        #expect(
            try problem([Self.begin("RUN1"), Self.keep(long, run: "RUN1")]) == "malformed key")
    }

    @Test func refusesRecordsOfOthers() throws {
        let other = "a record of another run"
        #expect(try problem([Self.keep(Self.result(), run: "RUN1")]) == other)
        #expect(try problem([Self.begin("RUN1"), Self.begin("RUN1")]) == other)
        let end = Self.request(.end) {
            $0.add("RUN1")
            $0.add("done")
            $0.add(1.0)
        }
        #expect(try problem([end]) == other)
        #expect(try problem([Self.begin("RUN1"), end, end]) == other)
        #expect(try problem([Self.begin("RUN1"), end]) == nil)
        for name in ["", "run1", "../..", "RUN1\n", String(repeating: "A", count: 33)] {
            #expect(try problem([Self.begin(name)]) == "malformed identifier of a run")
        }
        try withDirectory { directory in
            #expect(
                try serve(in: directory) { socket in
                    for message in [Self.begin("RUN1"), end] {
                        try message.withUnsafeBytes { try socket.send([$0], until: .max) }
                    }
                } == nil)
            // A later connection cannot go on with the run, or join a sweep with its name.
            for message in [
                Self.begin("RUN1"), end,
                Self.request(.set) {
                    $0.add("")
                    $0.add("RUN1")
                    $0.add(false)
                },
            ] {
                let reason = try serve(in: directory) { socket in
                    try message.withUnsafeBytes { try socket.send([$0], until: .max) }
                }
                #expect([other, "a run of another sweep"].contains(reason))
            }
        }
    }

    @Test func checksArrays() throws {
        let content: [UInt8] = [1, 2, 3, 4]
        _ = try StoreLibraries()
        let array = (size: 4, digest: Digest(hashing: content))
        let begin = Self.begin("RUN1")
        func found(_ array: (size: Int, digest: Digest), _ pieces: [[UInt8]]) throws -> String? {
            try problem([
                begin, Self.keep(Self.result(array: array), run: "RUN1", pieces: pieces),
            ])
        }
        #expect(try found(array, [[1], content]) == nil)
        let refused = "an array with the digest of another"
        #expect(try found(array, [[1], [1, 2, 3, 5]]) == refused)
        #expect(try found((5, array.digest), [[1], content]) == refused)
        #expect(try found((0, Self.key), [[1], []]) == refused)
        #expect(try found(array, [[1]]) == "malformed request")
    }

    /// What a run leaves has names of its own.
    @Test func keepsRunsApart() throws {
        try withDirectory { directory in
            let content: [UInt8] = [5, 6]
            func use(_ rights: String, _ body: (StoreClient) throws -> Void) throws {
                let reason = try serve(in: directory, rights: rights) { socket in
                    let client = StoreClient(
                        LocalSocket(dup(socket.descriptor)), directory: directory)
                    try client.open()
                    try body(client)
                }
                #expect(reason == nil)
            }
            var secret: [UInt8] = []
            try use("a") { client in
                try client.begin(Self.run("RUN1"))
                var result = Self.result(observed: [9, 9])
                result.outputs = content
                try client.keep(result, observations: [1, 2, 3], run: "RUN1")
                try client.keep(Self.key, under: Self.key)
                try client.keep(
                    SuspendedNode(
                        key: Self.key, node: "a", workflow: "w", run: "RUN1", handle: [1],
                        shown: "1", since: 1))
                try client.add(Self.node(), of: "RUN1")
                #expect(try client.lease(Self.key))
                try client.release(Self.key)
                try client.end(run: "RUN1", status: .done, seconds: 1)
                secret = client.secretKey
                #expect(secret.count == 32)
                #expect(try client.lastKey(of: "a", workflow: "w", before: nil) == nil)
            }
            try use("a") { client in
                let found = try #require(try client.find(Self.key).first)
                #expect(found.name.bytes == Self.key.bytes + [9, 9])
                #expect(try client.outputs(of: found) == content)
                #expect(try client.observations([9, 9]) == [1, 2, 3])
                #expect(try client.digest(under: Self.key) == Self.key)
                #expect(try client.suspended(Self.key)?.handle == [1])
                #expect(try client.suspendedNodes(of: "w").map(\.key) == [Self.key])
                #expect(client.secretKey == secret)
            }
            func isEmpty(_ store: any ResultStore) throws {
                #expect(try store.find(Self.key).isEmpty)
                #expect(try store.observations([9, 9]) == nil)
                #expect(try store.digest(under: Self.key) == nil)
                #expect(try store.suspended(Self.key) == nil)
                #expect(try store.suspendedNodes(of: "w").isEmpty)
                #expect(store.secretKey != secret)
            }
            try use("b", isEmpty)
            let store = try Store(directory: directory)
            try isEmpty(store)
            #expect(try store.runs().map(\.run) == ["RUN1"])
            #expect(try store.nodes(of: "RUN1").map(\.printed) == ["text"])
            #expect(try store.suspendedNodes().count == 1)
        }
    }

    /// A client that sends requests and reads no reply holds only its own connection.
    @Test func endsWithAClientThatDoesNotRead() throws {
        let many = [[UInt8]](repeating: Self.request(.open), count: 200_000)
        let reason = try withDirectory { directory in
            try serve(in: directory) { socket in
                let bytes = many.flatMap { $0 }
                // Both directions are full after a while.
                try? bytes.withUnsafeBytes {
                    try socket.send([$0], until: Clock.now + Clock.second)
                }
                socket.end()
            }
        }
        // It was writing a reply, or reading a request that was cut off.
        #expect(reason != "there is no request 0")
    }

    /// Damaged messages, from a fixed series of random numbers.
    @Test func survivesDamagedMessages() throws {
        var state: UInt64 = 20
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        _ = try StoreLibraries()
        let content: [UInt8] = [1, 2, 3, 4]
        let array = (size: 4, digest: Digest(hashing: content))
        let messages = [
            Self.begin("RUN1"),
            Self.request(.node) {
                $0.add(Self.node())
                $0.add("RUN1")
            },
            Self.keep(
                Self.result(observed: [1], array: array), run: "RUN1", pieces: [[1], content]),
            Self.elements(),
            Self.request(.keepSuspended) {
                $0.add(
                    SuspendedNode(
                        key: Self.key, node: "a", workflow: "w", run: "RUN1", handle: [1],
                        shown: "1", since: 1))
            },
            Self.request(.find) { $0.add(Self.key.bytes) },
            Self.request(.end) {
                $0.add("RUN1")
                $0.add("done")
                $0.add(1.0)
            },
        ]
        #expect(try problem(messages) == nil)
        try withDirectory { directory in
            for _ in 0..<300 {
                var bytes = messages
                for _ in 0...random(3) {
                    let index = random(bytes.count)
                    let place = random(bytes[index].count)
                    bytes[index][place] = UInt8(random(256))
                }
                _ = try serve(in: directory) { socket in
                    for message in bytes {
                        try? message.withUnsafeBytes {
                            try socket.send([$0], until: Clock.now + 10 * Clock.second)
                        }
                    }
                }
            }
            // What they have left can be read.
            let store = try Store(directory: directory)
            for run in try store.runs() {
                _ = try store.nodes(of: run.run)
                _ = try store.calls(of: run.run).values.flatMap { $0.map(\.tasks) }
                _ = try store.allElementCounts(of: run.run)
            }
            _ = try store.verify()
        }
    }
}
