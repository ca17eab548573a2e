// SPDX-License-Identifier: BSD-3-Clause

package import VTLuaBridge
internal import VTSystem

/// The proof that the interpreter has made the bytes of a module. They hold bytecode, with which a script
/// could leave a sandbox; workers of a sandbox load no bytes without it.
package struct ModuleSeal: Sendable {
    private let key: [UInt8]

    /// Creates a seal with a random key.
    package init() { key = (0..<32).map { _ in UInt8.random(in: .min ... .max) } }

    /// Pushes the code of the string at `index`.
    func push(for index: Int, _ lua: borrowing Lua) throws {
        guard let code = code(of: index, lua) else { return try lua.pushNil() }
        try code.withUnsafeBytes { try lua.push(bytes: $0) }
    }

    /// Returns true if the string at `code` is the code of the string at `index`.
    package func matches(_ index: Int, code: Int, _ lua: borrowing Lua) -> Bool {
        guard lua.type(at: index) == .string, lua.type(at: code) == .string,
            let expected = self.code(of: index, lua),
            let found = lua.withBytes(at: code, { Array($0) }), found.count == expected.count
        else { return false }
        // The time that it takes must not depend on the bytes.
        return zip(expected, found).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private func code(of index: Int, _ lua: borrowing Lua) -> [UInt8]? {
        lua.withBytes(at: index) { SHA256.authentication(of: $0, key: key) }
    }
}
