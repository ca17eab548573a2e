// SPDX-License-Identifier: BSD-3-Clause

internal import VTSystem
internal import VTWorkflow

extension Store {
    /// Random bytes that belong to this store, in a file that only this user can read. The digests of
    /// secrets cover them: a record alone does not show whether a guess is right.
    public var secretKey: [UInt8] {
        if let known = knownSecretKey { return known }
        let key = readSecretKey() ?? makeSecretKey()
        knownSecretKey = key
        return key
    }

    private var secretKeyFile: String { directory + "/secret.key" }

    private func readSecretKey() -> [UInt8]? {
        guard let key = try? File.read(secretKeyFile, limit: 33, onlyRegular: true), key.count == 32
        else { return nil }
        return key
    }

    private func makeSecretKey() -> [UInt8] {
        let key = (0..<32).map { _ in UInt8.random(in: .min ... .max) }
        let draft = "\(secretKeyFile).\(getpid())"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { return key }
        defer { unlink(draft) }
        let isWritten =
            key.withUnsafeBytes { VTSystem.write(file, $0.baseAddress, $0.count) } == key.count
        close(file)
        // Of two processes, the first one decides.
        guard isWritten, link(draft, secretKeyFile) != 0 else { return key }
        return readSecretKey() ?? key
    }
}
