// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import Glibc
import VTStore
import VTRuntime

/// Where results and records of runs are.
struct StorePlace {
    /// A directory, or `off`; nil: what `VTLUA_STORE` says, or beside the workflow.
    var given: String?

    /// Nil for `off`.
    func directory(beside flow: String?) -> String? {
        let given = given ?? getenv("VTLUA_STORE").map { String(cString: $0) } ?? ""
        if given == "off" { return nil }
        if !given.isEmpty { return given }
        let beside = flow?.directoryPart ?? ""
        return beside.isEmpty ? ".vtlua" : beside + "/.vtlua"
    }

    /// Opens it for a workflow. Where that cannot be done, the workflow goes without.
    func open(for flow: FlowFile, in workspace: Workspace) {
        guard let directory = directory(beside: flow.path) else { return }
        // A store may be read when the workspace is gone: for a report.
        let warn = { [weak workspace] (message: String) in
            let line = "warning: \(message)\n"
            workspace.map { $0.tell(line) } ?? report(line)
        }
        do {
            workspace.use(try Store(directory: directory), for: flow, warn: warn)
        } catch {
            warn("\(error); going on without a store")
        }
    }
}

/// `--store`.
struct StoreOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where results and records of runs are kept: a directory, or `off`. Default: .vtlua "
                + "beside the workflow; VTLUA_STORE sets another.",
            valueName: "directory"),
        completion: .directory)
    var store: String?

    var place: StorePlace { StorePlace(given: store) }

    /// Opens a store that is there, and does something with it.
    func existing(_ body: (Store) throws -> Int32) throws -> Never {
        throw ExitCode(try status(body))
    }

    private func status(_ body: (Store) throws -> Int32) throws -> Int32 {
        guard let directory = place.directory(beside: nil) else {
            report("error: --store off keeps nothing\n")
            return 4
        }
        guard access(directory + "/store.sqlite", F_OK) == 0 else {
            report(
                "error: there is no store in '\(directory)': no workflow has run here; "
                    + "give its directory with --store\n")
            return 4
        }
        do {
            let store = try Store(directory: directory)
            store.warn = { report("warning: \($0)\n") }
            return try body(store)
        } catch let error as StoreError {
            report("error: \(error)\n")
            return 4
        }
    }

    /// The name of the newest run. No run has it: there is no L in their names.
    static let newest = "last"

    /// The one run of that name, or the newest.
    func run(_ name: String, in store: Store) throws -> StoredRun {
        let newest = try store.runs(most: 1).first
        if name == Self.newest {
            if let newest { return newest }
            throw ValidationError("no run is on record; begin with: vtlua run flow.lua")
        }
        let found = try store.runs(named: name)
        if found.count == 1 { return found[0] }
        guard found.isEmpty else {
            throw ValidationError(
                "`\(name)` begins the names of \(found.count) runs; write more of it")
        }
        let isNode = try newest.map { try store.nodes(of: $0.run) }?.contains { $0.node == name }
        throw ValidationError(
            "there is no run `\(name)` on record; "
                + (isNode == true ? "did you mean \(Self.newest)/\(name)?" : "see: vtlua log"))
    }

    func node(_ name: String, of run: StoredRun, in store: Store) throws -> StoredNode {
        let nodes = try store.nodes(of: run.run)
        if let found = nodes.first(where: { $0.node == name }) { return found }
        throw ValidationError(
            "run \(run.run) has no node `\(name)`" + hint(for: name, among: nodes.map(\.node)))
    }

    /// A node, or a node and the name of an output behind it. Names of nodes may have slashes: the
    /// longest that fits is meant.
    func nodeAndPort(
        _ name: String, of run: StoredRun, in store: Store
    ) throws -> (node: StoredNode, port: String?) {
        let nodes = try store.nodes(of: run.run)
        if let found = nodes.first(where: { $0.node == name }) { return (found, nil) }
        let owner = nodes.filter { name.hasPrefix($0.node + "/") }
            .max { $0.node.count < $1.node.count }
        guard let owner else { return (try node(name, of: run, in: store), nil) }
        let port = String(name.dropFirst(owner.node.count + 1))
        let ports = owner.outputs.map(\.name)
        // One that failed has none on record.
        guard ports.isEmpty || ports.contains(port) else {
            throw ValidationError(
                "`\(owner.node)` has no output `\(port)`" + hint(for: port, among: ports))
        }
        return (owner, port)
    }
}
