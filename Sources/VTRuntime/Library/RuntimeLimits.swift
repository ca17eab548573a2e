// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem
internal import VTWorkflow

/// The limits of a runtime, which its workers have, too.
package struct RuntimeLimits: Sendable {
    var libraries = LuaLibraries.all
    var memory: Int?
    var loader: ModuleLoader?
    /// The largest number of workers in a pool; nil: no limit.
    var workers: Int?
    /// The seal of modules for workers, and the number of these, in a sandbox.
    var seal: ModuleSeal?
    var budget: WorkerBudget?

    /// True if scripts have all libraries.
    var isOpen: Bool { libraries == .all }

    /// True if modules that may compute in worker processes compute on threads: processes of a sandbox
    /// would need its loader, and `.os`.
    var keepsProcess: Bool { !isOpen || loader != nil }

    /// The memory limit of a worker whose pool asks for one; nil: none.
    func memory(asked: Int?) -> Int? {
        guard let memory else { return asked }
        return min(asked ?? memory, memory)
    }
}

extension LuaLibraries {
    /// The reason why a feature is missing.
    static func refusal(of feature: String, because reason: String) -> String {
        "\(feature) is not available in this sandbox: \(reason)"
    }

    static let noFiles = "it has no access to files"
    static let noPrograms = "it runs no programs"
    static let noNetwork = "it has no access to the network"
    static let noWorkers = "it has no workers"

    /// The reason why scripts cannot use a module of the library; nil if they can.
    func objection(to module: String) -> String? {
        let head = module.prefix { $0 != "." }
        let isPart: (String) -> Bool = { head == $0 || module.hasPrefix($0 + "_") }
        if isPart("process") || module.hasPrefix("vt.command") {
            return contains([.os, .io]) ? nil : Self.noPrograms
        }
        if isPart("http") { return contains([.network, .io]) ? nil : Self.noNetwork }
        if isPart("sql"), !contains(.debug) {
            return "its functions of C trust the library; add `.debug`"
        }
        if isPart("files") || isPart("file") || isPart("sql") || head == "text" {
            return contains(.io) ? nil : Self.noFiles
        }
        if module.hasPrefix("vt.engine") || module.hasPrefix("vt.spec") {
            return self == .all ? nil : "it is for the program vtlua"
        }
        return nil
    }
}
