// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
public import VTParallel

/// Why a module failed, for a person to read.
public struct ModuleFailure: Error, Sendable {
    public var node: String
    public var module: String
    public var version: String
    public var run: String
    /// The step of the module's work that failed.
    public var stage: Stage
    /// Without the position in front.
    public var message: String
    /// Where it happened, in the person's code.
    public var location: SourceLocation?
    /// The line of the library that failed, if the message is not for the person's call.
    public var inside: SourceLocation?
    /// The person's functions that led to ``location``, innermost first.
    public var callers: [LuaFrame]
    /// The functions that led there, innermost first; none of the runtime.
    public var traceback: [LuaFrame]
    /// The inputs, in a few words each, with the node they came from.
    public var inputs: [Input]
    /// Where the node stands in the workflow.
    public var placed: SourceLocation?
    /// How many modules were done, and how many there are.
    public var done: Int
    public var total: Int
    public var attempts: Int
    /// Whether it was stopped by its time limit.
    public var timedOut = false
    /// The task that failed, if it was one that the module sent to a worker.
    public var task: TaskError?
    /// A table that was thrown, copied; nil for a message.
    public var thrown: LuaValue?

    /// A step of a module's work. Its description completes the sentence "failed in ...".
    public enum Stage: Sendable, Equatable, CustomStringConvertible {
        /// The values of the inputs did not fit their ports.
        case inputs
        /// The type of the input of this name could not convert its value.
        case input(String)
        /// The function `cache`, which decides whether a result is cached, failed.
        case caching
        case compute
        /// The values of the outputs did not fit their ports.
        case outputs

        public var description: String {
            switch self {
            case .inputs: "its inputs"
            case .input(let name): "its input `\(name)`"
            case .caching: "its `cache` function"
            case .compute: "compute"
            case .outputs: "its outputs"
            }
        }
    }

    /// An input of the module.
    public struct Input: Sendable {
        public var name: String
        public var value: String
        public var origin: String?
    }
}
