// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
internal import LuaBridge

/// Bytes that are equal for equal values, whatever the order of `pairs`.
///
/// Functions count by their code and upvalues; standard functions and loaded modules by what
/// they are. A value that cannot be told apart this way (a coroutine, an open file) has none.
struct Fingerprint {
    private(set) var bytes: [UInt8] = []
    /// Tables and functions met before, by address: shared parts and circles end here.
    private var seen: [UnsafeRawPointer: Int] = [:]
    private var depth = 0

    /// There is no fingerprint for a value of this type.
    struct Impossible: Error {
        var type: String
    }

    private static let deepest = 200

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
        case .userdata, .lightUserdata, .thread:
            throw Impossible(type: lua.typeName(at: index))
        }
    }

    mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { add(bytes: UnsafeRawBufferPointer($0)) }
    }

    /// A file by what tells whether it changed: device, inode, size and times.
    mutating func add(file path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else { throw Impossible(type: "missing file") }
        tag("p")
        add(path)
        add(raw: status.st_dev)
        add(raw: status.st_ino)
        add(raw: status.st_size)
        add(raw: status.st_mtim.tv_sec)
        add(raw: status.st_mtim.tv_nsec)
        add(raw: status.st_ctim.tv_nsec)
    }

    private mutating func tag(_ letter: Unicode.Scalar) { bytes.append(UInt8(ascii: letter)) }

    private mutating func add(bytes more: UnsafeRawBufferPointer) {
        add(raw: more.count)
        bytes.append(contentsOf: more)
    }

    private mutating func add(raw value: some BitwiseCopyable) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }

    /// Whether the value at `index` was met before; then its number is enough.
    private mutating func meet(_ lua: borrowing Lua, _ index: Int) -> Bool {
        guard let address = lua.pointer(at: index) else { return false }
        if let number = seen[address] {
            tag("=")
            add(raw: number)
            return true
        }
        seen[address] = seen.count
        return false
    }

    private mutating func addTable(_ lua: borrowing Lua, _ index: Int) throws {
        if meet(lua, index) { return }
        guard depth < Self.deepest else { throw Impossible(type: "deeply nested table") }
        depth += 1
        defer { depth -= 1 }
        if try addLoadedModule(lua, index) { return }
        tag("T")
        let count = lua.rawLength(at: index)
        add(raw: count)
        for position in 0..<count {
            try lua.pushRawElement(position + 1, of: index)
            defer { lua.pop() }
            try add(lua, at: -1)
        }
        // The other keys in the order of their own bytes.
        var keys: [(bytes: [UInt8], key: LuaReference)] = []
        try lua.forEachPair(of: index) {
            if lua.isInteger(at: -2), let key = lua.integer(at: -2), key >= 1, key <= count {
                return
            }
            var own = Fingerprint()
            try own.add(lua, at: -2)
            keys.append((own.bytes, try lua.reference(at: -2)))
        }
        keys.sort { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        add(raw: keys.count)
        for (keyBytes, key) in keys {
            bytes.append(contentsOf: keyBytes)
            try lua.push(key)
            lua.pushRawIndexed(of: index)
            defer { lua.pop() }
            try add(lua, at: -1)
        }
        if try lua.pushMetatable(of: index) {
            defer { lua.pop() }
            tag("M")
            try add(lua, at: -1)
        }
    }

    /// A table that `require` keeps counts by its name: `string`, `json`, ...
    private mutating func addLoadedModule(_ lua: borrowing Lua, _ index: Int) throws -> Bool {
        try lua.pushGlobals()
        defer { lua.pop() }
        if lua.rawEqual(-1, index) {
            tag("G")
            return true
        }
        try lua.pushRawField("package", of: -1)
        defer { lua.pop() }
        guard lua.type(at: -1) == .table else { return false }
        try lua.pushRawField("loaded", of: -1)
        defer { lua.pop() }
        guard lua.type(at: -1) == .table else { return false }
        var found: String?
        try lua.forEachPair(of: lua.absolute(-1)) {
            if found == nil, lua.rawEqual(-1, index) { found = lua.text(at: -2) }
        }
        guard let found else { return false }
        tag("L")
        add(found)
        // Loaded anew, it is another table.
        add(raw: UInt(bitPattern: lua.pointer(at: index)))
        return true
    }

    private mutating func addFunction(_ lua: borrowing Lua, _ index: Int) throws {
        if meet(lua, index) { return }
        guard depth < Self.deepest else { throw Impossible(type: "deeply nested function") }
        depth += 1
        defer { depth -= 1 }
        guard try lua.definition(at: index) != nil else {
            tag("C")
            add(raw: UInt(bitPattern: lua.pointer(at: index)))
            return
        }
        tag("F")
        try lua.pushValue(at: index)
        try lua.dump()
        lua.withBytes(at: -1) { add(bytes: $0) }
        lua.pop()
        var position = 1
        while let name = try lua.pushUpvalue(position, of: index) {
            defer { lua.pop() }
            add(name)
            try add(lua, at: -1)
            position += 1
        }
    }
}
