// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge

/// A module of the library that decides which other modules compute, in which order, or how often. The
/// raw value is the field `control` of its declaration.
public enum Control: String, Sendable {
    /// Computes one of several branches.
    case choose
    /// Computes a replacement for a value that is nil, or whose node has failed.
    case `default`
    /// Orders two nodes.
    case order
    /// Computes a module again and again, each time with the state that it gave before.
    case loop
    /// Computes a module for one element of a list after another, with the state that it gave before.
    case fold

    /// True if some of its inputs are only computed when another input has a value.
    var hasBranches: Bool { self == .choose || self == .default }
    /// The inputs that are branches.
    var branches: [String] {
        switch self {
        case .choose: ["yes", "no", "cases", "otherwise"]
        case .default: ["default"]
        default: []
        }
    }
    /// True if it computes another module in turns.
    var hasTurns: Bool { self == .loop || self == .fold }
}

extension Graph.Node {
    /// True if some of its inputs are only computed when another input has a value.
    package var hasBranches: Bool { each == nil && definition.control?.hasBranches ?? false }

    /// True if an input is a branch.
    package func isBranch(_ input: String) -> Bool {
        hasBranches && definition.control?.branches.contains(input) ?? false
    }
}

/// A module as a value: the value of a port of type `module`.
package struct ModuleValue: LuaObject {
    package let definition: ModuleDefinition

    package init(_ definition: ModuleDefinition) { self.definition = definition }

    package static let luaClass = LuaClass<ModuleValue>("module") { type in
        type.index { lua, value in
            switch lua.string(at: 2) {
            case "name": try lua.push(value.definition.name)
            case "inputs": try lua.push(ports: value.definition.inputs)
            case "outputs": try lua.push(ports: value.definition.outputs)
            default:
                throw lua.error(
                    "a module as a value has the fields `name`, `inputs` and `outputs`; compute it "
                        + "with vt.compute(module, inputs)", level: 2)
            }
            return 1
        }
        type.rawOperator(.string) { lua, value in
            try lua.push("module \(value.definition.name)")
            return 1
        }
    }
}

extension Lua {
    /// Pushes a list of `{ name =, type =, required = }`.
    fileprivate func push(ports: [Port]) throws {
        try pushTable(elements: ports.count)
        for (position, port) in ports.enumerated() {
            try pushTable(fields: 3)
            try push(port.name)
            try setRawField("name", of: -2)
            try push(port.type.description)
            try setRawField("type", of: -2)
            try push(port.isRequired)
            try setRawField("required", of: -2)
            try setRawElement(position + 1, of: -2)
        }
    }
}
