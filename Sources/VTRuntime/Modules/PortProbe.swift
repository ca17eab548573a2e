// SPDX-License-Identifier: BSD-3-Clause

internal import VTArrays
internal import VTLuaBridge
internal import VTSystem
internal import VTWorkflow

/// Finds out the properties of a `Decodable` structure: it is decoded from nothing, and what it asks for
/// is noted.
struct PortProbe {
    /// The reason why a type has no ports.
    struct Refusal: Error {
        var reason: String
    }

    /// Returns the ports of a structure, as far as they are not declared otherwise.
    ///
    /// - Throws: `WorkflowError` if a property has a type of which no port can be made, or if a
    ///   declaration has no property.
    static func ports<T: Decodable>(
        of type: T.Type, _ kind: String, of module: String, _ declared: [String: PortDeclaration]
    ) throws(WorkflowError) -> [String: PortDeclaration] {
        let recorder = ProbeRecorder(declared: declared)
        var refusal = "it is not a structure with named properties"
        do {
            _ = try T(from: ProbeDecoder(recorder))
        } catch let found as Refusal {
            refusal = found.reason
            recorder.isRefused = true
        } catch {
            refusal = "\(error)"
            recorder.isRefused = true
        }
        let isKeyed = recorder.shape == .table || recorder.shape == nil
        guard !recorder.isRefused, isKeyed else {
            throw WorkflowError(
                "module `\(module)`: the \(kind)s cannot be derived from \(T.self): \(refusal)")
        }
        for name in declared.keys.sorted() where recorder.ports[name] == nil {
            throw WorkflowError(
                "module `\(module)`: `\(kind)s` declares `\(name)`, but \(T.self) has no such property"
                    + hint(for: name, among: recorder.ports.keys.sorted()))
        }
        return recorder.ports.merging(declared) { _, declared in declared }
    }
}

/// The properties that a type has asked its decoder for.
final class ProbeRecorder {
    let declared: [String: PortDeclaration]
    var shape: PortDeclaration.ValueType?
    var ports: [String: PortDeclaration] = [:]
    var optional: Set<String> = []
    var isRefused = false

    init(declared: [String: PortDeclaration] = [:]) { self.declared = declared }

    /// Returns a value of a type, and the port type of its values.
    static func value<T: Decodable>(
        of type: T.Type
    ) throws -> (value: T, port: PortDeclaration) {
        if let simple = simple(type) { return (simple.0, PortDeclaration(simple.1)) }
        let recorder = ProbeRecorder()
        do {
            let value = try T(from: ProbeDecoder(recorder))
            return (value, PortDeclaration(recorder.shape ?? .any))
        } catch {
            // An enumeration refuses the value; its cases are the choices.
            guard let cases = (type as? any CaseIterable.Type)?.values,
                let first = cases.first as? T
            else {
                throw PortProbe.Refusal(
                    reason: "no value of \(T.self) can be made; declare an enumeration CaseIterable"
                )
            }
            var port = PortDeclaration(recorder.shape ?? .any)
            port.choices = cases.compactMap { value in
                switch (value as? any RawRepresentable)?.anyRawValue {
                case let text as String: .string(LuaBytes(text))
                case let number as Int: .integer(number)
                default: nil
                }
            }
            return (first, port)
        }
    }

    private static func simple<T>(_ type: T.Type) -> (T, PortDeclaration.ValueType)? {
        let found: (Any, PortDeclaration.ValueType)? =
            switch type {
            case is Bool.Type: (false, .boolean)
            case is String.Type: ("", .string)
            case is Double.Type: (Double(0), .number)
            case is Float.Type: (Float(0), .number)
            case is LuaValue.Type: (LuaValue.nil, .any)
            case is any LuaCopiedArray.Type:
                (type as? any LuaCopiedArray.Type).map { ($0.empty, .array) }
            case is DataFrame.Type: (try? DataFrame([:])).map { ($0, .table) }
            default:
                (type as? any FixedWidthInteger.Type).map { ($0.init(0), .integer) }
                    ?? (type as? any LuaScalar.Type).flatMap { scalar($0) }
            }
        guard let found, let value = found.0 as? T else { return nil }
        return (value, found.1)
    }
}

