// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping

// Results in the store.

extension Run {
    /// Returns true if a step's result is in the store.
    func isKept(_ index: Int) -> Bool {
        guard environment.store?.isUsable ?? false, let key = keys.record(of: index) else {
            return false
        }
        return key.key != nil && key.obstacle == nil
    }

    /// Returns a result from the store if the files among its outputs are unchanged.
    func stored(_ key: Digest, _ step: Plan.Step, _ lua: borrowing Lua) throws -> ResultCache.Entry?
    {
        guard let names = keys.names,
            let found = try withStore({ try $0.find(key) })
        else { return nil }
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        let decoder = ShippingDecoder(trustsCode: false, requiresModules: false)
        do {
            // The outputs are decoded last, so that they are on top.
            for bytes in [found.annotations, found.outputs] where !bytes.isEmpty {
                try bytes.withUnsafeBytes { bytes in
                    var position = 0
                    try decoder.decode(bytes, at: &position, lua)
                }
            }
        } catch is ShippingError {
            try withStore { try $0.forget(key) }
            return nil
        }
        let outputs = try lua.takeReference()
        guard try filesDigest(among: outputs, of: step, names, lua) == found.files else {
            return nil
        }
        var entry = ResultCache.Entry(outputs: outputs, printed: found.printed, annotations: [])
        if !found.annotations.isEmpty {
            if case .table(let pairs) = LuaValue(
                lua: lua, at: -1, bounds: .init(depth: 100, pairs: 100_000))
            {
                entry.annotations = pairs.compactMap { pair in
                    guard case .string(let key) = pair.key else { return nil }
                    return (key.text, pair.value)
                }
            }
        }
        return entry
    }

    /// Stores a result.
    ///
    /// - Returns: the reason why it cannot be stored; nil if it was stored.
    func keep(
        _ entry: ResultCache.Entry, under key: Digest, of step: Plan.Step, seconds: Double,
        _ lua: borrowing Lua
    ) throws -> String? {
        guard let names = keys.names else { return nil }
        let encoder = ShippingEncoder(.canonical)
        func bytes(of push: () throws -> Void) throws -> [UInt8] {
            try push()
            defer { lua.pop() }
            try encoder.encode(lua, at: -1)
            return encoder.ship().withBytes { Array($0) }
        }
        do {
            let outputs = try bytes { try lua.push(entry.outputs) }
            let annotations =
                entry.annotations.isEmpty
                ? []
                : try bytes {
                    try lua.pushTable(fields: entry.annotations.count)
                    for (key, value) in entry.annotations {
                        try value.push(onto: lua)
                        try lua.setRawField(key, of: -2)
                    }
                }
            let result = StoredResult(
                outputs: outputs, printed: entry.printed, annotations: annotations,
                files: try filesDigest(among: entry.outputs, of: step, names, lua), seconds: seconds
            )
            try withStore { try $0.keep(result, under: key, run: id) }
            return nil
        } catch let refusal as ShippingRefusal {
            let first = refusal.offenders.first
            return
                "its output \(first?.path ?? "") is \(first?.what ?? "of a kind that cannot be kept")"
        } catch is Fingerprint.Impossible {
            return "a file among its outputs is missing"
        }
    }

    private func filesDigest(
        among outputs: LuaReference, of step: Plan.Step, _ names: PersistentNames,
        _ lua: borrowing Lua
    ) throws -> Digest? {
        do {
            return try files(among: outputs, of: step, persistent: names, lua).map {
                names.digest($0)
            }
        } catch is Fingerprint.Impossible {
            return Digest(bytes: [])
        }
    }
}
