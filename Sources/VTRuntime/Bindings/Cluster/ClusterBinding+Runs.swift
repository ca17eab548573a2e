// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTParallel

// Runs whose modules compute on the engines of a cluster.

/// The absence of a cluster that was asked for.
package struct NoCluster: Error, CustomStringConvertible {
    /// The cause and the next step.
    package var description: String
}

extension ClusterBinding {
    /// A connection that several runs use, one after another.
    struct KeptConnection {
        var handle: ClusterHandle
        /// True if other programs send tasks to the engines at the same time: the controller
        /// distributes the tasks of all.
        var sharesEngines: Bool
    }

    /// Connects to the cluster of the default profile for the modules of the runs that follow.
    ///
    /// - Parameter sharesEngines: true if other programs send tasks to the engines at the same time.
    /// - Returns: the number of engines.
    /// - Throws: ``NoCluster``.
    func keepConnection(sharesEngines: Bool, _ lua: borrowing Lua) throws -> Int {
        var request = ClusterRequest()
        request.ask = false
        do {
            let handle = try access.connect(request, lua)
            kept = KeptConnection(handle: handle, sharesEngines: sharesEngines)
            return handle.client.luaEngines.count
        } catch let absence as ClusterAccess.Absence {
            throw NoCluster(description: absence.detail)
        } catch let error as LuaError {
            throw error
        } catch {
            throw NoCluster(description: "\(error)")
        }
    }

    /// The view for the modules of a run; nil where there is no connection that works.
    func viewForRun(_ log: CallLog, _ lua: borrowing Lua) throws -> View? {
        guard let kept, kept.handle.client.loss == nil else { return nil }
        var options = ClusterViewOptions()
        options.modulePath = try modulePath(lua)
        options.usesController = kept.sharesEngines && kept.handle.client.taskScheme != "pure"
        return View.cluster(kept.handle, options, completion: completion, log: log)
    }
}
