// SPDX-License-Identifier: BSD-3-Clause

package import VTWorkflow

/// A store as a workflow's runner needs it: with the script and the program of its runs.
package protocol RecordingStore: ResultStore {
    /// The path of the directory.
    var directory: String { get }
    /// The script and the program of runs.
    var setting: Store.Setting { get set }
    /// Called with a warning for the user.
    var warn: (String) -> Void { get set }
    /// Waits until the results of all runs that have ended are on the disk.
    func sync() throws
}

extension Store: RecordingStore {}
