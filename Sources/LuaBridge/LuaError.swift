// SPDX-License-Identifier: BSD-3-Clause

/// What went wrong in Lua, as a value of Swift.
public struct LuaError: Error, Sendable {
    /// The kind of a failure.
    public enum Code: String, Sendable, CaseIterable {
        /// `error`, or an operation on the wrong type.
        case runtime
        /// The code does not compile.
        case syntax
        /// The memory limit, or the machine's memory, is reached.
        case memory
        /// No more room on the Lua stack.
        case stackOverflow
        /// A message handler failed in its turn.
        case errorInHandler
        /// The file could not be read.
        case file
        /// Stopped by a ``LuaCancellation``.
        case cancelled
        /// Stopped by its deadline.
        case timedOut
        /// A value is not what Swift expects.
        case conversion
        /// The host used the bridge wrongly: a bad argument, a value of another state.
        case argument
        /// The state is closed.
        case closed
    }

    public var code: Code
    /// What a person is told. Starts with "file:line: " where Lua put it.
    public var message: String
    /// The value that was thrown, copied: tables to a bounded depth, what cannot be copied by
    /// its description.
    public var value: LuaValue
    /// The frames at the place of the error, innermost first.
    public var traceback: [LuaFrame]
    /// How many frames in the middle of ``traceback`` were left out.
    public var skippedFrames: Int
    /// Finds the thrown value itself again while it is the newest.
    var ticket: UInt64

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
    public var description: String { message }
}

/// A function that was active when an error happened.
public struct LuaFrame: Sendable, Equatable {
    public enum Kind: UInt8, Sendable { case lua, main, swiftOrC, tailCall }
    public var kind: Kind
    /// The chunk's name as loaded: `@file`, `=name`, or the code itself.
    public var source: String
    /// The source as messages show it.
    public var shortSource: String
    /// The function's name, where the caller's code gives it one.
    public var name: String?
    /// How the name was found: `global`, `local`, `method`, `field`, `upvalue`, ...
    public var nameKind: String
    /// The line being executed; nil for C and Swift.
    public var line: Int?
    public var lineDefined: Int

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
