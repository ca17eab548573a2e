// SPDX-License-Identifier: BSD-3-Clause

internal import VTParallel
internal import VTWorkflow

// Records and results in messages. The reader's side trusts nothing: numbers that the store computes with
// have bounds.

extension CBORWriter {
    mutating func list<Item>(_ items: [Item], _ add: (Item, inout CBORWriter) -> Void) {
        array(items.count)
        for item in items { add(item, &self) }
    }

    mutating func add(_ result: StoredResult) {
        array(11)
        add(result.name.bytes)
        add(result.outputs)
        add(ArrayRows.bytes(of: result.arrays))
        add(result.digests)
        add(result.printed)
        add(result.annotations)
        add(result.products)
        add(result.place)
        add(result.notices)
        add(result.hasNames)
        add(result.seconds)
    }

    mutating func add(_ node: SuspendedNode) {
        array(7)
        add(node.key.bytes)
        add(node.node)
        add(node.workflow)
        add(node.run)
        add(node.handle)
        add(node.shown)
        add(node.since)
    }

    mutating func add(_ run: RunDescription) {
        array(6)
        add(run.run)
        add(run.workflow)
        add(CBORWriter.values(run.parameters))
        add(run.modules)
        list(run.connections) { connection, writer in
            writer.add(connection.source)
            writer.add(connection.output)
            writer.add(connection.node)
            writer.add(connection.input)
        }
        add(CBORWriter.outputs(run.outputs))
    }

    mutating func add(_ key: KeyRecord?) {
        guard let key else { return addNull() }
        array(3)
        add(key.key?.bytes)
        add(key.obstacle)
        list(key.parts) { part, writer in
            writer.add(part.kind.rawValue)
            writer.add(part.name)
            writer.add(part.digest)
            writer.add(part.shown)
        }
    }

    mutating func add(_ node: NodeRecord) {
        array(19)
        add(node.position)
        add(node.record.node)
        add(node.record.module)
        add(node.record.version)
        add(node.record.status.rawValue)
        add(node.record.seconds)
        add(node.record.attempts)
        add(node.record.printed)
        add(node.record.failure?.recorded)
        add(node.record.skippedBecauseOf)
        list(node.record.calls) { $1.add($0.bytes) }
        add(node.key)
        add(node.started)
        add(node.processor)
        add(node.peak)
        add(CBORWriter.values(node.inputs))
        add(CBORWriter.values(node.outputs))
        add(CBORWriter.values(node.annotations))
        array(2)
        add(CBORWriter.files(node.files))
        add(CBORWriter.libraries(node.libraries))
    }

    /// - Parameter start: the start of the run, to which times are relative.
    mutating func add(_ group: ElementGroup, since start: Double) {
        let pack = ElementPack(group.elements)
        array(5)
        add(group.position)
        add(group.number)
        add(pack.content)
        add(pack.times(since: start))
        add(start)
    }
}

extension CBORReader {
    /// An index, which the store adds to others.
    mutating func index() throws(Malformed) -> Int {
        let number = try integer()
        guard 0...0x7FFF_FFFF ~= number else { throw Malformed() }
        return number
    }

    mutating func result() throws(Malformed) -> StoredResult {
        _ = try array(of: 11)
        return StoredResult(
            name: Digest(bytes: try data()), outputs: try optionalData(),
            arrays: ArrayRows.arrays(in: try data()), digests: try data(), printed: try text(),
            annotations: try data(), products: try data(), place: try data(),
            notices: try text(), hasNames: try flag(), seconds: try seconds())
    }

    mutating func suspendedNode() throws(Malformed) -> SuspendedNode {
        _ = try array(of: 7)
        return SuspendedNode(
            key: Digest(bytes: try data()), node: try text(), workflow: try text(),
            run: try text(), handle: try data(), shown: try text(), since: try seconds())
    }

    mutating func run() throws(Malformed) -> RunDescription {
        _ = try array(of: 6)
        return RunDescription(
            run: try text(), workflow: try text(), parameters: CBORReader.values(try data()),
            modules: try index(),
            connections: try list { reader throws(Malformed) in
                RunDescription.Connection(
                    source: try reader.text(), output: try reader.text(), node: try reader.text(),
                    input: try reader.text())
            }, outputs: CBORReader.outputs(try data()))
    }

    mutating func key() throws(Malformed) -> KeyRecord? {
        if skipNull() { return nil }
        _ = try array(of: 3)
        let (key, obstacle) = (try optionalData(), try optionalText())
        let parts = try list { reader throws(Malformed) in
            guard let kind = KeyRecord.Part.Kind(rawValue: try reader.text()) else {
                throw Malformed()
            }
            return KeyRecord.Part(
                kind: kind, name: try reader.text(), digest: try reader.text(),
                shown: try reader.text())
        }
        return KeyRecord(key: key.map(Digest.init(bytes:)), parts: parts, obstacle: obstacle)
    }

    mutating func node() throws(Malformed) -> NodeRecord {
        _ = try array(of: 19)
        let position = try index()
        let (node, module, version) = (try text(), try text(), try text())
        guard let status = ModuleRecord.Status(rawValue: try text()) else { throw Malformed() }
        let (duration, attempts) = (try seconds(), try integer())
        let (printed, error, because) = (try text(), try optionalText(), try optionalText())
        let calls = try list { reader throws(Malformed) in
            guard let call = CallRecord(bytes: try reader.data()) else { throw Malformed() }
            return call
        }
        let record = ModuleRecord(
            node: node, module: module, version: version, status: status, seconds: duration,
            attempts: attempts, printed: printed, error: error, because: because, calls: calls)
        var whole = NodeRecord(
            position: position, record: record, key: try key(), started: try seconds())
        whole.processor = try seconds()
        whole.peak = try integer()
        whole.inputs = CBORReader.values(try data())
        whole.outputs = CBORReader.values(try data())
        whole.annotations = CBORReader.values(try data())
        _ = try array(of: 2)
        whole.files = CBORReader.files(try data())
        whole.libraries = CBORReader.libraries(try data())
        return whole
    }

    mutating func elementGroup() throws(Malformed) -> ElementGroup {
        _ = try array(of: 5)
        let (position, number) = (try index(), try index())
        let (content, times, start) = (try data(), try data(), try seconds())
        guard let pack = ElementPack(content: content, times: times, since: start) else {
            throw Malformed()
        }
        return ElementGroup(position: position, number: number, elements: pack.elements)
    }
}
