// SPDX-License-Identifier: BSD-3-Clause

/// An error of Lua code, or of an operation on a Lua state.
public struct LuaError: Error, Sendable {
    /// The kind of an error.
    public enum Code: String, Sendable, CaseIterable {
        /// A call of `error`, or an operation on a value of the wrong type.
        case runtime
        /// The code does not compile.
        case syntax
        /// The memory limit of the state, or of the process, is reached.
        case memory
        /// The Lua stack is full, or values are nested too deeply.
        case stackOverflow
        /// A message handler raised an error.
        case errorInHandler
        /// The file could not be read.
        case file
        /// Stopped by a ``LuaCancellation``.
        case cancelled
        /// Stopped by its deadline.
        case timedOut
        /// A value does not have the type that Swift code expects.
        case conversion
        /// Incorrect use by the host: a bad argument, or a value of another state.
        case argument
        /// The state is closed.
        case closed
        /// The Lua library that is loaded is not the one that this program was compiled for.
        case unsupported
    }

    /// The kind of the error.
    public var code: Code
    /// The message for the user, with the location "file:line: " if Lua added one.
    public var message: String
    /// A copy of the error value: tables to a limited depth, and descriptions of values that cannot
    /// be copied.
    public var value: LuaValue
    /// The frames at the place of the error, innermost first.
    public var traceback: [LuaFrame]
    /// The number of frames that were left out in the middle of ``traceback``.
    public var skippedFrames: Int
    /// Identifies the error value itself while it is the newest.
    var ticket: UInt64

    /// Creates an error. Its value is the message by default.
    public init(
        _ code: Code, _ message: String, value: LuaValue? = nil, traceback: [LuaFrame] = []
    ) {
        self.code = code
        self.message = message
        self.value = value ?? .string(LuaBytes(message))
        self.traceback = traceback
        skippedFrames = 0
        ticket = 0
    }

    static var outOfMemory: LuaError { LuaError(.memory, "not enough memory") }
    @usableFromInline
    static var stackOverflow: LuaError {
        LuaError(.stackOverflow, "no room for another value on the Lua stack")
    }
}

extension LuaError: CustomStringConvertible {
    /// The message.
    public var description: String { message }
}

/// A function that was active when an error happened.
public struct LuaFrame: Sendable, Equatable {
    /// The kinds of functions.
    public enum Kind: UInt8, Sendable {
        /// A Lua function.
        case lua
        /// The main function of a chunk.
        case main
        /// A function in Swift or C.
        case swiftOrC
        /// A Lua function that was called by a tail call, so that its caller is unknown.
        case tailCall
    }
    /// The kind of the function.
    public var kind: Kind
    /// The chunk's name: `@file`, `=name`, or the beginning of the code.
    public var source: String
    /// The chunk's name as printed in messages.
    public var shortSource: String
    /// The function's name in the code that called it; nil if there is none.
    public var name: String?
    /// The kind of the name, such as `global`, `local`, `method`, `field` or `upvalue`; empty
    /// without one.
    public var nameKind: String
    /// The current line; nil for C and Swift.
    public var line: Int?
    /// The first line of the function's definition.
    public var lineDefined: Int

    /// Creates a frame.
    public init(
        kind: Kind = .lua, source: String, shortSource: String, name: String? = nil,
        nameKind: String = "", line: Int?, lineDefined: Int = 0
    ) {
        self.kind = kind
        self.source = source
        self.shortSource = shortSource
        self.name = name
        self.nameKind = nameKind
        self.line = line
        self.lineDefined = lineDefined
    }

    /// The file, if the chunk came from one.
    public var file: String? { source.hasPrefix("@") ? String(source.dropFirst()) : nil }
}

extension LuaFrame: CustomStringConvertible {
    /// A line of a traceback, such as `flow.lua:3: in local 'f'`.
    public var description: String {
        let place = line.map { "\(shortSource):\($0)" } ?? shortSource
        return switch (kind, name) {
        case (.main, _): "\(place): in main chunk"
        case (_, let name?):
            "\(place): in \(nameKind.isEmpty ? "function" : nameKind) '\(name)'"
        case (.swiftOrC, nil): "\(place): in ?"
        default: "\(place): in function <\(shortSource):\(lineDefined)>"
        }
    }
}
