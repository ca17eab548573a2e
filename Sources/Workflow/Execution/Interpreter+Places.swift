// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTSystem

extension Interpreter {
    /// Checks that each step can compute at the places that its options name, and that the machine has the
    /// memory that it needs.
    ///
    /// - Throws: ``InvalidWorkflow``.
    package func checkPlaces(of plan: Plan, _ lua: borrowing Lua) throws {
        var check: TravelCheck?
        var problems: [WorkflowError] = []
        for step in plan.steps {
            let name = "`\(step.name)` (\(step.computing.name))"
            if let memory = step.options.memory, memory > SystemMemory.limit {
                problems.append(
                    WorkflowError(
                        "\(name) needs \(memory.gibibytes) of memory, and this machine has "
                            + SystemMemory.limit.gibibytes, at: step.location))
            }
            let places = step.options.places
            if places.isEmpty || places.contains(.interpreter) { continue }
            let made = try check ?? TravelCheck(accessLog, lua)
            check = made
            guard let reason = try made.reason(for: step, lua) else { continue }
            let given = places.map { "\"\($0.rawValue)\"" }
            let list = given.count == 1 ? given[0] : "{ \(given.joined(separator: ", ")) }"
            problems.append(
                WorkflowError(
                    "\(name) cannot compute on \(list): \(reason). Write on = \"interpreter\", or "
                        + "leave `on` out", at: step.location))
        }
        if !problems.isEmpty { throw InvalidWorkflow(problems: problems) }
    }
}

extension Int {
    /// A number of bytes, such as `2.5 GiB`.
    fileprivate var gibibytes: String {
        let tenths = (Double(self) / Double(1 << 30) * 10).rounded() / 10
        return tenths == tenths.rounded() ? "\(Int(tenths)) GiB" : "\(tenths) GiB"
    }
}
