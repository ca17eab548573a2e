// SPDX-License-Identifier: BSD-3-Clause

/// A `Codable` type whose values can be arguments and results: a struct is a table with its fields.
///
/// ```swift
/// struct Box: LuaCodable { var width: Double, height: Double }
///
/// try lua.setGlobal("area") { (box: Box) in box.width * box.height }
/// try lua.execute("print(area { width = 2, height = 3 })")
/// ```
///
/// Errors name the coding path: `bad argument #1 to 'area' (width: number expected, got string)`.
public protocol LuaCodable: Codable, LuaPushable, LuaReadable {}

extension LuaCodable {
    /// Pushes a table with the fields.
    public func push(onto lua: borrowing Lua) throws(LuaError) {
        do {
            try lua.push(encoding: self)
        } catch {
            throw LuaError(coding: error)
        }
    }

    /// Reads a table with the fields.
    public static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Self {
        do {
            return try lua.read(decoding: Self.self, at: index)
        } catch {
            throw LuaError(coding: error)
        }
    }
}

extension LuaError {
    /// The error of an encoder or a decoder, with its coding path in front:
    /// `items[2].name: string expected, got nil`. Its code is `conversion`.
    public init(coding error: any Error) {
        let context: (path: [any CodingKey], message: String)? =
            switch error {
            case DecodingError.typeMismatch(_, let context),
                DecodingError.valueNotFound(_, let context),
                DecodingError.keyNotFound(_, let context), DecodingError.dataCorrupted(let context):
                (context.codingPath, context.debugDescription)
            case EncodingError.invalidValue(_, let context):
                (context.codingPath, context.debugDescription)
            default: nil
            }
        if let context {
            let place = context.path.luaText
            self.init(.conversion, place.isEmpty ? context.message : "\(place): \(context.message)")
        } else {
            self = error as? LuaError ?? LuaError(.conversion, "\(error)")
        }
    }
}

extension [any CodingKey] {
    /// The path as an expression: `items[2].name`.
    fileprivate var luaText: String {
        reduce(into: "") { text, key in
            if let index = key as? LuaIndexKey {
                text += "[\(index.position)]"
            } else if let index = key.intValue {
                text += "[\(index)]"
            } else {
                text += (text.isEmpty ? "" : ".") + key.stringValue
            }
        }
    }
}
