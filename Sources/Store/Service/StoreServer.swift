// SPDX-License-Identifier: BSD-3-Clause

package import VTSystem
internal import VTWorkflow

/// Uses a store for a sandboxed process, which may have been taken over by code of an attacker: every
/// request is checked.
///
/// - The client names no file. Files that it reads are opened here by their digests, for reading.
/// - Keys and other names are replaced by names that only runs with the same rights have
///   (``SandboxNames``), so that no other run finds what this one leaves.
/// - Records are those of runs that the client itself has begun, and that have not ended.
/// - Messages, and all that is stored, have bounds. Malformed bytes end the connection.
package final class StoreServer {
    /// The store, and the bounds of the client.
    package struct Options: Sendable {
        /// The path of the store's directory.
        package var directory: String
        /// The script of the runs, and its text.
        package var setting = Store.Setting()
        /// A text that differs for runs with different rights.
        package var rights: String
        /// The largest size of a result, in bytes.
        package var resultLimit = 1 << 30
        /// The largest size of all that is stored, in bytes.
        package var limit = Int.max

        /// Creates options with default bounds.
        package init(directory: String, rights: String) {
            self.directory = directory
            self.rights = rights
        }
    }

    let options: Options
    /// Used after the store was opened, which loads the library with the hash.
    private lazy var names = SandboxNames(rights: options.rights)
    /// The store, after the client has asked for it.
    package private(set) var store: Store?
    /// The first run that the client has begun.
    package private(set) var firstRun: String?
    /// Runs that the client has begun and not ended.
    private var runs: Set<String> = []
    private var sweeps: Set<String> = []
    /// The bytes of all requests without a reply, those of which the store may not have written, and the
    /// number of these requests.
    private var (stored, unwritten, requests) = (0, 0, 0)
    private var leases = 0
    /// The digests of the arrays in results that the client has found or stored.
    private var arrays: Set<Digest> = []
    private var warnings: [String] = []
    /// The first failure of a request without a reply.
    private var failure: String?

    /// Creates a server. Nothing is opened before the client asks for it.
    package init(_ options: Options) { self.options = options }

    /// A request that the client may not make.
    struct Refusal: Error {
        var reason: String
    }

    /// Answers requests until the client closes the connection.
    ///
    /// - Returns: the reason why the connection was ended before; nil for none.
    package func serve(_ socket: LocalSocket) -> String? {
        let channel = StoreChannel(socket, .init(pieces: options.resultLimit))
        defer { socket.end() }
        while true {
            do {
                guard let message = try channel.receive() else { return nil }
                guard let request = StoreRequest(rawValue: message.kind) else {
                    return "there is no request \(message.kind)"
                }
                try answer(request, message, on: channel)
            } catch is StoreChannel.Ended {
                // The process was killed.
                return nil
            } catch is StoreChannel.Malformed {
                return "malformed message"
            } catch is CBORReader.Malformed {
                return "malformed request"
            } catch is SandboxNames.Malformed {
                return "malformed key"
            } catch let refusal as Refusal {
                return refusal.reason
            } catch let error as SystemError where [EPIPE, ECONNRESET].contains(error.number) {
                return nil
            } catch {
                return "\(error)"
            }
        }
    }

    /// - Throws: an error that ends the connection.
    private func answer(
        _ request: StoreRequest, _ message: StoreChannel.Message, on channel: StoreChannel
    ) throws {
        var reader = CBORReader(message.body)
        guard request.hasReply else {
            do {
                try perform(request, &reader, message)
            } catch let error as StoreError {
                failure = failure ?? error.description
            }
            return
        }
        guard message.pieces.isEmpty else { throw StoreChannel.Malformed() }
        var content = CBORWriter()
        var file: Int32?
        defer { if let file { close(file) } }
        if failure == nil {
            do {
                file = try reply(to: request, &reader, &content)
            } catch let error as StoreError {
                failure = error.description
            }
        }
        var head = CBORWriter()
        head.list(warnings) { $1.add($0) }
        head.add(failure)
        (warnings, failure) = ([], nil)
        try channel.add(0, head.bytes + content.bytes, passing: file)
        try channel.flush()
    }

    private func open() throws -> Store {
        if let store { return store }
        let opened = try Store(directory: options.directory)
        opened.setting = options.setting
        opened.warn = { [unowned self] in if warnings.count < 1000 { warnings.append($0) } }
        store = opened
        return opened
    }

    /// - Throws: ``Refusal`` where the run is not the client's.
    private func ownRun(_ run: String) throws -> String {
        guard runs.contains(run) else { throw Refusal(reason: "a record of another run") }
        return run
    }

    /// - Throws: ``Refusal`` for a text that no run of this program has as its identifier.
    private func identifier(_ text: String) throws -> String {
        let isOne = text.utf8.allSatisfy {
            (0x30...0x39).contains($0) || (0x41...0x5A).contains($0)
        }
        guard isOne, (4...32).contains(text.utf8.count) else {
            throw Refusal(reason: "malformed identifier of a run")
        }
        return text
    }

    // MARK: Requests with a reply

    /// - Returns: a descriptor for the client.
    private func reply(
        to request: StoreRequest, _ reader: inout CBORReader, _ reply: inout CBORWriter
    ) throws -> Int32? {
        let store = try open()
        switch request {
        case .open: reply.add(options.resultLimit)
        case .secretKey: reply.add(names.secretKey(store.secretKey))
        case .digest: reply.add(try store.digest(under: try reader.key(names))?.bytes)
        case .find: try find(&reader, &reply)
        case .outputs:
            let name = try names.name(Digest(bytes: try reader.data()))
            try store.writeResults()
            guard let blob = try store.outputsFile(of: name) else { return nil }
            reply.add(blob.size)
            reply.add(blob.digest)
            reply.add(blob.blob.hasSuffix(BlobName.compressed))
            return store.openBlob(blob.blob)
        case .elements:
            guard let array = ArrayRows.arrays(in: try reader.data()).first else {
                throw CBORReader.Malformed()
            }
            // A digest alone does not show that the client has a result with this array.
            guard arrays.contains(array.digest), let found = try store.openElements(of: array)
            else {
                return nil
            }
            reply.add(found.isCompressed)
            return found.file
        case .observations:
            reply.add(try store.observations(try names.observed(try reader.data())))
        case .lease:
            // Each is a lock of the system.
            guard leases < 100_000 else { throw Refusal(reason: "too many leases") }
            let isTaken = try store.lease(try reader.key(names))
            if isTaken { leases += 1 }
            reply.add(isTaken)
        case .wasAbandoned:
            let key = try reader.key(names)
            reply.add(try store.wasAbandoned(key, since: try reader.seconds()))
        case .news: reply.add(try store.hasNewResults())
        case .suspended:
            let key = Digest(bytes: try reader.data())
            let found = try store.suspended(try names.suspended(key))
            addOwn(found.map { [$0] } ?? [], &reply)
        case .suspendedNodes: addOwn(try store.sandboxedNodes(of: try reader.text()), &reply)
        case .isKnown: reply.add(try store.isKnown(run: try reader.text()))
        case .end:
            let run = try ownRun(try reader.text())
            guard let status = RunStatus(rawValue: try reader.text()) else {
                throw CBORReader.Malformed()
            }
            runs.remove(run)
            try store.end(run: run, status: status, seconds: try reader.seconds())
        case .durations:
            let found = try store.durations(ofNodesIn: try reader.text())
            reply.list(Array(found)) { pair, writer in
                writer.add(pair.key)
                writer.add(pair.value)
            }
        case .sync: try store.sync()
        default: throw CBORReader.Malformed()
        }
        return nil
    }

    /// Returns the results of a key under the names that the client has given to them.
    private func find(_ reader: inout CBORReader, _ reply: inout CBORWriter) throws {
        let own = Digest(bytes: try reader.data())
        let found = try open().find(try names.key(own))
        reply.list(found) { result, writer in
            var result = result
            result.name = Digest(bytes: own.bytes + names.own(observed: result.name.observed))
            arrays.formUnion(result.arrays.map(\.digest))
            writer.add(result)
        }
    }

    private func addOwn(_ nodes: [SuspendedNode], _ reply: inout CBORWriter) {
        let own = nodes.compactMap { node in
            names.own(suspended: node.key).map { key in
                var node = node
                node.key = key
                return node
            }
        }
        reply.list(own) { $1.add($0) }
    }

    // MARK: Requests without a reply

    private func perform(
        _ request: StoreRequest, _ reader: inout CBORReader, _ message: StoreChannel.Message
    ) throws {
        let store = try open()
        let size = message.pieces.reduce(message.body.count) { $0 + ($1?.bytes.count ?? 0) }
        stored += size
        unwritten += size
        requests += 1
        guard requests <= Self.mostRequests else { throw Refusal(reason: "too many requests") }
        guard stored <= options.limit else {
            throw StoreError(
                "the run has stored more than \(Format.binarySize(options.limit)); --disk-limit SIZE "
                    + "allows more")
        }
        guard request == .keep || message.pieces.isEmpty else { throw StoreChannel.Malformed() }
        switch request {
        case .set: try set(&reader)
        case .keepDigest:
            let digest = Digest(bytes: try reader.data())
            guard digest.bytes.count == 32 else { throw CBORReader.Malformed() }
            try store.keep(digest, under: try reader.key(names))
        case .pause: try store.pause()
        case .keep: try keep(&reader, message.pieces)
        case .forget: try store.forget(try names.name(Digest(bytes: try reader.data())))
        case .release:
            leases = max(0, leases - 1)
            try store.release(try reader.key(names))
        case .abandon:
            leases = max(0, leases - 1)
            try store.abandon(try reader.key(names))
        case .keepSuspended:
            var node = try reader.suspendedNode()
            _ = try ownRun(node.run)
            node.key = try names.suspended(node.key)
            try store.keep(node)
        case .removeSuspended:
            try store.removeSuspended(try names.suspended(Digest(bytes: try reader.data())))
        case .begin: try begin(try reader.run())
        case .node:
            var node = try reader.node()
            if let key = node.key?.key { node.key?.key = try names.name(key) }
            try store.add(node, of: try ownRun(try reader.text()))
        case .elementGroup:
            var group = try reader.elementGroup()
            for index in group.elements.indices {
                if let key = group.elements[index].key {
                    group.elements[index].key = try names.name(key)
                }
            }
            try store.add(group, of: try ownRun(try reader.text()))
        default: throw CBORReader.Malformed()
        }
        if unwritten > Self.mostUnwritten {
            try store.writeAll()
            unwritten = 0
        }
    }

    /// Bounds of what this process has in memory for a client.
    private static let (mostUnwritten, mostRequests) = (32 << 20, 20_000_000)

    /// Sets what the following runs are part of. A script other than that of the command is not
    /// recorded: later commands read the script of a run.
    private func set(_ reader: inout CBORReader) throws {
        let store = try open()
        let (flow, sweep) = (try reader.text(), try reader.text())
        var setting = options.setting
        if flow != setting.flow { (setting.flow, setting.source) = ("", "") }
        if !sweep.isEmpty, !sweeps.contains(sweep) {
            guard sweeps.count < 10_000, try !store.isKnown(run: try identifier(sweep)) else {
                throw Refusal(reason: "a run of another sweep")
            }
            sweeps.insert(sweep)
        }
        setting.sweep = sweep
        setting.groupsWrites = try reader.flag()
        store.setting = setting
    }

    private func begin(_ run: RunDescription) throws {
        let store = try open()
        guard try store.reserve(run: try identifier(run.run)), runs.count < 1000,
            runs.insert(run.run).inserted
        else { throw Refusal(reason: "a record of another run") }
        firstRun = firstRun ?? run.run
        try store.begin(run)
    }

    private func keep(_ reader: inout CBORReader, _ pieces: [MappedBytes?]) throws {
        var result = try reader.result()
        let observations = try reader.data()
        let run = try ownRun(try reader.text())
        guard pieces.count == 1 + result.arrays.count, result.outputs == nil,
            observations.isEmpty == result.name.observed.isEmpty
        else { throw CBORReader.Malformed() }
        result.name = try names.name(result.name)
        result.outputs = pieces[0].map { Array($0.bytes) } ?? []
        for (index, piece) in pieces.dropFirst().enumerated() {
            let bytes = UnsafeRawBufferPointer(piece?.bytes ?? .init(start: nil, count: 0))
            let array = result.arrays[index]
            // Its file is shared by all results that have the same elements.
            guard bytes.count == array.size, Digest(hashing: bytes) == array.digest else {
                throw Refusal(reason: "an array with the digest of another")
            }
            result.arrays[index].elements = ArrayElements(bytes, owner: piece)
            arrays.insert(array.digest)
        }
        try open().keep(result, observations: observations, run: run)
    }
}

extension CBORReader {
    /// A key, under the name that it has in the store.
    fileprivate mutating func key(_ names: SandboxNames) throws -> Digest {
        try names.key(Digest(bytes: try data()))
    }
}

@available(*, unavailable)
extension StoreServer: Sendable {}
