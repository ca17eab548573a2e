// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTLuaBridge
internal import VTLuaTooling
internal import VTRuntime
internal import VTSystem

// Requests that a notebook sends while the user types. Jupyter counts characters by code points.

extension NotebookKernel {
    func complete(_ request: KernelRequest, _ lua: borrowing Lua) -> Content {
        let content = request.message.content
        let code = content["code"].string ?? ""
        let cursor = code.byteOffset(ofPoint: content["cursor_pos"].int)
        let completion = session.complete(code, at: cursor, lua)
        let start = code.point(atByte: completion.range.lowerBound)
        let end = code.point(atByte: completion.range.upperBound)
        return [
            "status": "ok", "matches": Content(completion.matches.map(\.text)),
            "cursor_start": .integer(start), "cursor_end": .integer(end),
            "metadata": [
                "_jupyter_types_experimental": .array(
                    completion.matches.map { match in
                        [
                            "start": .integer(start), "end": .integer(end),
                            "text": .string(match.text),
                            "type": .string(match.kind.rawValue),
                        ]
                    })
            ],
        ]
    }

    func inspect(_ request: KernelRequest, _ lua: borrowing Lua) -> Content {
        let content = request.message.content
        let code = content["code"].string ?? ""
        // May call a value's `__tostring`, which can be interrupted as a cell can.
        let text = try? running.run(lua) { lua in
            session.inspect(
                code, at: code.byteOffset(ofPoint: content["cursor_pos"].int),
                detail: content["detail_level"].int ?? 0, lua)
        }
        guard let text = text ?? nil else {
            return ["status": "ok", "found": false, "data": [:], "metadata": [:]]
        }
        return [
            "status": "ok", "found": true, "data": ["text/plain": .string(text)], "metadata": [:],
        ]
    }

    func completeness(_ request: KernelRequest, _ lua: borrowing Lua) -> Content {
        let code = request.message.content["code"].string ?? ""
        if Question(code) != nil { return ["status": "complete"] }
        switch session.completeness(of: code, lua) {
        case .complete: return ["status": "complete"]
        case .incomplete(let indent):
            return [
                "status": "incomplete", "indent": .string(String(repeating: " ", count: indent)),
            ]
        case .invalid: return ["status": "invalid"]
        }
    }

    func past(_ request: KernelRequest) -> Content {
        let content = request.message.content
        let found: [KernelHistory.Entry]
        switch content["hist_access_type"].string {
        case "tail": found = history.tail(content["n"].int ?? 10)
        case "range":
            found = history.range(
                session: content["session"].int ?? 0, content["start"].int ?? 0,
                content["stop"].int)
        case "search":
            found = history.search(
                content["pattern"].string ?? "*", last: content["n"].int,
                unique: content["unique"].bool ?? false)
        default: found = []
        }
        let hasOutput = content["output"].bool ?? false
        return [
            "status": "ok",
            "history": .array(
                found.map { entry in
                    let input = Content.string(entry.input)
                    return [
                        .integer(entry.session), .integer(entry.line),
                        hasOutput ? [input, Content(entry.output)] : input,
                    ]
                }),
        ]
    }
}

extension String {
    /// Returns the UTF-8 offset of a code point; the end for nil.
    fileprivate func byteOffset(ofPoint point: Int?) -> Int {
        guard let point, point >= 0,
            let index = unicodeScalars.index(
                unicodeScalars.startIndex, offsetBy: point, limitedBy: unicodeScalars.endIndex)
        else { return utf8.count }
        return utf8.distance(from: utf8.startIndex, to: index)
    }

    fileprivate func point(atByte offset: Int) -> Int {
        let index = utf8.index(
            utf8.startIndex, offsetBy: offset, limitedBy: utf8.endIndex)
        return unicodeScalars.distance(
            from: unicodeScalars.startIndex, to: index ?? unicodeScalars.endIndex)
    }
}
