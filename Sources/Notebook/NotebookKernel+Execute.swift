// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTLuaBridge
internal import VTLuaTooling
internal import VTRuntime
internal import VTSystem

// Running cells.

extension NotebookKernel {
    func execute(_ request: KernelRequest, _ lua: borrowing Lua) {
        let content = request.message.content
        let code = content["code"].string ?? ""
        let isSilent = content["silent"].bool ?? false
        let isBlank = code.allSatisfy(\.isWhitespace)
        let isStored = !isSilent && !isBlank && content["store_history"].bool ?? true
        let number = count + 1
        if isStored { count += 1 }
        if !isSilent {
            mailbox.publish(
                "execute_input", ["code": .string(code), "execution_count": .integer(number)])
        }
        var reply: Content
        var shown: String?
        var hasFailed = false
        do {
            let cell = Cell(
                code: code, name: "=cell \(number)", number: number, isSilent: isSilent,
                expressions: content["user_expressions"].members ?? [])
            self.request = request
            defer { self.request = nil }
            // An interrupt also stops calls that the cell has started and not waited for.
            let result = try running.run(lua) { lua in
                try runtime.workspace.prompting { try run(cell, lua) }
            }
            shown = result.shown
            reply = [
                "status": "ok", "execution_count": .integer(number),
                "user_expressions": .object(result.expressions), "payload": .array(result.pages),
            ]
        } catch {
            hasFailed = true
            let problem = KernelError(error, code: code, name: "=cell \(number)", lua)
            flush()
            if !isSilent { mailbox.publish("error", .object(problem.content)) }
            reply = .object(
                [("status", "error"), ("execution_count", .integer(number))]
                    + problem.content
                    + [("user_expressions", [:]), ("payload", [])])
        }
        progress.finish(isStopped: hasFailed)
        if isStored { history.append(line: number, input: code, output: shown) }
        flush()
        // Cells that arrive after the client knows of the failure run again.
        if hasFailed, content["stop_on_error"].bool ?? true {
            aborted = mailbox.takeWaiting("execute_request")
        }
        mailbox.reply(to: request, "execute_reply", reply)
    }

    private struct Cell {
        var code: String
        var name: String
        var number: Int
        var isSilent: Bool
        var expressions: [Content.Member]
    }

    private struct CellResult {
        var shown: String?
        var pages: [Content] = []
        var expressions: [Content.Member] = []
    }

    private func run(_ cell: Cell, _ lua: borrowing Lua) throws -> CellResult {
        var result = CellResult()
        if let question = Question(cell.code) {
            let text = session.inspect(
                question.name, at: question.name.utf8.count, detail: question.detail, lua)
            guard let text else {
                throw LuaError(.runtime, "no documentation for '\(question.name)'")
            }
            result.pages = [
                ["source": "page", "start": 0, "data": ["text/plain": .string(text)]]
            ]
        } else {
            let base = lua.top
            let count = try session.evaluate(cell.code, name: cell.name, lua)
            if count > 0 {
                let bundle = try Display(kernel: self).bundle(base + 1, count: count, lua)
                result.shown = bundle["text/plain"].string
                flush()
                if !cell.isSilent {
                    mailbox.publish(
                        "execute_result",
                        ["data": bundle, "metadata": [:], "execution_count": .integer(cell.number)])
                }
                try lua.setTop(base + 1)
                try session.setVariable("_", lua)
            }
        }
        for expression in cell.expressions {
            result.expressions.append(
                (expression.key, try value(of: expression.value.string ?? "", lua)))
        }
        return result
    }

    /// Evaluates an expression that the notebook sent with the cell.
    private func value(of expression: String, _ lua: borrowing Lua) throws -> Content {
        let top = lua.top
        do {
            let count = try session.evaluate(expression, name: "=expression", lua)
            defer { try? lua.setTop(top) }
            let data =
                count > 0
                ? try Display(kernel: self).bundle(top + 1, count: count, lua)
                : ["text/plain": "nil"]
            return ["status": "ok", "data": data, "metadata": [:]]
        } catch let error as LuaError where error.code == .cancelled {
            throw error
        } catch {
            try? lua.setTop(top)
            let problem = KernelError(error, code: expression, name: "=expression", lua)
            return .object([("status", "error")] + problem.content)
        }
    }

    /// Replies to the request of a cell that is not run.
    func abort(_ request: KernelRequest) {
        mailbox.begin(request)
        // Without an execution count, which notebooks would show as if the cell had run.
        mailbox.reply(to: request, "execute_reply", ["status": "aborted"])
        mailbox.end(request)
    }
}

/// A cell that asks for documentation: `name?`, or `name??` for the source too.
struct Question {
    var name: String
    var detail: Int

    init?(_ code: String) {
        let text = code.drop(while: \.isWhitespace)
        let end = text.lastIndex { !$0.isWhitespace }.map { text.index(after: $0) }
        var name = text[..<(end ?? text.startIndex)]
        guard name.last == "?" else { return nil }
        name.removeLast()
        detail = name.last == "?" ? 1 : 0
        if detail > 0 { name.removeLast() }
        guard let first = name.utf8.first, first.isNameStart,
            name.utf8.allSatisfy({ $0.isNamePart || $0 == 0x2E || $0 == 0x3A })
        else { return nil }
        self.name = String(name)
    }
}
