// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

extension StepAttempt {
    /// Calls `body`, as ``calling(_:inputs:_:_:)``, for a step whose items another one reads: such a step
    /// cannot be suspended.
    func callingPart(
        _ stage: ModuleFailure.Stage, inputs: Int?, _ lua: borrowing Lua, _ body: () throws -> Void
    ) throws {
        do {
            try calling(stage, inputs: inputs, lua, body)
        } catch is Suspension {
            throw failure(
                stage,
                "self:suspend: a module that gives a stream cannot be suspended; suspend a module before "
                    + "it, and give it the result", inputs: inputs, lua)
        }
    }

    /// Replaces the iterator on top, a constant that a script calls the module with, by a function that
    /// checks each item.
    func pushItems(for port: Port, _ lua: borrowing Lua) throws {
        guard let item = port.type.streamItem else { return try lua.pushValue(at: -1) }
        let iterator = try StreamIterator(at: -1, lua)
        try lua.pushConfined { [self] lua in
            try iterator.pushNext(lua)
            if !lua.isNil(at: -1), let reason = try item.mismatch(lua, at: -1) {
                throw failure(
                    .inputs, "input `\(port.name)`, item \(iterator.count): \(reason)", inputs: nil,
                    lua)
            }
            return 1
        }
    }

    /// Ends the streams in the table of outputs on top, of a step whose streams no other step reads: they
    /// become lists for a script that calls the module, and are closed in a workflow.
    func endStreams(inputs: Int, _ lua: borrowing Lua) throws {
        let table = lua.top
        for port in step.definition.outputs where port.type.isStream {
            try lua.pushRawField(port.name, of: table)
            if lua.isNil(at: -1) {
                lua.pop()
                continue
            }
            let iterator = try StreamIterator(at: -1, lua)
            lua.pop()
            try calling(.compute, inputs: inputs, lua) {
                guard run.plan.isCall else {
                    try iterator.close(lua)
                    return try lua.pushNil()
                }
                try pushList(of: iterator, port, lua)
            }
            try lua.setRawField(port.name, of: table)
        }
    }

    private func pushList(of iterator: StreamIterator, _ port: Port, _ lua: borrowing Lua) throws {
        try lua.pushTable()
        let list = lua.top
        while true {
            try iterator.pushNext(lua)
            if lua.isNil(at: -1) {
                lua.pop()
                return
            }
            if let reason = try port.type.streamItem?.mismatch(lua, at: -1) {
                throw failure(
                    .outputs, "output `\(port.name)`, item \(iterator.count): \(reason)",
                    inputs: nil,
                    lua)
            }
            try lua.setRawElement(iterator.count, of: list)
            if iterator.count % 1000 == 0 { try lua.checkCancellation() }
        }
    }
}
