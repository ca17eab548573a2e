// SPDX-License-Identifier: BSD-3-Clause

import ArgumentParser
import VTRuntime
import VTStore
import VTSystem

/// `--store`.
struct StoreOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Set the directory of results and records, or `off` for none. Default: VTLUA_STORE, or "
                + ".vtlua beside the workflow.",
            valueName: "directory"),
        completion: .directory)
    var store: String?

    var place: StorePlace { StorePlace(given: store) }

    /// Opens an existing store and passes it to a closure.
    func existing(_ body: (Store) throws -> Int32) throws -> Never {
        throw ExitCode(try status(body))
    }

    private func status(_ body: (Store) throws -> Int32) throws -> Int32 {
        guard let directory = place.directory(beside: nil) else {
            report("error: this command needs a store, got --store off\n")
            return 4
        }
        guard access(directory + "/store.sqlite", F_OK) == 0 else {
            report(
                "error: there is no store in '\(directory)'; run a workflow here, or give the "
                    + "store's directory with --store\n")
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

    /// The name for the newest run. Names of runs contain no L.
    static let newest = "last"

    /// The runs of the sweep of that name or abbreviation; nil if a run has the name, or no sweep has.
    func sweep(_ name: String, in store: Store) throws -> [StoredRun]? {
        guard name != Self.newest, try store.runs(named: name).isEmpty else { return nil }
        let runs = try store.runs(ofSweep: name)
        let sweeps = Set(runs.map(\.sweep))
        if sweeps.count > 1 {
            throw ValidationError(
                "`\(name)` is ambiguous: \(sweeps.count) sweeps begin with it; give more characters"
            )
        }
        return runs.isEmpty ? nil : runs
    }

    /// The run of that name or abbreviation, or the newest.
    func run(_ name: String, in store: Store) throws -> StoredRun {
        let newest = try store.runs(most: 1).first
        if name == Self.newest {
            if let newest { return newest }
            throw ValidationError("no run is recorded; start with: vtlua run flow.lua")
        }
        let found = try store.runs(named: name)
        if found.count == 1 { return found[0] }
        guard found.isEmpty else {
            throw ValidationError(
                "`\(name)` is ambiguous: \(found.count) runs begin with it; give more characters")
        }
        if let runs = try sweep(name, in: store) {
            let id = runs[0].sweep
            throw ValidationError(
                "`\(name)` is a sweep of \(Format.count(runs.count, "run")); to list them: vtlua log \(id)"
            )
        }
        let isNode = try newest.map { try store.nodes(of: $0.run) }?.contains { $0.node == name }
        throw ValidationError(
            "no run `\(name)` is recorded; "
                + (isNode == true
                    ? "did you mean \(Self.newest)/\(name)?" : "to list the runs: vtlua log"))
    }
}
