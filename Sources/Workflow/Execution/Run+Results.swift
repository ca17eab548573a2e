// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping
internal import VTSystem

// Results in the store: reading.

extension Run {
    /// Returns true if a step's result is in the store.
    func isKept(_ index: Int) -> Bool {
        guard environment.store?.isUsable ?? false, let key = keys?.record(of: index) else {
            return false
        }
        return key.key != nil && key.obstacle == nil
    }

    /// Returns a result from the store if its observations hold and its products are unchanged.
    func stored(_ key: Digest, _ index: Int, _ lua: borrowing Lua) throws -> Found? {
        guard let keys else { return nil }
        return try findStored(key, lua, missed: { missReasons[index] = missReasons[index] ?? $0 }) {
            result, annotations in
            keys.setDigests(result.digests.digests, of: index)
            unread[index] = result
            // A value that cannot be read here is found out before another step needs it.
            if result.hasNames, try !isReadable(index, lua) { return nil }
            keys.setStored(result.name, [], of: index)
            note(result, madeBy: plan.steps[index].name)
            return Found(printed: result.printed, annotations: annotations)
        }
    }

    /// Notes the files that a stored result has made.
    func note(_ result: StoredResult, madeBy node: String) {
        guard !result.products.isEmpty else { return }
        for file in files(Product.products(in: result.products) ?? []) {
            made[file] = (node, result.name.key)
        }
    }

    /// Notes the key under which the files that a step has made are kept.
    func note(_ key: Digest, of products: [Product]) {
        for file in files(products) { made[file]?.result = key.bytes }
    }

    /// The absolute paths of the files among products that were made.
    private func files(_ products: [Product]) -> [[UInt8]] {
        products.filter { $0.isMade && !$0.digest.isEmpty }.compactMap {
            keys?.names.paths.path($0.name).absolutePath(in: .workingDirectory)
        }
    }

    /// Calls `body` with the results of a key whose observations hold and whose products are unchanged,
    /// until it returns a value.
    ///
    /// - Parameter missed: receives the reason why a result is not used.
    func findStored<R>(
        _ key: Digest, _ lua: borrowing Lua, missed: (String) -> Void = { _ in },
        _ body: (StoredResult, [(key: String, value: LuaValue)]) throws -> R?
    ) throws -> R? {
        guard let keys, let candidates = try withStore({ try $0.find(key) }) else { return nil }
        for result in candidates {
            let observations = try self.observations(result.name.observed)
            if let failed = observations.first(where: { !keys.observer.holds($0, lua) }) {
                missed("\(failed.subject) was changed")
                continue
            }
            guard let products = Product.products(in: result.products) else { continue }
            if let changed = changedProduct(products) {
                missed(changed)
                continue
            }
            guard let annotations = try annotations(of: result, lua) else {
                try withStore { try $0.forget(result.name) }
                continue
            }
            guard let found = try body(result, annotations) else { continue }
            interpreter.accessLog.inherit(observations)
            return found
        }
        return nil
    }

    private func observations(_ digest: [UInt8]) throws -> [Observation] {
        if digest.isEmpty { return [] }
        if let known = observationSets[digest] { return known }
        guard let bytes = try withStore({ try $0.observations(digest) }),
            let set = ObservationSet(bytes)
        else { return [Observation(kind: .file, name: [], seen: [0])] }
        observationSets[digest] = set.observations
        return set.observations
    }

    /// Returns the reason why products do not count as unchanged; nil if they do.
    func changedProduct(_ products: [Product]) -> String? {
        guard let keys else { return nil }
        for product in products {
            let path = keys.names.paths.path(product.name)
            let subject =
                "'\(PlacedPath.shown(product.name))', which \(product.isMade ? "it made" : "its outputs name"),"
            guard let status = FileStatus(path) else { return "\(subject) is gone" }
            let digest: [UInt8]?
            switch status.kind {
            case .directory where product.digest.isEmpty: continue
            case .directory: digest = try? keys.names.digest(ofDirectory: path).bytes
            case .regular: digest = try? keys.names.digest(ofFile: path).bytes
            case .other: digest = nil
            }
            if digest != product.digest { return "\(subject) was changed" }
        }
        return nil
    }

    /// Returns the annotations of a result; nil where they are damaged.
    private func annotations(
        of result: StoredResult, _ lua: borrowing Lua
    ) throws -> [(key: String, value: LuaValue)]? {
        if result.annotations.isEmpty { return [] }
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        let decoder = ShippingDecoder(trustsCode: false, requiresModules: false)
        do {
            try result.annotations.withUnsafeBytes { bytes in
                var position = 0
                try decoder.decode(bytes, at: &position, lua)
            }
        } catch is ShippingError {
            return nil
        } catch {
            return []
        }
        guard
            case .table(let pairs) = LuaValue(
                lua: lua, at: -1, bounds: .init(depth: 100, pairs: 100_000))
        else { return [] }
        return pairs.compactMap { pair in
            guard case .string(let key) = pair.key else { return nil }
            return (key.text, pair.value)
        }
    }
}

