// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge

extension Graph {
    /// Checks arguments against the parameters, and returns the values of those that have one.
    ///
    /// - Parameter isComplete: true if parameters without a default must have a value.
    /// - Throws: ``InvalidWorkflow`` with all errors.
    package func values(
        of arguments: [String: LuaReference], isComplete: Bool, _ lua: borrowing Lua
    ) throws -> [String: LuaReference] {
        var builder = PlanBuilder(isComplete: isComplete, capabilities: Capabilities())
        let bound = try builder.bind(parameters, to: arguments, of: self, lua)
        guard builder.problems.isEmpty else {
            throw InvalidWorkflow(problems: builder.problems)
        }
        return bound.compactMapValues { source in
            if case .value(let value) = source.input { value } else { nil }
        }
    }
}
