// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping

// The fingerprints of functions, with what they refer to.

extension Fingerprint {
    mutating func addFunction(_ lua: borrowing Lua, _ index: Int) throws {
        if meet(lua, index) { return }
        isPlain = false
        guard try lua.definition(at: index) != nil else {
            tag("C")
            try add(identity: try identities.number(lua, of: index), lua, index)
            return
        }
        if try addPartOfLibrary(lua, index) { return }
        try deeper("function") { print in
            print.tag("F")
            try lua.pushValue(at: index)
            // The position in the script is not part of a persistent fingerprint.
            try lua.dump(strip: print.persistent != nil)
            defer { lua.pop() }
            try print.addCode(lua, index)
            try print.addUpvalues(lua, index)
            print.tag(".")
        }
    }

    /// Adds the bytecode on top, which is that of the function at `index`.
    private mutating func addCode(_ lua: borrowing Lua, _ index: Int) throws {
        guard let persistent else {
            lua.withBytes(at: -1) { add(bytes: $0) }
            return
        }
        let code = lua.withBytes(at: -1) { GlobalNames.withoutLines($0) } ?? []
        if let (source, line, _) = try lua.definition(at: index) {
            parts.append(
                KeyRecord.Part(
                    kind: line == 0 ? .file : .code, name: persistent.place(source),
                    digest: persistent.digest(code).short, shown: "\(line)"))
        }
        code.withUnsafeBytes { add(bytes: $0) }
    }

    mutating func add(identity number: Int, _ lua: borrowing Lua, _ index: Int) throws {
        guard persistent != nil else { return add(raw: number) }
        if let name = identities.name(of: number) { return add(name) }
        try addNamed(lua, index)
    }

    /// Adds the name of a table or function of a library from outside the project. Returns false, and
    /// adds nothing, for any other value.
    mutating func addPartOfLibrary(_ lua: borrowing Lua, _ index: Int) throws -> Bool {
        guard let name = try persistent?.name(ofPartOfLibrary: lua, at: index) else { return false }
        isPlain = false
        // The code of the library may use any global.
        mayUseAllGlobals = true
        tag("L")
        name.withUnsafeBytes { add(bytes: $0) }
        return true
    }

    /// Adds the name of a value of a library.
    mutating func addNamed(_ lua: borrowing Lua, _ index: Int) throws {
        guard let name = try persistent?.name(lua, at: index) else {
            let type = lua.type(at: index) == .function ? "C function" : lua.typeName(at: index)
            throw Impossible(
                type: type.kindOfValue + (lua.type(at: index) == .function ? " without a name" : "")
            )
        }
        name.withUnsafeBytes { add(bytes: $0) }
    }

    /// Adds the upvalues of the function at `index`, whose bytecode is on top. In place of the table
    /// of globals, the globals that the code reads are added.
    private mutating func addUpvalues(_ lua: borrowing Lua, _ index: Int) throws {
        let code = lua.top
        var areGlobals: [Bool] = []
        try lua.pushGlobals()
        defer { lua.pop() }
        while let name = try lua.pushUpvalue(areGlobals.count + 1, of: index) {
            defer { lua.pop() }
            areGlobals.append(lua.rawEqual(-1, code + 1))
            add(name)
            if areGlobals.last == false { try addReferenced(name, by: index, lua) }
        }
        guard areGlobals.contains(true),
            let found = lua.withBytes(at: code, { GlobalNames(in: $0, upvalues: areGlobals) })
        else { return }
        if found.mayUseAll { mayUseAllGlobals = true }
        globalsRead.formUnion(found.names)
        if !found.written.isEmpty, let (source, _, _) = try lua.definition(at: index) {
            // The stripped bytecode has no lines.
            try lua.pushValue(at: index)
            try lua.dump(strip: false)
            defer { lua.pop() }
            let written = lua.withBytes(at: -1) {
                GlobalNames(in: $0, upvalues: areGlobals).written
            }
            for (name, line) in written ?? found.written where globalsWritten[name] == nil {
                let place = persistent?.place(source) ?? String(source.drop { $0 == "@" })
                globalsWritten[name] = "\(place):\(line)"
            }
        }
        for name in found.names.sorted() {
            add(name)
            try lua.pushRawField(name, of: code + 1)
            defer { lua.pop() }
            try addReferenced(name, by: index, lua)
        }
    }

    /// Adds the value on top, to which the function at `index` refers by a name.
    private mutating func addReferenced(_ name: String, by index: Int, _ lua: borrowing Lua) throws
    {
        guard persistent != nil, let (source, line, _) = try lua.definition(at: index) else {
            return try add(lua, at: -1)
        }
        do {
            try add(named: name, in: source, lua)
        } catch var impossible as Impossible where impossible.place.isEmpty {
            let file = persistent?.place(source) ?? source
            impossible.place = "\(file):\(max(1, line)): `\(name)`"
            throw impossible
        }
    }

    /// Adds the value on top and a part for it; for a table, a part for each field.
    ///
    /// - Parameters:
    ///   - name: the name of the value.
    ///   - source: the script that refers to the value.
    ///   - known: fields that get no part.
    mutating func add(
        named name: String, in source: String, besides known: Set<String> = [], _ lua: borrowing Lua
    ) throws {
        let start = bytes.count
        let around = spans
        spans = persistent == nil ? nil : FieldSpans(depth: depth + 1)
        defer { spans = around }
        try add(lua, at: -1)
        guard let persistent, let spans else { return }
        let place = source.isEmpty ? "" : " in " + persistent.place(source)
        func addPart(_ name: String, _ bytes: [UInt8], _ shown: String) {
            parts.append(
                KeyRecord.Part(
                    kind: .value, name: "`\(name)`" + place,
                    digest: persistent.digest(bytes).short, shown: shown))
        }
        switch lua.type(at: -1) {
        case .nil, .boolean, .number, .string, .table:
            for field in spans.fields where !known.contains(field.name) {
                addPart("\(name).\(field.name)", Array(bytes[field.bytes]), field.shown)
            }
            addPart(name, spans.rest(of: bytes, from: start), lua.brief(at: -1))
        default: return
        }
    }
}
