// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTLuaBridge
internal import VTLuaTooling
internal import VTReport
internal import VTRuntime
internal import VTSystem

/// The forms in which a notebook shows values: always text, and also HTML or a picture where a
/// value has one.
struct Display {
    typealias Content = JSON

    let kernel: NotebookKernel

    /// The largest picture or page in bytes. For a larger one, only its size is shown.
    static let largest = 16 << 20

    /// Returns the forms of the values from `first` on, by MIME type.
    func bundle(_ first: Int, count: Int, _ lua: borrowing Lua) throws -> Content {
        if count == 1 { return try bundle(at: first, lua) }
        let texts = (first..<(first + count)).map { PrettyText().text(at: $0, lua) }
        return ["text/plain": .string(texts.joined(separator: "\n"))]
    }

    /// Returns the forms of the value at `index`, by MIME type.
    ///
    /// - Throws: the error that stops the evaluation.
    func bundle(at index: Int, _ lua: borrowing Lua) throws -> Content {
        var data: [Content.Member] = []
        if lua.type(at: index) == .string {
            let picture = lua.withBytes(at: index) { Self.picture($0) } ?? nil
            if let (type, content, text) = picture {
                var data = [("text/plain", .string(text)), (type, content)]
                if type == "image/svg+xml", let bytes = lua.withBytes(at: index, Self.imageTag) {
                    data.append(("text/html", .string(bytes)))
                }
                return .object(data)
            }
        } else {
            data = try ownForms(at: index, lua)
            if let flow = lua.object(Flow.luaClass, at: index) {
                data = [("text/vnd.mermaid", .string(GraphText.mermaid(flow.graph)))]
            }
            if data.isEmpty, lua.type(at: index) == .table,
                let table = HTMLTable.text(at: index, lua)
            {
                data = [("text/html", .string(table))]
            }
        }
        return .object([("text/plain", .string(PrettyText().text(at: index, lua)))] + data)
    }

    // MARK: Pictures

    /// Recognizes a string that holds a picture: its MIME type, its data, and a text to show
    /// instead.
    private static func picture(
        _ bytes: UnsafeRawBufferPointer
    ) -> (type: String, content: Content, text: String)? {
        guard bytes.count > 8, bytes.count <= largest else { return nil }
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
            return ("image/png", .string(base64(bytes)), "<PNG, \(bytes.count) bytes>")
        }
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
            return ("image/jpeg", .string(base64(bytes)), "<JPEG, \(bytes.count) bytes>")
        }
        guard isSVG(bytes) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        return ("image/svg+xml", .string(text), "<SVG, \(bytes.count) bytes>")
    }

    private static func isSVG(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var start = bytes.prefix(1000).drop(while: \.isSpace)
        if start.starts(with: "<?xml".utf8) {
            start = start.drop { $0 != UInt8(ascii: ">") }.dropFirst().drop(while: \.isSpace)
        }
        return start.starts(with: "<svg".utf8)
            && String(decoding: bytes.suffix(20), as: UTF8.self).contains("</svg>")
    }

    /// The HTML element that shows SVG as an image.
    ///
    /// Notebooks show SVG itself only when they are trusted, because it may contain scripts. Those
    /// of an image are never run, so JupyterLab shows this in every notebook.
    static func imageTag(_ svg: UnsafeRawBufferPointer) -> String {
        "<img src=\"data:image/svg+xml;base64,\(base64(svg))\"/>"
    }

    // MARK: Types with display functions

    private static let forms = [
        ("__html", "text/html"), ("__svg", "image/svg+xml"), ("__png", "image/png"),
        ("__jpeg", "image/jpeg"), ("__markdown", "text/markdown"), ("__latex", "text/latex"),
    ]

    /// Calls the functions `__html`, `__svg` and so on of a value's metatable and returns their
    /// results.
    private func ownForms(at index: Int, _ lua: borrowing Lua) throws -> [Content.Member] {
        var data: [Content.Member] = []
        let top = lua.top
        for (name, type) in Self.forms {
            defer { try? lua.setTop(top) }
            guard try lua.pushMetatable(of: index) else { return [] }
            try lua.pushRawField(name, of: -1)
            if lua.isNil(at: -1) { continue }
            do {
                try lua.pushValue(at: index)
                try lua.call(arguments: 1, results: 1)
            } catch let error as LuaError where error.code == .cancelled {
                throw error
            } catch {
                kernel.write("\(name) of a \(lua.typeName(at: index)): \(error)\n", to: "stderr")
                continue
            }
            guard lua.type(at: -1) == .string else { continue }
            let content = lua.withBytes(at: -1) { bytes -> Content? in
                guard bytes.count <= Self.largest else { return nil }
                let isBinary = type == "image/png" || type == "image/jpeg"
                return .string(
                    isBinary ? base64(bytes) : String(decoding: bytes, as: UTF8.self))
            }
            if let content = content ?? nil { data.append((type, content)) }
            if type == "image/svg+xml", !data.contains(where: { $0.0 == "text/html" }),
                let tag = lua.withBytes(at: -1, Self.imageTag)
            {
                data.append(("text/html", .string(tag)))
            }
        }
        return data
    }
}
