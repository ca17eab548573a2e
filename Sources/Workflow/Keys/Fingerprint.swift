// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping

/// Bytes that are equal for equal Lua values, and do not depend on the order of `pairs`.
///
/// The fingerprint of a function covers its code, its upvalues and the globals it reads. That of a
/// table covers its content; a loaded module is a table too, so that a module that was changed or
/// reloaded has another fingerprint. Lua's own libraries and C functions are identified by
/// identity, in a persistent fingerprint by name. A value of another kind (a coroutine, an open file)
/// has no fingerprint.
struct Fingerprint {
    private(set) var bytes: [UInt8] = []
    /// The parts of a persistent key that were added.
    var parts: [KeyRecord.Part] = []
    let identities: Identities
    let persistent: PersistentNames?
    /// The numbers of tables and functions added before, by address: each is added once, so that
    /// shared parts and cycles end. A value that is being read is neither moved nor collected.
    private var seen: [Int: Int] = [:]
    var depth = 0
    /// True if nothing was added so far whose bytes depend on ``persistent``.
    var isPlain = true
    /// True if the code may use globals that it does not name.
    var mayUseAllGlobals = false
    /// The names of globals that the code reads, and those that it sets, each with its place.
    var globalsRead: Set<String> = []
    var globalsWritten: [String: String] = [:]
    /// The fields of the table whose fields are parts of their own; nil for other values.
    var spans: FieldSpans?

    /// - Parameter persistent: names that make the bytes the same in every process; nil for a
    ///   fingerprint of this process.
    init(_ identities: Identities, persistent: PersistentNames? = nil) {
        self.identities = identities
        self.persistent = persistent
    }

    /// A value of this type has no fingerprint.
    struct Impossible: Error {
        var type: String
        /// The variable that holds the value, with its place, such as `fit.lua:3: 'handle'`.
        var place = ""

        /// The obstacle to a key that must hold the value.
        var sentence: String {
            place.isEmpty ? "it holds \(type.withArticle)" : "\(place) is \(type.withArticle)"
        }
    }

    private static let deepest = 180

    /// Adds the value at `index`.
    ///
    /// - Throws: ``Impossible`` for a value without a fingerprint.
    mutating func add(_ lua: borrowing Lua, at index: Int) throws {
        let index = lua.absolute(index)
        switch lua.type(at: index) {
        case .none, .nil: tag("n")
        case .boolean: tag(lua.truth(at: index) ? "t" : "f")
        case .number:
            if lua.isInteger(at: index) {
                tag("i")
                add(raw: lua.integer(at: index) ?? 0)
            } else {
                tag("d")
                add(raw: (lua.number(at: index) ?? 0).bitPattern)
            }
        case .string:
            tag("s")
            lua.withBytes(at: index) { add(bytes: $0) }
        case .table: try addTable(lua, index)
        case .function: try addFunction(lua, index)
        case .lightUserdata:
            isPlain = false
            tag("u")
            guard persistent != nil else {
                return add(raw: UInt(bitPattern: lua.pointer(at: index)))
            }
            try addNamed(lua, index)
        case .userdata where lua.arrayDescription(at: index) != nil:
            // Other workers may change it at any time.
            if lua.isSharedArray(at: index) { throw Impossible(type: "shared array") }
            tag("A")
            _ = lua.append(array: index, to: &bytes)
        case .userdata:
            isPlain = false
            if let type = lua.object(CustomType.luaClass, at: index) { return try add(type, lua) }
            if let module = lua.object(ModuleValue.luaClass, at: index) {
                tag("m")
                return try add(module.definition, lua)
            }
            if let workflow = lua.object(WorkflowValue.luaClass, at: index) {
                return try add(workflow.graph, lua)
            }
            tag("U")
            guard persistent != nil else {
                guard try lua.nameInLibraries(at: index) != nil else {
                    throw Impossible(type: lua.typeName(at: index).kindOfValue)
                }
                return add(raw: try identities.number(lua, of: index))
            }
            try addNamed(lua, index)
        case .thread: throw Impossible(type: "coroutine")
        }
    }

    mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { add(bytes: $0) }
    }

    /// Adds a type made with `vt.type`: its name and its functions.
    mutating func add(_ type: CustomType, _ lua: borrowing Lua) throws {
        tag("Y")
        add(type.name)
        for function in [type.check, type.convert] {
            guard let function else {
                tag("n")
                continue
            }
            try lua.push(function)
            defer { lua.pop() }
            try add(lua, at: -1)
        }
    }

    mutating func tag(_ letter: Unicode.Scalar) { bytes.append(UInt8(ascii: letter)) }

    mutating func add(bytes more: UnsafeRawBufferPointer) {
        add(raw: more.count)
        bytes.append(contentsOf: more)
    }

    mutating func add(bytes more: UnsafeBufferPointer<UInt8>) {
        add(bytes: UnsafeRawBufferPointer(more))
    }

    mutating func add(raw value: some BitwiseCopyable) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }
}

