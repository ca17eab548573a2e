// SPDX-License-Identifier: BSD-3-Clause

import VTLuaBridge
import VTRuntime
import VTSystem
import VTWorkflow

extension ModuleFailure {
    var exitCode: Int32 {
        if timedOut { return 6 }
        return task.map(\.isOfWorkers) ?? false ? 5 : 1
    }
}

extension RunResult {
    /// A line that names the cached modules and the command that shows the full traceback.
    func next(after failure: ModuleFailure) -> String {
        let done = modules.filter { $0.status == .computed || $0.status == .cached }
        let kept = done.filter(\.isKept).map { "`\($0.node)`" }
        var text = ""
        if !kept.isEmpty {
            let names = kept.count > 3 ? "\(kept.count) modules" : kept.joined(separator: ", ")
            text = "\(names) \(kept.count == 1 ? "is" : "are") cached"
            if kept.count == done.count { text += "; a new run starts at `\(failure.node)`" }
            text += ".   "
        }
        return text + "vtlua show \(run)/\(failure.node) for the full traceback"
    }

    /// The results that were not kept, and what keys of results do not cover, each with the cause.
    var cachingNotes: String {
        let notKept = modules.compactMap { module in
            module.obstacle.map { "  \(module.node): \($0)\n" }
        }
        var notices: [String] = []
        for module in modules where module.status == .computed && module.obstacle == nil {
            notices += module.notices.map { "  \(module.node): \($0)\n" }
        }
        var text = ""
        if !notKept.isEmpty {
            text +=
                notKept.count == 1 ? "1 result not kept:\n" : "\(notKept.count) results not kept:\n"
            text += Self.first(of: notKept)
        }
        if !notices.isEmpty {
            text +=
                "results that are kept although they also depend on:\n" + Self.first(of: notices)
        }
        return text
    }

    /// The first ten lines.
    private static func first(of lines: [String]) -> String {
        let rest = lines.count - 10
        return lines.prefix(10).joined()
            + (rest > 0 ? "  and \(rest) more\n" : "")
    }

    /// A line for each output: `name = value`. A short list or table is JSON, a long one a summary.
    func outputLines(of plan: Plan, _ lua: borrowing Lua) throws -> [UInt8] {
        var text: [UInt8] = []
        for ((name, value), (_, source)) in zip(outputs, plan.outputs) {
            guard let value else { continue }
            try lua.push(value)
            defer { lua.pop() }
            text += "\(name) = ".utf8
            text += lua.outputText(at: -1, isList: plan.isList(source))
            text.append(UInt8(ascii: "\n"))
        }
        return text
    }
}

extension Lua {
    /// The value at `index` as `run` and `show` print it.
    func outputText(at index: Int, isList: Bool = false) -> [UInt8] {
        switch type(at: index) {
        case .string: return withBytes(at: index) { Array($0) } ?? []
        case .table where rawLength(at: index) <= 20:
            let bounds = LuaValue.Bounds(depth: 3, pairs: 40)
            let isSmall = !JSON(LuaValue(lua: self, at: index, bounds: bounds)).text.contains("...")
            let json =
                isSmall ? (try? JSON(self, at: index, place: "$", isList: isList))?.text : nil
            guard let json, json.count <= 80 else { break }
            return Array(json.utf8)
        default: break
        }
        return Array(brief(at: index).utf8)
    }
}
