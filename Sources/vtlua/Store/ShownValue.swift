// SPDX-License-Identifier: BSD-3-Clause

import Glibc
import VTLuaBridge
import VTRunReport
import VTRuntime
import VTStore
import VTSystem
import VTWorkflow

/// The value of an output on record, for `vtlua show RUN/NODE/PORT`.
struct ShownValue {
    var run: StoredRun
    var node: StoredNode
    var port: String
    /// True if the node is an element of one.
    var isElement = false
    var store: Store

    /// The record of the output; nil for a node of an earlier version without outputs on record.
    private var record: ValueRecord? { node.outputs.first { $0.name == port } }

    /// Calls `body` with a state that has the stored value on top.
    private func with<R>(_ body: (borrowing Lua) throws -> R) throws -> R? {
        let stored = try StoredOutputs(store)
        if let found = try stored.with(port, of: node, body) { return found }
        // The results of elements are stored one by one. A short list of them is on record as a whole.
        if isElement || record?.copy != nil { return nil }
        var elements: [ElementRecord] = []
        try store.forEachElement(of: node.position, in: run.run) { element in
            elements.append(element)
            return true
        }
        if node.hasTurns {
            // The state after the last turn.
            var last = node
            last.key.key = elements.max { $0.place.lexicographicallyPrecedes($1.place) }?.key
            return port == "state" ? try stored.with(port, of: last, body) : nil
        }
        return elements.isEmpty ? nil : try stored.with(port, of: elements, body)
    }

    /// Returns the value as JSON; nil where neither the store nor the record has it.
    func json() throws -> JSON? {
        let stored = try with { lua -> JSON? in
            do {
                let isList = record?.type.hasPrefix("list") ?? false
                return try JSON(lua, at: -1, place: port, isList: isList)
            } catch is JSON.Refusal {
                // Every value can be shown: see `JSON(recorded:)`.
                let bounds = LuaValue.Bounds(depth: 1000, pairs: 10_000_000)
                return JSON(recorded: LuaValue(lua: lua, at: -1, bounds: bounds))
            }
        }
        if let stored { return stored }
        guard let record, record.value != nil else { return nil }
        return JSON(record)
    }

    /// Returns the value as a line of text; nil where neither the store nor the record has it.
    func text() throws -> [UInt8]? {
        if let text = try with({ $0.describedText(at: -1) }) { return text }
        guard let record, let value = record.copy else { return nil }
        if case .string(let bytes) = value { return Array(bytes.bytes) }
        return Array(record.text.utf8)
    }

    /// Returns the content to write to a file: the bytes of a string, the content of a file that the
    /// output names, and anything else as JSON; nil where neither the store nor the record has it.
    ///
    /// - Throws: ``Unavailable``: the file that the output names is gone or was changed.
    func content() throws -> [UInt8]? {
        let stored = try with { lua in
            lua.type(at: -1) == .string ? lua.withBytes(at: -1) { Array($0) } : nil
        }
        var string: [UInt8]? = stored ?? nil
        if string == nil, case .string(let bytes)? = record?.copy { string = Array(bytes.bytes) }
        guard let string else { return try json().map { Array(($0.text + "\n").utf8) } }
        return record?.type == "file"
            ? try content(ofFile: String(decoding: string, as: UTF8.self)) : string
    }

    /// The error of a file that no longer has the content that is on record.
    struct Unavailable: Error, CustomStringConvertible {
        var description: String
    }

    private func content(ofFile path: String) throws -> [UInt8] {
        let file = node.files.first { $0.isOutput && $0.path == path }
        // Paths on record are relative to the working directory of the run.
        let place = run.directory.isEmpty ? path : path.path(from: run.directory)
        let again = "; run the workflow again"
        do {
            let bytes = try File.read(place, onlyRegular: true)
            if let digest = file?.digest, store.digest(bytes).hexadecimal != digest {
                throw Unavailable(
                    description: "the file '\(place)' was changed after run \(run.run)\(again)")
            }
            return bytes
        } catch let error as SystemError where error.number == EINVAL {
            throw Unavailable(description: "'\(place)' is not a regular file\(again)")
        } catch let error as SystemError {
            throw Unavailable(description: "\(error.description)\(again)")
        }
    }
}

extension Lua {
    /// The text of ``outputText(at:isList:)``; an object with the name of its class before it.
    fileprivate func describedText(at index: Int) -> [UInt8] {
        let text = outputText(at: index)
        guard type(at: index) == .table, (try? pushMetatable(of: absolute(index))) == true else {
            return text
        }
        defer { pop() }
        guard (try? pushRawField("__name", of: -1)) != nil else { return text }
        defer { pop() }
        guard let name = string(at: -1), !name.lowercased().hasPrefix("json.") else { return text }
        return Array("\(name) ".utf8) + text
    }
}

extension String {
    /// The text for a stream: where that is a terminal, each line with escapes for control
    /// characters.
    func lines(for descriptor: Int32) -> String {
        guard isatty(descriptor) == 1 else { return self }
        return split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in
                line.split(separator: "\t", omittingEmptySubsequences: false)
                    .map(\.escapedForTerminal).joined(separator: "\t")
            }
            .joined(separator: "\n")
    }
}