// MARK: - Tables

extension Fingerprint {
    /// Returns true if the value at `index` was added before; then its number is added.
    mutating func meet(_ lua: borrowing Lua, _ index: Int) -> Bool {
        guard let address = lua.pointer(at: index).map({ Int(bitPattern: $0) }) else {
            return false
        }
        if let number = seen[address] {
            tag("=")
            add(raw: number)
            return true
        }
        seen[address] = seen.count
        return false
    }

    mutating func deeper(_ type: String, _ body: (inout Fingerprint) throws -> Void) throws {
        guard depth < Self.deepest else { throw Impossible(type: "deeply nested \(type)") }
        depth += 1
        defer { depth -= 1 }
        try body(&self)
    }

    private mutating func addTable(_ lua: borrowing Lua, _ index: Int) throws {
        if meet(lua, index) { return }
        if let number = try identities.find(lua, at: index) {
            isPlain = false
            tag("I")
            try lua.pushGlobals()
            if lua.rawEqual(-1, index) { mayUseAllGlobals = true }
            lua.pop()
            return try add(identity: number, lua, index)
        }
        if try addPartOfLibrary(lua, index) { return }
        try deeper("table") { print in
            print.tag("T")
            let count = try print.addElements(lua, index)
            try print.addFields(lua, index, besides: count)
            if try lua.pushMetatable(of: index) {
                defer { lua.pop() }
                print.tag("M")
                try print.add(lua, at: -1)
            } else {
                print.tag(".")
            }
        }
    }

    /// Adds the elements up to the first nil, and an end mark. Returns their number.
    private mutating func addElements(_ lua: borrowing Lua, _ index: Int) throws -> Int {
        var count = 0
        while true {
            try lua.pushRawElement(count + 1, of: index)
            defer { lua.pop() }
            if lua.isNil(at: -1) { break }
            try add(lua, at: -1)
            count += 1
        }
        tag(".")
        return count
    }

    /// Adds the other keys and their values, in the order of the bytes of the keys.
    private mutating func addFields(_ lua: borrowing Lua, _ index: Int, besides count: Int) throws {
        var keys: [(bytes: [UInt8], key: LuaReference)] = []
        try lua.forEachPair(of: index) {
            if lua.isInteger(at: -2), let key = lua.integer(at: -2), key >= 1, key <= count {
                return
            }
            var own = Fingerprint(identities, persistent: persistent)
            switch lua.type(at: -2) {
            case .table, .function, .userdata, .thread:
                isPlain = false
                guard persistent == nil else {
                    // The order is that of the keys' content.
                    own.seen = seen
                    own.depth = depth
                    try own.add(lua, at: -2)
                    mayUseAllGlobals = mayUseAllGlobals || own.mayUseAllGlobals
                    globalsRead.formUnion(own.globalsRead)
                    break
                }
                // Two keys with the same content are different keys.
                own.tag("I")
                own.add(raw: try identities.number(lua, of: -2))
            default: try own.add(lua, at: -2)
            }
            keys.append((own.bytes, try lua.reference(at: -2)))
        }
        keys.sort { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        if persistent != nil, zip(keys, keys.dropFirst()).contains(where: { $0.bytes == $1.bytes })
        {
            throw Impossible(type: "table with two keys of equal content")
        }
        let hasSpans = spans?.depth == depth && keys.count <= FieldSpans.limit
        if hasSpans { spans?.counts = bytes.count..<bytes.count + MemoryLayout<Int>.size }
        add(raw: keys.count)
        for (keyBytes, key) in keys {
            let start = bytes.count
            bytes.append(contentsOf: keyBytes)
            try lua.push(key)
            let name = hasSpans && lua.type(at: -1) == .string ? lua.string(at: -1) : nil
            lua.pushRawIndexed(of: index)
            defer { lua.pop() }
            try add(lua, at: -1)
            guard let name else { continue }
            spans?.fields.append(
                FieldSpans.Field(
                    name: name, bytes: start..<bytes.count, shown: lua.brief(at: -1)))
        }
    }
}

extension String {
    /// The kind of a value, in the words of messages.
    var kindOfValue: String {
        switch self {
        case "FILE*": "open file"
        case "userdata": "userdata of a C library"
        case "C function": self
        default: hasPrefix("vt.") || self == "pool" ? self : "userdata (\(self))"
        }
    }

    /// The noun with "a" or "an".
    fileprivate var withArticle: String {
        let isVowel = first.map { "aeio".contains($0) } ?? false
        return (isVowel ? "an " : "a ") + self
    }
}
