// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping
internal import VTSystem

// Keeping results: in the process, and in the store.

extension Run {
    /// Makes the digests of a step's outputs, and keeps its result where nothing prevents it.
    func keep(
        _ result: StepAttempt.Computed, of index: Int, seconds: Double, _ lua: borrowing Lua
    ) throws {
        guard let keys else { return }
        let step = plan.steps[index]
        if keys.record(of: index) == nil, keys.number(of: index) != nil {
            remember(result, of: index)
            return
        }
        guard environment.store?.isUsable ?? false else { return }
        let encoded = try encode(result.entry.outputs, of: step, lua)
        keys.setDigests(encoded.digests, of: index)
        guard let record = keys.record(of: index) else { return }
        if record.obstacle != nil {
            if result.obstacle == nil, keys.number(of: index) != nil { remember(result, of: index) }
            return
        }
        guard let key = record.key else { return }
        if let obstacle = encoded.obstacle { return keys.setObstacle(obstacle, of: index) }
        let name = try store(result, encoded, under: key, of: step, seconds: seconds, lua)
        keys.setStored(name, ObservationSet(result.observations).observations, of: index)
    }

    /// Keeps a result in the store.
    ///
    /// - Returns: its name.
    func store(
        _ result: StepAttempt.Computed, _ encoded: Encoded, under key: Digest, of step: Plan.Step,
        seconds: Double, _ lua: borrowing Lua
    ) throws -> Digest {
        let set = ObservationSet(result.observations)
        let observations = set.observations.isEmpty ? [] : set.bytes
        let observed =
            observations.isEmpty
            ? [] : Array((keys?.names.digest(observations).bytes ?? []).prefix(16))
        let name = Digest(key: key, observations: observed)
        let stored = StoredResult(
            name: name, outputs: encoded.bytes, arrays: encoded.arrays,
            digests: encoded.digests.flatMap { $0?.bytes ?? [] },
            printed: Secrets.masked(result.entry.printed),
            annotations: try encode(result.entry.annotations, lua),
            products: result.products.isEmpty ? [] : Product.bytes(of: result.products),
            place: step.definition.outputs.contains { $0.type.holdsPaths } ? place : [],
            notices: result.notices.joined(separator: "\n"), hasNames: encoded.hasNames,
            seconds: seconds)
        try withStore { try $0.keep(stored, observations: observations, run: id) }
        note(key, of: result.products)
        return name
    }

    /// Keeps a result in this process.
    private func remember(_ result: StepAttempt.Computed, of index: Int) {
        guard result.obstacle == nil, let number = keys?.number(of: index) else { return }
        var entry = result.entry
        entry.observations = result.observations
        entry.products = result.products
        interpreter.cache.store(entry, under: number)
    }

    /// The outputs of a step as bytes.
    struct Encoded {
        var bytes: [UInt8] = []
        /// The large arrays that the bytes refer to.
        var arrays: [StoredArray] = []
        var digests: [Digest?] = []
        var hasNames = false
        var obstacle: String?
        /// The name of a secret parameter among the elements of the arrays.
        var secretInArrays: String?
    }

    /// Encodes outputs, one item for each, and makes their digests.
    func encode(
        _ table: LuaReference, of step: Plan.Step, _ lua: borrowing Lua
    ) throws -> Encoded {
        guard let keys else { return Encoded() }
        var encoded = Encoded()
        let encoder = interpreter.encoder
        encoder.truncate(to: 0)
        defer { encoder.truncate(to: 0) }
        try lua.push(table)
        defer { lua.pop() }
        try encodeNames(of: step, lua)
        _ = encoded.add(encoder.ship(), keys.names)
        for port in step.definition.outputs {
            try lua.pushRawField(port.name, of: -1)
            defer { lua.pop() }
            if lua.isNil(at: -1) {
                encoded.digests.append(.ofNil)
                continue
            }
            do {
                try encoder.encode(lua, at: -1)
            } catch let refusal as ShippingRefusal {
                let first = refusal.offenders.first
                let path = first.map { $0.path.isEmpty ? "" : " (\($0.path))" } ?? ""
                encoded.obstacle =
                    encoded.obstacle
                    ?? "its output `\(port.name)`\(path) is "
                    + (first?.what ?? "of a kind that cannot be kept")
                encoded.digests.append(nil)
                continue
            }
            let (bytes, size) = encoded.add(encoder.ship(), keys.names)
            if let secret = Secrets.name(in: bytes) ?? encoded.secretInArrays {
                encoded.obstacle =
                    encoded.obstacle
                    ?? "its output `\(port.name)` holds the secret parameter `\(secret)`"
            }
            let hasNames = bytes.hasNames
            encoded.hasNames = encoded.hasNames || hasNames
            do {
                encoded.digests.append(
                    port.type.holdsPaths
                        ? keys.names.digest(Array("paths".utf8) + (try keys.pathBytes(port, lua)))
                        : try keys.digest(ofOutput: bytes, hasNames: hasNames, lua))
                if size > ValueRecord.limit, !hasNames, !port.type.holdsPaths,
                    case .some(.some(let digest)) = encoded.digests.last
                {
                    outputDigests[port.name] = (size, digest)
                }
            } catch is Fingerprint.Impossible {
                encoded.obstacle = encoded.obstacle ?? "a file among its outputs is missing"
                encoded.digests.append(nil)
            }
        }
        return encoded
    }

