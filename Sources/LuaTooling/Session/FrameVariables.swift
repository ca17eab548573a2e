// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTRuntime

/// The variables of an active function, as variables of a session.
///
/// Its upvalues are shared. Its locals are copies: ``writeBack(_:)`` copies changes back to the
/// function.
package struct FrameVariables {
    private let session: Session
    private let level: Int
    /// The innermost variable of each name, by its number.
    private var locals: [(name: String, number: Int, holder: LuaReference)] = []
    /// All names, in order.
    package private(set) var names: [String] = []

    /// Adopts the variables of a function.
    ///
    /// - Parameter level: the level of the function; 1 is the caller of this Swift function.
    package init(level: Int, adoptedBy session: Session, _ lua: borrowing Lua) throws {
        self.session = session
        self.level = level
        try adoptUpvalues(lua)
        var numbers: [String: Int] = [:]
        var order: [String] = []
        var number = 1
        while let name = try lua.pushLocal(number, level: level) {
            lua.pop()
            if !name.hasPrefix("(") {
                if numbers.updateValue(number, forKey: name) == nil { order.append(name) }
            }
            number += 1
        }
        for name in order {
            guard let number = numbers[name],
                try lua.pushLocal(number, level: level) != nil
            else { continue }
            try session.setVariable(name, lua)
            guard let holder = session.variables[name]?.holder else { continue }
            locals.append((name, number, holder))
        }
        names = order + names.filter { !order.contains($0) }
    }

    private mutating func adoptUpvalues(_ lua: borrowing Lua) throws {
        guard try lua.pushFunction(level: level) else { return }
        defer { lua.pop() }
        guard try lua.definition(at: -1) != nil else { return }  // of C
        names = try session.adoptUpvalues(of: lua.top, lua)
    }

    /// Copies the session's values of the locals back to the function. A `local` of the same name
    /// that was declared since is another variable and is not copied.
    package func writeBack(_ lua: borrowing Lua) throws {
        for (name, number, holder) in locals {
            guard session.variables[name]?.holder === holder,
                try session.pushVariable(name, lua)
            else { continue }
            lua.setLocal(number, level: level)
        }
    }
}
