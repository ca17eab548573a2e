// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

/// The keys of a step's elements. The key of an element is that of a node that computes the module with
/// the element's inputs: an element that was computed under another index, or in another node, has the
/// same key.
struct ElementKeys {
    private let keys: StepKeys
    /// The code, and the inputs up to the first that differs.
    private let head: [UInt8]
    /// For each input, the bytes that all elements share; nil for an input that differs.
    private let shared: [[UInt8]?]
    private let tail: [UInt8]
    private let ports: [Port]

    /// - Returns: nil where results of elements must not be used again; the record of the step has the
    ///   reason.
    init?(
        of index: Int, _ each: Plan.Each, in keys: StepKeys, _ lua: borrowing Lua,
        push: (Plan.StepOutput) throws -> Void
    ) throws {
        let step = keys.plan.steps[index]
        let code = try keys.code.persistent(of: each.element, keys.names, lua)
        guard let digest = code.digest else { return nil }
        self.keys = keys
        ports = each.element.inputs
        head = keys.prefix + digest.bytes
        var shared: [[UInt8]?] = []
        for position in step.inputs.indices {
            guard each.uses[position].isEmpty else {
                shared.append(nil)
                continue
            }
            let digest = try keys.digest(ofInput: position, of: step, lua, push: push)
            shared.append([UInt8(ascii: "i")] + (digest?.bytes ?? []))
        }
        self.shared = shared
        tail = step.checks.isEmpty ? [] : try keys.checkBytes(step.checks, lua)
    }

    /// Returns the key of an element and the short digests of its inputs; nil where a value has no
    /// digest.
    ///
    /// - Parameter push: pushes the element's value of an input.
    func key(
        _ lua: borrowing Lua, push: (Int) throws -> Void
    ) throws -> (key: Digest, inputs: [String])? {
        var bytes = head
        bytes.reserveCapacity(head.count + 33 * shared.count + tail.count)
        var inputs: [String] = []
        for (position, common) in shared.enumerated() {
            if let common {
                bytes += common
                continue
            }
            try push(position)
            defer { lua.pop() }
            do {
                let digest = try keys.digest(ofConstantFor: ports[position], lua)
                bytes.append(UInt8(ascii: "i"))
                bytes += digest.bytes
                inputs.append(digest.short)
            } catch is Fingerprint.Impossible {
                return nil
            }
        }
        bytes += tail
        return (keys.names.digest(bytes), inputs)
    }
}