extension ProbeRecorder {
    /// Returns a value of a type that is a single value in Lua, such as a date, and its port type.
    private static func scalar<T: LuaScalar>(
        _ type: T.Type
    ) -> (Any, PortDeclaration.ValueType)? {
        let values: [(LuaValue, PortDeclaration.ValueType)] = [
            (0, .number), ("", .string), ("00000000-0000-0000-0000-000000000000", .string),
            ("a:b", .string), ("a", .string), (false, .boolean), ([], .table), (1, .number),
        ]
        for (value, port) in values {
            if let made = try? T(luaValue: value) { return (made, port) }
        }
        return nil
    }
}

/// An array of a type that is known or of any type.
private protocol LuaCopiedArray {
    /// An array without elements.
    static var empty: Self { get }
}

extension NDArray: LuaCopiedArray {
    fileprivate static var empty: NDArray { NDArray([]) }
}

extension AnyArray: LuaCopiedArray {
    fileprivate static var empty: AnyArray { AnyArray(zeros: .float64, shape: [0]) }
}

extension CaseIterable {
    fileprivate static var values: [Any] { Array(allCases) }
}

extension RawRepresentable {
    fileprivate var anyRawValue: Any { rawValue }
}

/// A decoder that makes up the values.
struct ProbeDecoder: Decoder {
    let recorder: ProbeRecorder
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ recorder: ProbeRecorder) { self.recorder = recorder }

    func container<Key>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        recorder.shape = .table
        return KeyedDecodingContainer(ProbedFields(recorder: recorder))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        recorder.shape = .list(.any)
        return ProbedElements(recorder: recorder)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        ProbedValue(recorder: recorder)
    }
}

private struct ProbedFields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let recorder: ProbeRecorder
    var codingPath: [any CodingKey] { [] }
    var allKeys: [Key] { [] }

    func contains(_ key: Key) -> Bool { true }

    /// Called for optional properties only, before their value is decoded.
    func decodeNil(forKey key: Key) throws -> Bool {
        recorder.optional.insert(key.stringValue)
        return false
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        var (value, port) = try ProbeRecorder.value(of: type)
        port.isOptional = recorder.optional.contains(key.stringValue)
        recorder.ports[key.stringValue] = port
        return value
    }

    func nestedContainer<Other>(
        keyedBy type: Other.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Other> {
        recorder.ports[key.stringValue] = PortDeclaration(.table)
        return KeyedDecodingContainer(ProbedFields<Other>(recorder: ProbeRecorder()))
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        recorder.ports[key.stringValue] = PortDeclaration(.list(.any))
        return ProbedElements(recorder: ProbeRecorder())
    }

    func superDecoder() throws -> any Decoder { ProbeDecoder(ProbeRecorder()) }
    func superDecoder(forKey key: Key) throws -> any Decoder { ProbeDecoder(ProbeRecorder()) }
}

/// A list of one element.
private struct ProbedElements: UnkeyedDecodingContainer {
    let recorder: ProbeRecorder
    var codingPath: [any CodingKey] { [] }
    var count: Int? { 1 }
    var currentIndex = 0
    var isAtEnd: Bool { currentIndex > 0 }

    init(recorder: ProbeRecorder) { self.recorder = recorder }

    mutating func decodeNil() throws -> Bool { false }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        currentIndex += 1
        let (value, port) = try ProbeRecorder.value(of: type)
        recorder.shape = .list(port.type)
        return value
    }

    mutating func nestedContainer<Key>(
        keyedBy type: Key.Type
    ) throws -> KeyedDecodingContainer<Key> {
        currentIndex += 1
        return KeyedDecodingContainer(ProbedFields<Key>(recorder: ProbeRecorder()))
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        currentIndex += 1
        return ProbedElements(recorder: ProbeRecorder())
    }

    mutating func superDecoder() throws -> any Decoder { ProbeDecoder(ProbeRecorder()) }
}

private struct ProbedValue: SingleValueDecodingContainer {
    let recorder: ProbeRecorder
    var codingPath: [any CodingKey] { [] }

    func decodeNil() -> Bool { false }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let (value, port) = try ProbeRecorder.value(of: type)
        recorder.shape = port.type
        return value
    }
}
