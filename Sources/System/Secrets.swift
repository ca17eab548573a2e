// SPDX-License-Identifier: BSD-3-Clause

internal import CVTSystem

/// The texts of this process that nothing may print or keep, such as passwords.
///
/// They are found in other texts as they are, and as they are written in addresses, JSON, Lua, HTML,
/// hexadecimal digits and base64.
package enum Secrets {
    /// The smallest length of a secret in bytes. A shorter one would be found in many texts by chance.
    package static let shortest = Int(VTY_SHORTEST_SECRET)

    /// True if there is a secret.
    package static var exist: Bool { vty_has_secrets() }

    /// Adds a secret by the name of its parameter.
    package static func add(_ bytes: [UInt8], name: String) {
        bytes.withUnsafeBytes { vty_secret_add(name, $0.baseAddress, $0.count) }
    }

    /// Returns the name of a secret that the bytes hold; nil for none.
    package static func name(in bytes: some Collection<UInt8>) -> String? {
        guard exist else { return nil }
        return Array(bytes).withUnsafeBytes { vty_secret_in($0.baseAddress, $0.count) }
            .map { String(cString: $0) }
    }

    /// Returns the name of a secret that a text holds; nil for none.
    package static func name(in text: String) -> String? { exist ? name(in: text.utf8) : nil }

    /// Returns the bytes with `***` in the place of each secret.
    package static func masked(_ bytes: [UInt8]) -> [UInt8] {
        guard exist else { return bytes }
        return bytes.withUnsafeBytes { masked($0) } ?? bytes
    }

    /// Returns a copy of bytes with `***` in the place of each secret; nil if they hold none.
    package static func masked(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        guard exist else { return nil }
        var count = 0
        guard
            let copy = vty_secrets_mask(
                bytes.bindMemory(to: CChar.self).baseAddress, bytes.count, &count)
        else { return nil }
        defer { free(copy) }
        return Array(UnsafeRawBufferPointer(start: copy, count: count))
    }

    /// Returns the text with `***` in the place of each secret.
    package static func masked(_ text: String) -> String {
        guard exist else { return text }
        var text = text
        let found = text.withUTF8 { bytes in masked(UnsafeRawBufferPointer(bytes)) }
        return found.map { String(decoding: $0, as: UTF8.self) } ?? text
    }

    /// Returns the bytes with as many `*` in the place of each secret: a format with lengths stays
    /// valid.
    package static func blanked(_ bytes: [UInt8]) -> [UInt8] {
        guard exist else { return bytes }
        var bytes = bytes
        bytes.withUnsafeMutableBytes { vty_secrets_blank($0.baseAddress, $0.count) }
        return bytes
    }

    /// All secrets with their names, for a process of this program.
    package static var all: [(name: String, bytes: [UInt8])] {
        var all: [(name: String, bytes: [UInt8])] = []
        withUnsafeMutablePointer(to: &all) { all in
            vty_secrets_each(
                { context, name, bytes, length in
                    guard let context, let name else { return }
                    let all = context.assumingMemoryBound(
                        to: [(name: String, bytes: [UInt8])].self)
                    all.pointee.append(
                        (
                            String(cString: name),
                            Array(UnsafeRawBufferPointer(start: bytes, count: length))
                        ))
                }, all)
        }
        return all
    }
}