// MARK: - Reading outputs

extension Run {
    /// Returns the table of a step's outputs; nil if the step has no result.
    func table(of index: Int, _ lua: borrowing Lua) throws -> LuaReference? {
        if let table = outputs[index] { return table }
        if let elements = unreadElements[index] {
            outputs[index] = try elements.takeOutputs(lua)
            unreadElements[index] = nil
            return outputs[index]
        }
        guard unread[index] != nil else { return nil }
        if try isReadable(index, lua) { return outputs[index] }
        return try recompute(index, lua)
    }

    /// Reads the outputs of a stored result. A result that cannot be read here is no result.
    private func isReadable(_ index: Int, _ lua: borrowing Lua) throws -> Bool {
        guard let result = unread[index] else { return false }
        guard let bytes = try result.outputs ?? withStore({ try $0.outputs(of: result) }) else {
            unread[index] = nil
            return false
        }
        do {
            outputs[index] = try decode(bytes, of: plan.steps[index], result, lua)
            unread[index] = nil
            return true
        } catch is ShippingError {
            try withStore { try $0.forget(result.name) }
        } catch let error as LuaError where error.code != .cancelled && error.code != .timedOut {
            withStore { store in
                store.report(
                    "the stored result of `\(plan.steps[index].name)` cannot be read here "
                        + "(\(error.message)); computing it again")
            }
        }
        unread[index] = nil
        return false
    }

    /// Returns a table of outputs from their encoded form: a list of names, and a value for each.
    func decode(
        _ bytes: [UInt8], of step: Plan.Step, _ result: StoredResult, _ lua: borrowing Lua
    ) throws -> LuaReference {
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        try lua.pushTable(fields: step.definition.outputs.count)
        var position = 0
        func decodeNext() throws {
            try interpreter.decoder.decode(
                bytes, at: &position, arrays: result.arrays,
                { array in try withStore { try $0.elements(of: array) } ?? nil }, lua)
        }
        try decodeNext()
        for index in 0..<lua.rawLength(at: base + 2) {
            try lua.pushRawElement(index + 1, of: base + 2)
            let name = lua.text(at: -1) ?? ""
            try decodeNext()
            if let port = step.definition.outputIndex[name].map({ step.definition.outputs[$0] }),
                port.type.holdsPaths
            {
                try movePaths(port.type, from: result.place, lua)
            }
            try lua.setRawField(name, of: base + 1)
            lua.pop()
        }
        lua.pop()
        return try lua.takeReference()
    }

    /// Computes a step whose stored result turned out to be damaged when another step needed it.
    private func recompute(_ index: Int, _ lua: borrowing Lua) throws -> LuaReference? {
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        let started = Clock.wall
        var attempt = StepAttempt(run: self, step: plan.steps[index])
        var record = try computeFresh(index, &attempt, since: Clock.now, lua)
        record.isKept = isKept(index)
        replaceRecord(record, at: index)
        try addRecord(record, at: index, since: isOutermost ? started : nil, lua)
        return outputs[index]
    }
}

// MARK: - Paths

extension Run {
    /// The working directory and the directory of the workflow, for paths among stored outputs.
    var place: [UInt8] {
        [UInt8].workingDirectory + [0] + (keys?.names.paths.root ?? [])
    }

    /// Adapts the paths on top, which were stored with other directories.
    private func movePaths(
        _ type: PortType, from place: [UInt8], _ lua: borrowing Lua
    ) throws {
        guard let keys, !place.isEmpty, place != self.place,
            let separator = place.firstIndex(of: 0)
        else { return }
        let (old, root) = (Array(place[..<separator]), Array(place[(separator + 1)...]))
        func moved(_ path: [UInt8]) -> [UInt8] {
            let whole = path.absolutePath(in: old)
            if whole == root { return keys.names.path(inside: []) }
            let start = root + [UInt8(ascii: "/")]
            guard whole.starts(with: start) else { return whole }
            return keys.names.path(inside: Array(whole.dropFirst(start.count)))
        }
        try replacePaths(type, moved, lua)
    }

    private func replacePaths(
        _ type: PortType, _ moved: ([UInt8]) -> [UInt8], _ lua: borrowing Lua
    ) throws {
        switch type {
        case .file, .directory:
            guard lua.type(at: -1) == .string else { return }
            let path = moved(lua.withBytes(at: -1) { Array($0) } ?? [])
            lua.pop()
            try path.withUnsafeBytes { try lua.push(bytes: $0) }
        case .list(let element) where lua.type(at: -1) == .table:
            for position in 0..<lua.rawLength(at: -1) {
                try lua.pushRawElement(position + 1, of: -1)
                try replacePaths(element, moved, lua)
                try lua.setRawElement(position + 1, of: -2)
            }
        default: return
        }
    }
}

extension [UInt8] {
    /// The digests of outputs, 32 bytes each.
    var digests: [Digest?] {
        stride(from: 0, to: count - 31, by: 32).map { Digest(bytes: Array(self[$0..<$0 + 32])) }
    }
}
