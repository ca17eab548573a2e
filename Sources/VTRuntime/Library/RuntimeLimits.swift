// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

/// The limits of a runtime, which its workers have, too.
package struct RuntimeLimits: Sendable {
    var libraries = LuaLibraries.all
    var memory: Int?
    var loader: ModuleLoader?

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
