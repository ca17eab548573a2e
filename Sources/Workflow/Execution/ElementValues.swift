// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

/// The values of the elements of a step, as the computation of one element needs them.
protocol ElementValues: AnyObject {
    /// The step that has the elements.
    var step: Plan.Step { get }
    /// The place of an element, such as `[17]`.
    func label(of element: Int) -> String
    /// Pushes the value of an input for an element, before any check.
    ///
    /// - Parameter check: called with each check by a parameter of an inner workflow when the value
    ///   that it is for is on top.
    func push(
        _ position: Int, of element: Int, _ lua: borrowing Lua,
        check: (Plan.ParameterCheck) throws -> Void
    ) throws
    /// Takes the lists again, which a module has changed in place and which were replaced by what they
    /// were.
    func readAgain(_ lua: borrowing Lua) throws
    /// Returns true for a warning that an input was changed in place, which was reported for another
    /// element: it is reported once.
    func hasReported(_ warning: String) -> Bool
}

/// The outputs of a step that are read from the store when another step needs them.
protocol UnreadOutputs: AnyObject {
    /// True if they take little time to read.
    var hasFewOutputs: Bool { get }
    /// Returns records of the outputs, which do not need the values.
    func outputRecords(_ digests: [Digest?]) -> [ValueRecord]
    /// Returns the table of the step's outputs.
    func takeOutputs(_ lua: borrowing Lua) throws -> LuaReference
}

/// The failed elements of a step, which are missing in its outputs.
struct Gaps {
    /// The failures, by the places of the elements.
    var failures: [[Int]: ModuleFailure] = [:]
    /// The lengths of the lists of each level.
    var lengths: [[Int]]
    /// True if all elements had results.
    let isCached: Bool
}
