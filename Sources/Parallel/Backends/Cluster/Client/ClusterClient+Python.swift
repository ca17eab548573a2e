// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
package import VTLuaBridge
internal import VTSystem

// Requests to engines of Python.

extension ClusterClient {
    /// The output of an engine of Python that has executed code.
    package struct PythonOutput {
        package var engine: Engine
        /// The value of the last expression, as text; nil where there is none.
        package var result: String?
        package var stdout = ""
        package var stderr = ""
    }

    /// An error that Python has raised.
    package struct PythonFailure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Executes code on engines of Python, and waits for all of them.
    ///
    /// - Throws: ``PythonFailure``, `ConnectionError`.
    package func executePython(
        _ code: String, on engines: [Engine], _ completion: CompletionEvent, _ lua: borrowing Lua
    ) throws -> [PythonOutput] {
        let questions = engines.map { engine in
            ask(
                "execute_request", on: .mux, to: engine.uuid,
                [
                    "code": .string(code), "silent": false, "store_history": false,
                    "user_expressions": [:], "allow_stdin": false, "stop_on_error": false,
                ], listens: true, timeout: nil)
        }
        // All engines have ended before an error of one is reported.
        var failure: (any Error)?
        for (engine, question) in zip(engines, questions) {
            do {
                let reply = try question.wait(completion: completion, lua)
                try question.waitUntilComplete(completion: completion, lua)
                try check(reply, of: engine)
            } catch let error as PythonFailure {
                failure = failure ?? error
            } catch let error as ConnectionError {
                failure = failure ?? ConnectionError("engine \(engine.id), Python: \(error)")
            }
        }
        if let failure { throw failure }
        return zip(engines, questions).map { engine, question in
            var output = PythonOutput(engine: engine)
            for message in question.published {
                let text = message.content["text"].string ?? ""
                switch (message.type, message.content["name"].string) {
                case ("stream", "stdout"): output.stdout += text
                case ("stream", "stderr"): output.stderr += text
                case ("execute_result", _):
                    output.result = message.content["data"]["text/plain"].string
                default: break
                }
            }
            return output
        }
    }

    /// Calls a function of Python.
    ///
    /// - Parameters:
    ///   - expression: evaluates to the function.
    ///   - arguments: the CBOR of a Lua list.
    /// - Returns: the CBOR of the result, as a Lua value.
    /// - Throws: ``PythonFailure``; `PythonError` for values without a counterpart;
    ///   `ConnectionError`.
    package func callPython(
        _ expression: String, arguments: UnsafeRawBufferPointer?, on engine: Engine,
        _ completion: CompletionEvent, _ lua: borrowing Lua
    ) throws -> [UInt8] {
        var values: [PythonValue] = []
        if let arguments {
            var position = 0
            values = try PythonValue(cbor: arguments, at: &position).elements ?? []
        }
        let request = try PythonCall.request(
            expression: expression, arguments: values, keywords: [])
        let reply = try ask(
            "apply_request", on: .mux, to: engine.uuid, [:], request.map { .bytes($0) },
            timeout: nil
        ).wait(completion: completion, lua)
        try check(reply, of: engine)
        var bytes: [UInt8] = []
        do {
            try PythonCall.result(of: reply.buffers).appendCBOR(to: &bytes)
        } catch {
            throw PythonFailure(
                description: "cannot receive the result: \(error)\nengine \(engine.id), Python")
        }
        return bytes
    }

    private func check(_ reply: Message, of engine: Engine) throws(PythonFailure) {
        let status = reply.content["status"].string
        if status == "ok" { return }
        if status == "aborted" {
            throw PythonFailure(
                description:
                    "engine \(engine.id), Python, has not run the request: another one that "
                    + "was sent before it has failed or was aborted")
        }
        let name = reply.content["ename"].string ?? reply.content["status"].string ?? "error"
        throw PythonFailure(
            description:
                "\(name): \(reply.content["evalue"].string ?? "")\nengine \(engine.id), Python")
    }
}
