// SPDX-License-Identifier: BSD-3-Clause

/// A program that Lua code started with `os.execute` or `io.popen`.
public struct LuaProgram: Sendable, Equatable {
    /// The command for the shell.
    public var command: String
    /// The chunk name of the code that started it, such as `@flow.lua`; nil if it is unknown.
    public var source: String?
    /// The line of that code; nil if it is unknown.
    public var line: Int?
    /// The number of the signal that ended the program; nil when it has just been started.
    public var signal: Int32?
}
