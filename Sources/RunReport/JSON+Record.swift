// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTReport
internal import VTRuntime
package import VTSystem
package import VTWorkflow

extension JSON {
    /// The value on record; for one that the record does not have, an object with its short text,
    /// and its length and digest where they are known.
    package init(_ record: ValueRecord) {
        if let value = record.copy {
            self.init(recorded: value, isList: record.type.hasPrefix("list"))
            return
        }
        var fields: [Member] = [("brief", .string(record.brief))]
        if let size = record.size { fields.append(("bytes", .integer(size))) }
        if let digest = record.digest { fields.append(("digest", .string(digest.hexadecimal))) }
        self = .object(fields)
    }

    /// Converts any value without an error: bytes that are not UTF-8 become `{"base64": ...}`, and
    /// a value that JSON does not have a string that describes it.
    package init(recorded value: LuaValue, isList: Bool = false) {
        switch value {
        case .string(let bytes):
            self =
                String(validating: bytes.bytes, as: UTF8.self).map(JSON.string)
                ?? .object([("base64", .string(bytes.bytes.withUnsafeBytes { base64($0) }))])
        case .opaque(_, "json.null"): self = .null
        case .opaque(_, "json.array"): self = .array([])
        case .table(let pairs):
            if let columns = Self.columns(pairs) {
                self = columns
                return
            }
            let hasElements = pairs.enumerated().allSatisfy { offset, pair in
                pair.key == .integer(offset + 1)
            }
            if hasElements, !pairs.isEmpty || isList {
                self = .array(pairs.map { JSON(recorded: $0.value) })
            } else {
                self = .object(
                    pairs.map { pair in
                        var key = pair.key.brief
                        if case .string(let bytes) = pair.key { key = bytes.text }
                        return (key, JSON(recorded: pair.value))
                    })
            }
        default: self.init(value)
        }
    }

    /// The columns of a frame by name: the parts that `Lua.frameDescription` reads. Nil for another
    /// table.
    private static func columns(_ pairs: [LuaValue.Pair]) -> JSON? {
        guard pairs.map(\.key) == [.integer(-3), .integer(-2), .integer(-1)],
            case .table(let columns) = pairs[1].value, case .table(let names) = pairs[2].value,
            columns.count == names.count
        else { return nil }
        return .object(
            zip(names, columns).map { name, column in
                guard case .string(let bytes) = name.value else { return ("", .null) }
                return (bytes.text, JSON(recorded: column.value))
            })
    }

    /// Converts a list of values to an object.
    package static func object(of values: [ValueRecord]) -> JSON {
        .object(values.map { ($0.name, JSON($0)) })
    }
}
