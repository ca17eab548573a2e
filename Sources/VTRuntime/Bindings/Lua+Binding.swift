// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTShipping
internal import VTSystem
internal import VTWorkflow

// Helpers for functions that Lua calls.

// MARK: - Arguments and errors

extension Lua {
    /// The error for an argument of the wrong type, with the caller's line:
    /// `bad argument #1 to 'map' (function expected, got nil)`.
    func expected(_ what: String, _ index: Int) -> LuaError {
        argumentError(index, mismatch(what, at: index).message)
    }

    /// The error for an argument that is neither a table nor an array with elements.
    func expectedSequence(_ what: String, _ index: Int) -> LuaError {
        argumentError(index, "\(what) expected, got \(typeNameOfNoSequence(at: index))")
    }

    /// Returns the arguments from `index` on as one text: a single argument as it is, several
    /// through `string.format`.
    func formatted(from index: Int) throws -> String {
        if top <= index {
            return top == index ? try display(at: index) : ""
        }
        let arguments = top - index + 1
        try pushLoaded("string")
        try pushField("format", of: -1)
        remove(at: -2)
        insert(at: index)
        try call(arguments: arguments, results: 1)
        defer { pop() }
        return text(at: -1) ?? ""
    }

    /// Calls `body` and adds the line of the script at `level` to a `WorkflowError` that it throws.
    func blaming(
        level: Int, _ body: (borrowing Lua) throws -> LuaReturn
    ) throws -> LuaReturn {
        do {
            return try body(self)
        } catch let error as WorkflowError {
            throw self.error(error.message, level: level)
        } catch let error as LuaError {
            throw error.message == error.plain.message ? error : error.plain
        }
    }
}

// MARK: - Tables

extension Lua {
    /// Sets fields of the table on top; fields without a value are left out.
    func setFields(_ fields: KeyValuePairs<String, (any LuaPushable)?>) throws {
        for (name, value) in fields {
            guard let value else { continue }
            try push(any: value)
            try setRawField(name, of: -2)
        }
    }

    /// Pops the table on top and makes it the loaded module `name`, and the global of that name for
    /// scripts and for the library.
    func setLoaded(_ name: String) throws {
        try pushLoadedModules()
        try pushValue(at: -2)
        try setRawField(name, of: -2)
        try StandardLibrary.pushOwnEnvironment(self)
        try pushValue(at: -3)
        try setRawField(name, of: -2)
        pop(2)
        try setGlobal(name)
        try noteLoaded(name)
    }

    /// Pushes a JSON value as Lua values; null becomes nil.
    func push(json value: JSON) throws {
        switch value {
        case .null: try pushNil()
        case .boolean(let truth): try push(truth)
        case .integer(let number): try push(number)
        case .number(let number): try push(number)
        case .string(let text): try push(text)
        case .array(let list):
            try pushTable(elements: list.count)
            for (index, element) in list.enumerated() {
                try push(json: element)
                try setRawElement(index + 1, of: -2)
            }
        case .object(let members):
            try pushTable(fields: members.count)
            for member in members {
                try push(json: member.value)
                try setRawField(member.key, of: -2)
            }
        }
    }
}
