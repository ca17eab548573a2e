// SPDX-License-Identifier: BSD-3-Clause

internal import Glibc
internal import VTLuaBridge
package import VTReport
internal import VTRuntime
package import VTStore
internal import VTSystem
internal import VTWorkflow

/// Builds the report of a recorded run, with values as a page shows them.
package struct ReportReader {
    private let store: Store
    private let stored: StoredOutputs
    /// The number of bytes of pictures that may still be added.
    private var room = 5_000_000

    /// The limits of a value that is shown.
    static let mostRows = 50
    static let mostColumns = 30
    static let mostLetters = 20_000

    /// - Throws: `LuaError`: there is no memory for a Lua state.
    package init(_ store: Store) throws {
        self.store = store
        stored = try StoredOutputs(store)
    }

    /// Returns the report of a run.
    ///
    /// - Throws: `StoreError`: the store cannot be read.
    package mutating func report(of run: StoredRun) throws -> Report {
        let calls = try store.calls(of: run.run)
        var nodes: [Report.Node] = []
        let withElements = try store.positionsWithElements(in: run.run)
        for record in try store.nodes(of: run.run) {
            var elements: [ElementRecord] = []
            if withElements.contains(record.position) {
                try store.forEachElement(of: record.position, in: run.run) { element in
                    elements.append(element)
                    return true
                }
                elements.sort { $0.place.lexicographicallyPrecedes($1.place) }
            }
            nodes.append(
                Report.Node(
                    record: record, calls: calls[record.position] ?? [],
                    outputs: try outputs(of: record, elements), elements: elements))
        }
        return Report(run: run, nodes: nodes)
    }

    /// Returns the report of a sweep with these runs.
    ///
    /// - Throws: `StoreError`: the store cannot be read.
    package mutating func report(ofSweep runs: [StoredRun]) throws -> SweepReport {
        SweepReport(sweep: runs.first?.sweep ?? "", runs: try runs.map { try report(of: $0) })
    }

    private mutating func outputs(
        of node: StoredNode, _ elements: [ElementRecord]
    ) throws -> [Report.Output] {
        if node.outputs.isEmpty { return [] }
        var room = room
        defer { self.room = room }
        if !elements.isEmpty { return try node.outputs.map { try output($0, of: node, elements) } }
        let found = try stored.with(node) { lua, hasFiles in
            let table = lua.top
            return try node.outputs.map { output in
                try lua.pushRawField(output.name, of: table)
                defer { lua.pop() }
                let value = try Self.value(output, of: node, hasFiles: hasFiles, &room, lua)
                return Report.Output(name: output.name, brief: output.text(), value: value)
            }
        }
        if let found { return found }
        // The record holds a path in full.
        return node.outputs.map { output in
            var file: Report.File?
            if case .string(let path)? = output.copy, output.holdsFiles {
                file = Self.file(path.text, node, &room)
            }
            return Report.Output(
                name: output.name, brief: output.text(), value: file.map(Report.Value.file))
        }
    }

    /// Reads a list of outputs of elements: from the record if that has it, else from the results of
    /// the first elements.
    private func output(
        _ output: ValueRecord, of node: StoredNode, _ elements: [ElementRecord]
    ) throws -> Report.Output {
        var room = 0
        let read: (borrowing Lua) throws -> Report.Value? = { lua in
            try Self.value(output, of: node, hasFiles: false, &room, lua)
        }
        var value: Report.Value?
        if let copy = output.copy {
            value = try stored.with(copy, read)
        } else {
            let first = elements.prefix(Self.mostRows)
            value = try stored.with(output.name, of: Array(first), read) ?? nil
            if case .list(let values, _) = value {
                value = .list(values, count: elements.count { $0.status != .failed })
            }
        }
        return Report.Output(name: output.name, brief: output.text(), value: value)
    }

    /// Reads the value on top.
    private static func value(
        _ output: ValueRecord, of node: StoredNode, hasFiles: Bool, _ room: inout Int,
        _ lua: borrowing Lua
    ) throws -> Report.Value? {
        switch lua.type(at: -1) {
        case .none, .nil: return nil
        case .string:
            let text = lua.text(at: -1) ?? ""
            // Records of earlier versions do not have the type of an output.
            let isPath =
                output.type.isEmpty ? hasFiles && text.looksLikePath : output.type == "file"
            if isPath, let file = file(text, node, &room) { return .file(file) }
            if text.isSVG, text.utf8.count <= room {
                room -= text.utf8.count
                return .svg(text)
            }
            return .text(String(text.prefix(mostLetters)), count: text.count)
        case .table:
            if let value = try TableReader.value(of: lua.top, lua) { return value }
            let text = JSON(LuaValue(lua: lua, at: -1, bounds: .init(depth: 6, pairs: 500))).text
            return .text(String(text.prefix(mostLetters)), count: text.count)
        default:
            let text = LuaValue(lua: lua, at: -1).brief
            return .text(text, count: text.count)
        }
    }

    /// Reads a file that an output names.
    private static func file(
        _ path: String, _ node: StoredNode, _ room: inout Int
    ) -> Report.File? {
        var about = stat()
        guard stat(path, &about) == 0, about.st_mode & S_IFMT == S_IFREG else { return nil }
        let size = Int(about.st_size)
        let written = Double(about.st_mtim.tv_sec) + Double(about.st_mtim.tv_nsec) * 1e-9
        var picture: Report.Picture?
        if let type = mediaType(of: path), size <= room,
            let bytes = try? File.read(path, limit: size, onlyRegular: true), !bytes.isEmpty
        {
            room -= size
            picture = Report.Picture(mediaType: type, bytes: bytes)
        }
        return Report.File(
            path: path, size: size, isNewer: written > node.started + node.seconds + 1,
            picture: picture)
    }

    private static func mediaType(of path: String) -> String? {
        switch path.split(separator: ".").last?.lowercased() {
        case "svg": "image/svg+xml"
        case "png": "image/png"
        case "jpg", "jpeg": "image/jpeg"
        default: nil
        }
    }
}

extension String {
    /// True for text that may be the path of a file.
    fileprivate var looksLikePath: Bool {
        (contains("/") || contains(".")) && utf8.count < 4096 && !contains("\n")
    }

    fileprivate var isSVG: Bool {
        let start = prefix(400).drop(while: \.isWhitespace)
        return start.hasPrefix("<svg")
            || start.hasPrefix("<?xml") && start.firstRange(of: "<svg") != nil
    }
}
