// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTShipping

/// The modules of a Lua state that its workers cannot find in files: the functions of
/// `package.preload`, values that a script has put into `package.loaded`, and searchers.
package struct SentModules: Sendable, Equatable {
    enum Kind: UInt8 {
        /// A function of `package.preload`.
        case preload
        /// A value of `package.loaded`.
        case value
        /// A function of `package.searchers`.
        case searcher
    }

    struct Entry: Equatable {
        var kind: Kind
        /// The name of the module; "" for a searcher.
        var name: String
        /// The position of a searcher.
        var position = 0
        /// The group whose bytes contain the value, and the position there, from 0 and from 1.
        var group = 0
        var index = 0
    }

    private(set) var entries: [Entry] = []
    /// Arrays of values that were encoded together.
    private(set) var groups: [[UInt8]] = []

    init(entries: [Entry], groups: [[UInt8]]) {
        self.entries = entries
        self.groups = groups
    }

    /// Collects the modules of a state; nil if there are none. What cannot be sent is left out: the
    /// error of a task that needs it gives the reason.
    package init?(of lua: borrowing Lua) throws {
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        let found = try Self.pushAll(lua)
        if found.isEmpty { return nil }
        let values = lua.top
        let encoder = Self.encoder(for: found)
        var sendable = Array(found.indices)
        // Modules that the code of others refers to by their names.
        var mentioned: [Int] = []
        while !sendable.isEmpty {
            do {
                let bytes = try Self.encode(sendable, values, encoder, lua) { encoder in
                    let names = encoder.mentionedModules
                    mentioned = sendable.filter { names.contains(found[$0].name) }
                }
                if mentioned.isEmpty { groups = [bytes] }
                break
            } catch let refusal as ShippingRefusal {
                let refused = Set(refusal.offenders.map { sendable[$0.element - 1] })
                sendable.removeAll(where: refused.contains)
            }
        }
        if sendable.isEmpty { return nil }
        // Those are decoded by themselves, before the others.
        let others = sendable.filter { !mentioned.contains($0) }
        for numbers in [others] + mentioned.map({ [$0] }) where !numbers.isEmpty {
            for (index, number) in numbers.enumerated() {
                var entry = found[number]
                entry.group = entries.last.map { $0.group + (index == 0 ? 1 : 0) } ?? 0
                entry.index = index + 1
                entries.append(entry)
            }
            if mentioned.isEmpty { continue }
            let encoder = Self.encoder(for: found)
            if numbers != others { encoder.sendByValue(module: found[numbers[0]].name) }
            groups.append(try Self.encode(numbers, values, encoder, lua))
        }
    }

    /// Those that are put into `package.loaded` are in no file: their content is sent.
    private static func encoder(for entries: [Entry]) -> ShippingEncoder {
        let encoder = ShippingEncoder(.functions)
        for entry in entries where entry.kind == .value { encoder.sendByValue(module: entry.name) }
        return encoder
    }

    private static func encode(
        _ numbers: [Int], _ values: Int, _ encoder: ShippingEncoder, _ lua: borrowing Lua,
        _ inspect: (ShippingEncoder) -> Void = { _ in }
    ) throws -> [UInt8] {
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        for number in numbers { try lua.pushRawElement(number + 1, of: values) }
        try encoder.encode(lua, elementsFrom: base + 1, count: numbers.count)
        defer { encoder.truncate(to: 0) }
        inspect(encoder)
        return encoder.withBytes { Array($0) }
    }

    // MARK: Finding them

    /// Pushes a list of the values, if there are any, and returns their entries.
    private static func pushAll(_ lua: borrowing Lua) throws -> [Entry] {
        try lua.pushLoaded("package")
        guard lua.type(at: -1) == .table else { return [] }
        let package = lua.top
        try lua.pushRawField("preload", of: package)
        try lua.pushRawField("searchers", of: package)
        try lua.pushLoadedModules()
        let (preload, searchers, loaded) = (package + 1, package + 2, package + 3)
        var preloaded: Set<String> = []
        if lua.type(at: preload) == .table {
            try lua.forEachPair(of: preload) {
                guard lua.type(at: -2) == .string, let name = lua.string(at: -2),
                    lua.isLuaFunction(at: -1)
                else { return }
                preloaded.insert(name)
            }
        }
        var values: Set<String> = []
        try lua.forEachPair(of: loaded) {
            guard lua.type(at: -2) == .string, [.table, .function].contains(lua.type(at: -1)),
                try lua.isModuleOfScript(), let name = lua.string(at: -2),
                !preloaded.contains(name)
            else { return }
            values.insert(name)
        }
        let positions = try Self.searchers(searchers, lua)
        let entries =
            preloaded.sorted().map { Entry(kind: .preload, name: $0) }
            + values.sorted().map { Entry(kind: .value, name: $0) }
            + positions.map { Entry(kind: .searcher, name: "", position: $0) }
        if entries.isEmpty { return [] }
        try lua.pushTable(elements: entries.count)
        for (index, entry) in entries.enumerated() {
            switch entry.kind {
            case .preload: try lua.pushRawField(entry.name, of: preload)
            case .value: try lua.pushRawField(entry.name, of: loaded)
            case .searcher: try lua.pushRawElement(entry.position, of: searchers)
            }
            try lua.setRawElement(index + 1, of: loaded + 1)
        }
        return entries
    }

    /// The positions of the searchers that are Lua functions.
    private static func searchers(_ searchers: Int, _ lua: borrowing Lua) throws -> [Int] {
        guard lua.type(at: searchers) == .table else { return [] }
        var positions: [Int] = []
        for position in 1..<(lua.rawLength(at: searchers) + 1) {
            try lua.pushRawElement(position, of: searchers)
            if lua.isLuaFunction(at: -1) { positions.append(position) }
            lua.pop()
        }
        return positions
    }

    /// The reason why workers do not have the module of that name, if this state has it.
    static func absence(of name: String, _ lua: borrowing Lua) throws -> String? {
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        let found = try pushAll(lua)
        let values = lua.top
        guard let index = found.firstIndex(where: { $0.name == name }) else {
            return try absence(of: name, searchers: found, values, lua)
        }
        let place = found[index].kind == .preload ? "package.preload" : "package.loaded"
        do {
            _ = try encode([index], values, encoder(for: found), lua)
        } catch let refusal as ShippingRefusal {
            return
                "'\(name)' is in the caller's \(place), but cannot be sent: \(refusal.summary). Put "
                + "the module into a file on package.path."
        }
        return
            "'\(name)' was added to the caller's \(place) after the workers were started. Add it "
            + "before, or put the module into a file on package.path."
    }

    /// The same for a module that a searcher has found which cannot be sent.
    private static func absence(
        of name: String, searchers found: [Entry], _ values: Int, _ lua: borrowing Lua
    ) throws -> String? {
        try lua.pushLoaded(name)
        defer { lua.pop() }
        if lua.isNil(at: -1) { return nil }
        for (index, entry) in found.enumerated() where entry.kind == .searcher {
            do {
                _ = try encode([index], values, encoder(for: found), lua)
            } catch let refusal as ShippingRefusal {
                return
                    "package.searchers[\(entry.position)] of the caller, which may find '\(name)', "
                    + "cannot be sent: \(refusal.summary). Put the module into a file on "
                    + "package.path."
            }
        }
        return nil
    }
}
