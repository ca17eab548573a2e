// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge

/// A workflow as a variable of the module that runs it in its `compute`.
package struct WorkflowValue: LuaObject {
    let graph: Graph
    /// The workflow as the script knows it.
    let flow: LuaReference

    package init(_ graph: Graph, flow: LuaReference) {
        self.graph = graph
        self.flow = flow
    }

    package static let luaClass = LuaClass<WorkflowValue>("workflow as a module") { type in
        type.index { lua, value in
            try lua.push(value.flow)
            return 1
        }
    }
}
