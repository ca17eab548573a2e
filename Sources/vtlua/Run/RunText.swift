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
