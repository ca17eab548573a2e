// SPDX-License-Identifier: BSD-3-Clause

public import VTLuaBridge
public import VTParallel

/// The failure of a module in a run, with all that its report shows.
public struct ModuleFailure: Error, Sendable {
    /// The name of the node.
    public var node: String
    /// The name of its module.
    public var module: String
    /// The version that the module declares.
    public var version: String
    /// The identifier of the run.
    public var run: String
    /// The step of the module's work that failed.
    public var stage: Stage
    /// The error message, without the source location that Lua puts in front.
    public var message: String
    /// The line of the user's code at which the error occurred.
    public var location: SourceLocation?
    /// The line of the standard library that failed, if the error is not about the user's call.
    public var inside: SourceLocation?
    /// The user's functions that led to ``location``, innermost first.
    public var callers: [LuaFrame]
    /// The functions that led to the error, innermost first, without those of the runtime.
    public var traceback: [LuaFrame]
    /// The inputs that had a value when the module failed, in the order of the ports.
    public var inputs: [Input]
    /// The line of the workflow that added the node.
    public var placed: SourceLocation?
    /// The number of nodes that were done before.
    public var done: Int
    /// The number of nodes in the plan.
    public var total: Int
    /// The number of times that the module was started.
    public var attempts: Int
    /// True for a failure by `self:fail`.
    var isDeliberate = false
    /// True if the module's time limit stopped it.
    public var timedOut = false
    /// The failed task, if the error is that of a task on a worker.
    public var task: TaskError?
    /// The element that failed, from 1, and the number of elements, for a node with elements.
    public var element: (index: Int, total: Int)?
    /// A copy of the table that the module threw; nil for a message.
    public var thrown: LuaValue?

    /// A step of a module's work. Its description completes the sentence "failed in ...".
    public enum Stage: Sendable, Equatable, CustomStringConvertible {
        /// The check of the values of the inputs.
        case inputs
        /// The conversion of the value of an input by its type.
        case input(String)
        /// The call of the function `cache`, which decides whether the result is cached.
        case caching
        /// The call of the method `compute`.
        case compute
        /// The call of the method `resume`.
        case resume
        /// The check of the values of the outputs.
        case outputs

        /// The stage as messages name it.
        public var description: String {
            switch self {
            case .inputs: "its inputs"
            case .input(let name): "its input `\(name)`"
            case .caching: "its `cache` function"
            case .compute: "compute"
            case .resume: "resume"
            case .outputs: "its outputs"
            }
        }
    }

    /// An input with a short text for its value.
    public struct Input: Sendable {
        /// The name of the port.
        public var name: String
        /// A short text for the value.
        public var value: String
        /// The node that the value came from; nil for a constant.
        public var origin: String?
    }
}

extension ModuleFailure {
    /// The place, the message and the traceback, as records have them.
    package var recorded: String {
        var text = (location.map { "\($0): " } ?? "") + message
        for frame in traceback { text += "\n  \(frame)" }
        return text
    }
}

extension ModuleFailure: CustomStringConvertible {
    /// The node, the step that failed, the line of the user's code and the message, in one line.
    public var description: String {
        let place = location.map { "\($0): " } ?? ""
        return "`\(node)` (\(module) \(version)) failed in \(stage): \(place)\(message)"
    }
}
