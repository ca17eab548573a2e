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
        case .list(let all): .list(all.map(\.withoutReferences))
        case .tuple(let all): .tuple(all.map(\.withoutReferences))
        case .dict(let entries):
            .dict(entries.map { PythonEntry($0.key, $0.value.withoutReferences) })
        default: self
        }
    }
}
