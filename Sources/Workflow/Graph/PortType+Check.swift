// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTShipping
internal import VTSystem

extension PortType {
    /// Returns the reason why the value at `index` is not of this type; nil if it is.
    func mismatch(_ lua: borrowing Lua, at index: Int) throws -> String? {
        switch self {
        case .any: return nil
        case .boolean: return expect(lua.type(at: index) == .boolean, lua, index)
        case .integer:
            if lua.isInteger(at: index) { return nil }
            // 3.0 is a float with an integer value; there is no implicit conversion.
            guard let number = lua.number(at: index) else { return expect(false, lua, index) }
            return "integer expected, got the float \(number)"
        case .number: return expect(lua.type(at: index) == .number, lua, index)
        case .string: return expect(lua.type(at: index) == .string, lua, index)
        case .function: return expect(lua.type(at: index) == .function, lua, index)
        case .table: return expect(lua.type(at: index) == .table, lua, index)
        case .array:
            let advice =
                lua.type(at: index) == .table ? "; make an array of a list with array.from" : ""
            return expect(lua.typeName(at: index) == "array", lua, index).map { $0 + advice }
        case .module:
            let isModule =
                lua.type(at: index) == .string || lua.object(ModuleValue.luaClass, at: index) != nil
            return expect(isModule, lua, index).map {
                $0 + "; write a module's name, a vt.module or a workflow"
            }
        case .file, .directory: return path(lua, index)
        case .list(let element): return try list(of: element, lua, lua.absolute(index))
        case .stream: return try stream(lua, lua.absolute(index))
        case .custom(let type): return try type.mismatch(lua, at: index)
        }
    }

    private func expect(_ fits: Bool, _ lua: borrowing Lua, _ index: Int) -> String? {
        fits ? nil : "\(self) expected, got \(lua.typeName(at: index))"
    }

    private func stream(_ lua: borrowing Lua, _ index: Int) throws -> String? {
        switch lua.type(at: index) {
        case .function, .thread: return nil
        case .table, .userdata:
            guard try lua.pushMetatable(of: index) else { break }
            defer { lua.pop() }
            guard lua.type(at: -1) == .table else { break }
            try lua.pushRawField("__call", of: -1)
            defer { lua.pop() }
            if !lua.isNil(at: -1) { return nil }
        default: break
        }
        return "\(self) (an iterator: a function or a coroutine) expected, got "
            + lua.typeName(at: index)
    }

    private func path(_ lua: borrowing Lua, _ index: Int) -> String? {
        guard let shown = lua.text(at: index) else {
            return "\(self) (a path) expected, got \(lua.typeName(at: index))"
        }
        guard let path = lua.string(at: index), !path.utf8.contains(0) else {
            let reason = shown.utf8.contains(0) ? "contains a zero byte" : "is not UTF-8"
            let bytes = lua.withBytes(at: index) { $0.escapedForLua } ?? ""
            return "the path '\(bytes)' \(reason); rename the \(self)"
        }
        guard lua.libraries.contains(.io) else {
            return "\(self) is not available in this sandbox: it has no access to files"
        }
        var status = stat()
        guard stat(path, &status) == 0 else {
            let reason = String(cString: strerror(errno))
            return "'\(path)': \(reason)\(Directory.suggestion(forMissing: path))"
        }
        let isDirectory = status.st_mode & S_IFMT == S_IFDIR
        if case .directory = self {
            return isDirectory ? nil : "'\(path)' is not a directory"
        }
        return isDirectory ? "'\(path)' is a directory; expected a file" : nil
    }

    private func list(
        of element: PortType, _ lua: borrowing Lua, _ index: Int
    ) throws -> String? {
        guard lua.type(at: index) == .table else {
            let isArray = lua.type(at: index) == .userdata && lua.typeName(at: index) == "array"
            return isArray ? try arrayMismatch(lua, at: index) : expect(false, lua, index)
        }
        let count = lua.rawLength(at: index)
        if count == 0 {
            try lua.pushNil()
            guard try lua.next(of: index) else { return nil }
            defer { lua.pop(2) }
            return "\(self) expected, got a table with the key \(try lua.display(at: -2))"
        }
        if element.isAny {
            return try lua.firstGap(at: index).map {
                "element \($0) is nil; a list has a value at each place"
            }
        }
        for position in 1...count {
            try lua.pushRawElement(position, of: index)
            defer { lua.pop() }
            if let reason = try element.mismatch(lua, at: -1) {
                return "element \(position): \(reason)"
            }
        }
        return nil
    }
}

extension CustomType {
    /// Returns the reason why the function `check` refuses the value at `index`; nil if it does not.
    func mismatch(_ lua: borrowing Lua, at index: Int) throws -> String? {
        guard let check else { return nil }
        let value = lua.absolute(index)
        let base = lua.top
        defer { lua.pop(lua.top - base) }
        try lua.push(check)
        try lua.pushValue(at: value)
        do {
            try lua.call(arguments: 1, results: 2)
        } catch let error as LuaError where error.code != .cancelled && error.code != .timedOut {
            return "the check of `\(name)` failed: \(error.message)"
        }
        if lua.truth(at: -2) { return nil }
        return lua.text(at: -1) ?? "\(name) expected, got \(lua.typeName(at: value))"
    }

    /// Replaces the value on top by the result of `convert`.
    package func convertTop(_ lua: borrowing Lua) throws {
        guard let convert else { return }
        try lua.push(convert)
        lua.insert(at: -2)
        try lua.call(arguments: 1, results: 1)
    }
}
