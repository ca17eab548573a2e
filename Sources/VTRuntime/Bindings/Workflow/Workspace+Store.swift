// SPDX-License-Identifier: BSD-3-Clause

package import VTStore
internal import VTSystem
internal import VTWorkflow

extension Workspace {
    /// Keeps results and records of the workflow in a store.
    ///
    /// - Parameter warn: called with a warning if an entry is damaged, or if the store fails; the
    ///   run continues without it.
    package func use(_ store: Store, for flow: FlowFile, warn: @escaping (String) -> Void) {
        let version = VTRuntimeVersion.text
        store.setting.flow = flow.path
        store.setting.source =
            File.text(flow.path) ?? ""
        store.setting.version = version
        store.warn = warn
        interpreter.store = store
        interpreter.storeHasFailed = { error in
            warn("the store in '\(store.directory)' failed: \(error); going on without it")
        }
        interpreter.version = version
        interpreter.directory = flow.path.directoryPart
        interpreter.moduleFile = { [unowned self] name in file(of: name) }
    }
}
