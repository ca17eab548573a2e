// SPDX-License-Identifier: BSD-3-Clause

extension JSON {
    /// The value with `***` in the place of each secret in its texts.
    package var masked: JSON {
        guard Secrets.exist else { return self }
        switch self {
        case .string(let text): return .string(Secrets.masked(text))
        case .array(let list): return .array(list.map(\.masked))
        case .object(let members):
            return .object(members.map { (Secrets.masked($0.key), $0.value.masked) })
        default: return self
        }
    }
}
