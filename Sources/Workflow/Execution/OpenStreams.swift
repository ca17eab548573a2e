// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

/// The streams that one step reads, directly or through others, while an attempt of it computes.
protocol OpenStreams: AnyObject {
    /// The first failure, with the index of the step that has failed.
    var failure: (index: Int, failure: ModuleFailure)? { get }
    /// The scratch directories of the steps that give the streams, once these are closed.
    var scratches: [String] { get }
    /// The time that these steps have taken, in seconds.
    var seconds: Double { get }
    /// True if the user stopped one of them at a breakpoint.
    var wasStopped: Bool { get }
    var isClosed: Bool { get }
    /// True while the step that reads them computes.
    var isOpen: Bool { get set }

    /// Pushes the function that reads a stream.
    func push(_ source: Plan.StepOutput, _ lua: borrowing Lua) throws

    /// Closes all streams.
    ///
    /// - Parameter quietly: true if the computation has failed: errors of closing are ignored.
    func close(quietly: Bool, _ lua: borrowing Lua) throws

    /// Returns what a step has done so far; nil for one of which no item was wanted.
    func work(of index: Int) -> StreamWork?
}

/// The work of a step that gives streams.
struct StreamWork {
    var seconds: Double
    /// The number of items that were read of each output.
    var counts: [Int]
    var printed: String
    var annotations: [(key: String, value: LuaValue)]
}
