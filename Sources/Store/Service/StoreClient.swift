// SPDX-License-Identifier: BSD-3-Clause

internal import CVTStore
package import VTSystem
package import VTWorkflow

/// A store that another process uses for this one, which has no right to its directory: see
/// ``StoreServer``.
///
/// It must be used on one thread at a time.
package final class StoreClient: RecordingStore {
    package let directory: String
    package var warn: (String) -> Void = { _ in }
    package var setting = Store.Setting() { didSet { hasSet = false } }
    private var hasSet = false
    private let channel: StoreChannel
    private var knownSecretKey: [UInt8]?
    /// A failure that a property could not throw.
    private var postponed: (any Error)?
    /// The time when the last run started, in seconds since 1970.
    private var runStarted = 0.0
    /// The largest size of a result, in bytes.
    private var limit = 0

    /// Connects to the server at the other end of a socket.
    ///
    /// - Parameter directory: the path of the store's directory.
    package init(_ socket: LocalSocket, directory: String) {
        self.directory = directory
        channel = StoreChannel(socket, .init(pieces: 0, takesFile: true, patience: nil))
    }

    /// Lets the server open the store.
    ///
    /// - Throws: ``StoreError``, also where that fails.
    package func open() throws {
        if let missing = vtd_load() { throw StoreError(String(cString: missing)) }
        var reply = try call(.open).body
        limit = try reply.integer()
    }

    // MARK: Requests

    /// Sends a request, with those before it, and waits for the reply. The caller closes its file.
    private func call(
        _ request: StoreRequest, _ content: (inout CBORWriter) -> Void = { _ in }
    ) throws -> (body: CBORReader, file: Int32?) {
        do {
            try add(request, content)
            try channel.flush()
            guard let reply = try channel.receive() else { throw StoreChannel.Malformed() }
            var body = CBORReader(reply.body)
            for warning in try body.list({ reader throws(CBORReader.Malformed) in
                try reader.text()
            }) { warn(warning) }
            if let error = try body.optionalText() {
                if let file = reply.file { close(file) }
                throw StoreError(error)
            }
            return (body, reply.file)
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError("the connection to the process that has the store was lost")
        }
    }

    /// Sends a request without a reply, with the next one.
    private func add(
        _ request: StoreRequest, _ content: (inout CBORWriter) -> Void,
        pieces: [UnsafeRawBufferPointer] = []
    ) throws {
        if let error = postponed {
            postponed = nil
            throw error
        }
        var writer = CBORWriter()
        writer.masksSecrets = Secrets.exist
        content(&writer)
        try channel.add(request.rawValue, Secrets.blanked(writer.bytes), pieces: pieces)
    }

    /// Sends a request without a reply at once.
    private func send(
        _ request: StoreRequest, _ content: (inout CBORWriter) -> Void = { _ in },
        pieces: [UnsafeRawBufferPointer] = []
    ) throws {
        do {
            try add(request, content, pieces: pieces)
            try channel.flush()
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError("the connection to the process that has the store was lost")
        }
    }

    private func sendSetting() throws {
        if hasSet { return }
        hasSet = true
        try add(.set) { [setting] writer in
            writer.add(setting.flow)
            writer.add(setting.sweep)
            writer.add(setting.groupsWrites)
        }
    }

    // MARK: Digests

    package func digest(_ bytes: [UInt8]) -> Digest { Digest(hashing: bytes) }
    package func digest(of bytes: UnsafeRawBufferPointer) -> Digest { Digest(hashing: bytes) }

    /// Reads the file in this process: the other one would have other rights.
    package func digest(ofFile path: [UInt8]) throws -> Digest {
        let file = try RegularFile(path)
        guard file.status.st_size > RegularFile.small else { return try file.digest() }
        let row = FileRow(file.status)
        var name = CBORWriter()
        for number in [row.device, row.inode, row.size, row.modified, row.changed] {
            name.add(number)
        }
        let signature = digest(Array("file".utf8) + name.bytes)
        if let known = try digest(under: signature) { return known }
        let digest = try file.digest()
        if file.isWorthNoting { try keep(digest, under: signature) }
        return digest
    }

    package func digest(under name: Digest) throws -> Digest? {
        var reply = try call(.digest) { $0.add(name.bytes) }.body
        return try reply.optionalData().map(Digest.init(bytes:))
    }

    package func keep(_ digest: Digest, under name: Digest) throws {
        try add(
            .keepDigest,
            {
                $0.add(digest.bytes)
                $0.add(name.bytes)
            })
    }

    package var secretKey: [UInt8] {
        if let known = knownSecretKey { return known }
        var key: [UInt8]
        do {
            var reply = try call(.secretKey).body
            key = try reply.data()
        } catch {
            // The next request throws it. Other runs find no result of this one.
            postponed = error
            key = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
        }
        knownSecretKey = key
        return key
    }

    // MARK: Results

    package func find(_ key: Digest) throws -> [StoredResult] {
        var reply = try call(.find) { $0.add(key.bytes) }.body
        return try reply.list { reader throws(CBORReader.Malformed) in try reader.result() }
    }

    package func outputs(of result: StoredResult) throws -> [UInt8]? {
        if let outputs = result.outputs { return outputs }
        var (reply, file) = try call(.outputs) { $0.add(result.name.bytes) }
        guard let file else { return nil }
        defer { close(file) }
        let (size, digest) = (try reply.integer(), try reply.data())
        let content = Store.content(of: file, size: size, isCompressed: try reply.flag())
        guard let content, self.digest(content).bytes == digest else {
            try forget(result.name)
            return nil
        }
        return content
    }

    package func elements(of array: StoredArray) throws -> ArrayElements? {
        if let elements = array.elements { return elements }
        var (reply, file) = try call(.elements) {
            $0.add(ArrayRows.bytes(of: [array]))
        }
        guard let file else { return nil }
        defer { close(file) }
        return array.elements(in: file, isCompressed: try reply.flag())
    }

    package func observations(_ digest: [UInt8]) throws -> [UInt8]? {
        var reply = try call(.observations) { $0.add(digest) }.body
        return try reply.optionalData()
    }

    package func pause() throws { try send(.pause) }

    package func keep(_ result: StoredResult, observations: [UInt8], run: String) throws {
        let outputs = result.outputs ?? []
        let elements = result.arrays.compactMap(\.elements)
        let size = elements.reduce(outputs.count) { $0 + $1.bytes.count }
        guard size <= limit, elements.count == result.arrays.count else {
            throw StoreError(
                "a result has \(Format.binarySize(size)), and a sandboxed run keeps results of up to "
                    + "\(Format.binarySize(limit)); --memory-limit SIZE allows more")
        }
        var head = result
        head.outputs = nil
        try outputs.withUnsafeBytes { outputs in
            try send(
                .keep,
                {
                    $0.add(head)
                    $0.add(observations)
                    $0.add(run)
                }, pieces: [outputs] + elements.map(\.bytes))
        }
        withExtendedLifetime(elements) {}
    }

    package func forget(_ name: Digest) throws { try send(.forget) { $0.add(name.bytes) } }
    package func report(_ warning: String) { warn(warning) }

    // MARK: Leases

    package func lease(_ key: Digest) throws -> Bool {
        var reply = try call(.lease) { $0.add(key.bytes) }.body
        return try reply.flag()
    }
    package func release(_ key: Digest) throws { try send(.release) { $0.add(key.bytes) } }
    package func abandon(_ key: Digest) throws { try send(.abandon) { $0.add(key.bytes) } }
    package func wasAbandoned(_ key: Digest, since time: Double) throws -> Bool {
        var reply = try call(.wasAbandoned) {
            $0.add(key.bytes)
            $0.add(time)
        }.body
        return try reply.flag()
    }
    package func hasNewResults() throws -> Bool {
        var reply = try call(.news).body
        return try reply.flag()
    }

    // MARK: Suspended nodes

    package func suspended(_ key: Digest) throws -> SuspendedNode? {
        var reply = try call(.suspended) { $0.add(key.bytes) }.body
        return try reply.list { reader throws(CBORReader.Malformed) in
            try reader.suspendedNode()
        }.first
    }
    package func suspendedNodes(of workflow: String) throws -> [SuspendedNode] {
        try sendSetting()
        var reply = try call(.suspendedNodes) { $0.add(workflow) }.body
        return try reply.list { reader throws(CBORReader.Malformed) in
            try reader.suspendedNode()
        }
    }
    package func keep(_ node: SuspendedNode) throws { try send(.keepSuspended) { $0.add(node) } }
    package func removeSuspended(_ key: Digest) throws {
        try send(.removeSuspended) { $0.add(key.bytes) }
    }

    // MARK: Records

    package func isKnown(run: String) throws -> Bool {
        var reply = try call(.isKnown) { $0.add(run) }.body
        return try reply.flag()
    }

    package func begin(_ run: RunDescription) throws {
        runStarted = Clock.wall
        try sendSetting()
        try add(.begin, { $0.add(run) })
    }

    package func add(_ node: NodeRecord, of run: String) throws {
        try add(
            .node,
            {
                $0.add(node)
                $0.add(run)
            })
        // The others are written at the end of the run.
        if node.record.status != .cached, node.record.status != .skipped { try channel.flush() }
    }

    package func add(_ elements: ElementGroup, of run: String) throws {
        try send(.elementGroup) { [runStarted] in
            $0.add(elements, since: runStarted)
            $0.add(run)
        }
    }

    package func end(run: String, status: RunStatus, seconds: Double) throws {
        _ = try call(.end) {
            $0.add(run)
            $0.add(status.rawValue)
            $0.add(seconds)
        }
    }

    package func durations(ofNodesIn workflow: String) throws -> [String: Double] {
        var reply = try call(.durations) { $0.add(workflow) }.body
        let pairs = try reply.list { reader throws(CBORReader.Malformed) in
            (try reader.text(), try reader.seconds())
        }
        return Dictionary(pairs) { $1 }
    }

    /// Returns nil: a run may not read the records of others, and only `plan` and `why` ask.
    package func lastKey(
        of node: String, workflow: String, before run: String?
    ) throws -> KeyRecord? { nil }

    package func sync() throws {
        try sendSetting()
        _ = try call(.sync)
    }
}

@available(*, unavailable)
extension StoreClient: Sendable {}
