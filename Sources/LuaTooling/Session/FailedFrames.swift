// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTRuntime

/// The functions that were active when an error was raised, with their variables. They are recorded
/// at that moment and inspected later.
package final class FailedFrames {
    private struct Frame {
        var source: String
        var line: Int
        var function: LuaReference
        var locals: [(name: String, value: LuaReference)]
    }

    private var frames: [Frame] = []
    private var depth = 0
    private var value: LuaReference?
    /// True if later errors do not replace the recorded frames.
    package var isFinal = false

    private static let mostFrames = 20

    package init() {}

    /// Records the frames of each error of the state from now on. Costs nothing while there is
    /// none.
    package func watch(_ lua: borrowing Lua) {
        lua.observeErrors { [weak self] lua in self?.keep(lua) }
    }

    private func keep(_ lua: borrowing Lua) {
        if isFinal { return }
        let top = lua.top
        defer { try? lua.setTop(top) }
        do throws(LuaError) {
            let depth = lua.depth
            // The same error on its way out: its frames are recorded already.
            if let value, depth < self.depth {
                try lua.push(value)
                if lua.rawEqual(-1, 1) { return }
            }
            self.depth = depth
            value = try lua.reference(at: 1)
            frames = []
            var level = 1
            while level < depth, frames.count < Self.mostFrames {
                if let frame = try frame(level, lua) { frames.append(frame) }
                level += 1
            }
        } catch {
            // Without memory or stack, fewer frames are recorded.
        }
    }

    private func frame(_ level: Int, _ lua: borrowing Lua) throws(LuaError) -> Frame? {
        guard try lua.pushFunction(level: level) else { return nil }
        defer { lua.pop() }
        guard let definition = try lua.definition(at: -1) else { return nil }
        let function = try lua.reference(at: -1)
        var locals: [(name: String, value: LuaReference)] = []
        var number = 1
        while let name = try lua.pushLocal(number, level: level) {
            let value = try lua.takeReference()
            if !name.hasPrefix("(") { locals.append((name, value)) }
            number += 1
        }
        return Frame(
            source: definition.source, line: lua.location(level: level)?.line ?? definition.first,
            function: function, locals: locals)
    }

    /// Gives a session the variables of the innermost function that is not part of the library: its
    /// upvalues, and copies of its locals.
    ///
    /// - Returns: the location and the names; nil when no frames were recorded.
    package func adopt(
        by session: Session, _ lua: borrowing Lua
    ) throws -> (place: String, names: [String])? {
        guard
            let frame = frames.first(where: { !$0.source.hasPrefix("@stdlib/") }) ?? frames.first
        else { return nil }
        try lua.push(frame.function)
        defer { lua.pop() }
        let names = try session.adoptUpvalues(of: lua.top, lua)
        var own: [String] = []
        for (name, value) in frame.locals {
            try lua.push(value)
            try session.setVariable(name, lua)
            own.removeAll { $0 == name }
            own.append(name)
        }
        let place = "\(Session.shortSource(frame.source)):\(frame.line)"
        return (place, own + names.filter { !own.contains($0) })
    }
}