    /// Encodes the names of the outputs in the table on top that are not nil.
    private func encodeNames(of step: Plan.Step, _ lua: borrowing Lua) throws {
        let table = lua.top
        try lua.pushTable(elements: step.definition.outputs.count)
        defer { lua.pop() }
        var count = 0
        for port in step.definition.outputs {
            try lua.pushRawField(port.name, of: table)
            let isPresent = !lua.isNil(at: -1)
            lua.pop()
            guard isPresent else { continue }
            count += 1
            try lua.push(port.name)
            try lua.setRawElement(count, of: -2)
        }
        try interpreter.encoder.encode(lua, at: -1)
    }

    private func encode(
        _ annotations: [(key: String, value: LuaValue)], _ lua: borrowing Lua
    ) throws -> [UInt8] {
        if annotations.isEmpty { return [] }
        try lua.pushTable(fields: annotations.count)
        defer { lua.pop() }
        for (key, value) in annotations {
            try value.push(onto: lua)
            try lua.setRawField(key, of: -2)
        }
        let encoder = interpreter.encoder
        encoder.truncate(to: 0)
        defer { encoder.truncate(to: 0) }
        do {
            try encoder.encode(lua, at: -1)
        } catch is ShippingRefusal {
            return []
        }
        return encoder.withBytes { Array($0) }
    }
}

extension Run.Encoded {
    /// Adds an item.
    ///
    /// - Returns: bytes that are equal for equal values, with the digests of large arrays in place of their
    ///   elements; and the number of bytes of the item, with those.
    fileprivate mutating func add(
        _ shipment: Shipment, _ names: PersistentNames
    ) -> (bytes: [UInt8], size: Int) {
        var item = shipment.withBytes { Array($0) }
        let range = bytes.count..<bytes.count + item.count
        bytes += item
        var size = item.count
        for elements in shipment.lentArrays {
            secretInArrays = secretInArrays ?? Secrets.name(in: elements)
            let array = StoredArray(
                item: range, digest: names.digest(of: elements), size: elements.count,
                elements: ArrayElements(elements, owner: shipment))
            arrays.append(array)
            item += array.digest.bytes
            size += array.size
        }
        return (item, size)
    }
}

extension StepKeys {
    /// Returns the digest of the output on top, whose encoded form is `bytes`. The code of a class is
    /// part of the value: modules call its methods.
    fileprivate func digest(
        ofOutput bytes: [UInt8], hasNames: Bool, _ lua: borrowing Lua
    ) throws -> Digest {
        if hasNames, let whole = try? fingerprint(lua) {
            return names.digest(Array("value".utf8) + whole)
        }
        return names.digest(bytes)
    }
}

extension [UInt8] {
    /// True if encoded values may refer to modules or classes by name.
    fileprivate var hasNames: Bool {
        let start: [UInt8] = [0xda, 0x56, 0x54, 0x00]
        guard count > 5 else { return false }
        return withUnsafeBytes { bytes in
            var position = 0
            while let found = memchr(
                bytes.baseAddress! + position, 0xda, bytes.count - position)
            {
                let offset = bytes.baseAddress!.distance(to: UnsafeRawPointer(found))
                guard offset + 5 <= bytes.count else { return false }
                if bytes[offset..<offset + 4].elementsEqual(start),
                    (4...6).contains(bytes[offset + 4])
                {
                    return true
                }
                position = offset + 1
                if position >= bytes.count { return false }
            }
            return false
        }
    }
}
