// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

// Keys of steps that read streams: a stream counts by the key of the step that gives it.

extension StepKeys {
    /// Returns the digest of a stream, which has no value before it is read.
    func digest(
        ofStream source: Plan.StepOutput, for port: Port, _ lua: borrowing Lua,
        push: (Plan.StepOutput) throws -> Void
    ) throws -> Digest {
        let index = source.step
        let step = plan.steps[index]
        let output = step.definition.outputs[source.output]
        func obstacle(_ reason: String) -> InputObstacle {
            InputObstacle(
                reason:
                    "its input `\(port.name)` is the stream `\(output.name)` of `\(step.name)`, which "
                    + reason)
        }
        if case .never = step.definition.caching {
            throw obstacle("is never cached: `cache` is false")
        }
        let (made, isUsable) = try makeRecord(index, lua, push: push)
        // A step that also gives values has the record of its own computation.
        if record(of: index) == nil { setRecord(made, of: index) }
        guard isUsable, let key = made.key else {
            throw obstacle("cannot be cached: \(made.obstacle ?? "")")
        }
        return names.digest(Array("stream \(output.name)".utf8) + key.bytes)
    }
}
