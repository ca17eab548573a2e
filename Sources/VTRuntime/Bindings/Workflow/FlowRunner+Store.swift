// SPDX-License-Identifier: BSD-3-Clause

internal import VTStore
internal import VTSystem

extension FlowRunner {
    /// Opens the store of a place and uses it. If that fails, prints a warning; the workflow runs
    /// without.
    package mutating func useStore(_ place: StorePlace) {
        let directory = place.directory(beside: path)
        let beside = path.directoryPart
        environment.filesDirectory =
            (directory ?? (beside.isEmpty ? ".vtlua" : beside + "/.vtlua")) + "/files"
        if let results = workspace.sandboxResults {
            environment.filesDirectory = results + "/files"
        }
        guard let directory else { return }
        do {
            use(try workspace.store(in: directory))
        } catch {
            workspace.warn("\(error); continuing without a store")
        }
    }
}

extension Workspace {
    /// Returns the store in a directory. Runs that Lua code starts use it again.
    fileprivate func store(in directory: String) throws -> any RecordingStore {
        if let remoteStore, remoteStore.directory == directory {
            if stores[directory] == nil { try remoteStore.open() }
            stores[directory] = remoteStore
            return remoteStore
        }
        if let open = stores[directory], File.exists(directory + "/store.sqlite") { return open }
        let store = try Store(directory: directory)
        stores[directory] = store
        return store
    }

    /// Waits until the results of all runs that have ended are on the disk.
    func syncStores() {
        for store in stores.values {
            store.setting.groupsWrites = false
            do {
                try store.sync()
            } catch {
                warn("\(error)")
            }
        }
    }
}
