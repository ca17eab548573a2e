// SPDX-License-Identifier: BSD-3-Clause

/// The names under which a run keeps suspended nodes: those of a run inside a module begin with the
/// node of the module.
struct SuspensionScope {
    /// The name of the outermost workflow.
    let workflow: String
    /// The identifier of the outermost run.
    let run: String
    private let prefix: String

    init(of workflow: String, run: String) {
        self.workflow = workflow
        self.run = run
        prefix = ""
    }

    /// The names of a run that the module of a node starts.
    init(inside node: String, of outer: SuspensionScope) {
        workflow = outer.workflow
        run = outer.run
        prefix = outer.name(of: node) + "/"
    }

    func name(of node: String) -> String { prefix + node }
}
