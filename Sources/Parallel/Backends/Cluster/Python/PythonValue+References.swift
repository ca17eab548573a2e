// SPDX-License-Identifier: BSD-3-Clause

internal import VTJupyter
internal import VTSystem

extension PythonValue {
    /// The same value with each reference replaced by `{ [REFERENCE] = name }`, which the module
    /// vt.engine looks up.
    var withoutReferences: PythonValue {
        switch self {
        case .reference(let name):
            .dict([PythonEntry(.string("\u{1}vtlua reference"), .string(name))])
        case .object(let object) where object.referencedName != nil:
            PythonValue.reference(object.referencedName ?? "").withoutReferences
        case .list(let all): .list(all.map(\.withoutReferences))
        case .tuple(let all): .tuple(all.map(\.withoutReferences))
        case .dict(let entries):
            .dict(entries.map { PythonEntry($0.key, $0.value.withoutReferences) })
        default: self
        }
    }
}

extension PythonObject {
    /// The name in a reference that is deeper in a value than those that the client looks for.
    fileprivate var referencedName: String? {
        guard module == "ipyparallel.serialize.canning", name == "Reference", arguments != nil
        else {
            return nil
        }
        return state?["name"]?.string
    }
}
