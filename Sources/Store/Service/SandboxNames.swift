// SPDX-License-Identifier: BSD-3-Clause

internal import VTWorkflow

/// The names under which a store has what a sandboxed run leaves. They differ from those of all runs with
/// other rights, whatever names the run states.
struct SandboxNames {
    /// The digest of the rights.
    private let tag: [UInt8]
    private static let length = 32
    /// The length of the part of the tag in names from which the run's own name is read again.
    private static let suffix = 16

    /// The error of a name that is none.
    struct Malformed: Error {}

    init(rights: String) {
        tag = Digest(hashing: Array("sandbox\n\(rights)".utf8)).bytes
    }

    /// The name of a key, or of anything else that is looked up by its whole name.
    func key(_ key: Digest) throws(Malformed) -> Digest {
        guard key.bytes.count == Self.length else { throw Malformed() }
        return Digest(hashing: tag + key.bytes)
    }

    /// The name of a result: that of its key, and that of its observations.
    func name(_ name: Digest) throws(Malformed) -> Digest {
        guard name.bytes.count >= Self.length else { throw Malformed() }
        return Digest(
            bytes: try key(Digest(bytes: name.key)).bytes + (try observed(name.observed)))
    }

    /// The name of a set of observations; empty for none.
    func observed(_ digest: [UInt8]) throws(Malformed) -> [UInt8] {
        guard digest.count <= Self.length else { throw Malformed() }
        return digest.isEmpty ? [] : digest + tag.prefix(Self.suffix)
    }

    /// The name that the run has given to observations.
    func own(observed: [UInt8]) -> [UInt8] {
        observed.isEmpty ? [] : Array(observed.dropLast(Self.suffix))
    }

    /// The name of a suspended node. It is longer than the keys of runs without a sandbox.
    func suspended(_ key: Digest) throws(Malformed) -> Digest {
        guard key.bytes.count == Self.length else { throw Malformed() }
        return Digest(bytes: tag.prefix(Self.suffix) + key.bytes)
    }

    /// The key that the run has given to a suspended node; nil for a node of other runs.
    func own(suspended key: Digest) -> Digest? {
        guard key.bytes.count == Self.suffix + Self.length,
            key.bytes.starts(with: tag.prefix(Self.suffix))
        else { return nil }
        return Digest(bytes: Array(key.bytes.dropFirst(Self.suffix)))
    }

    /// The secret bytes for runs with these rights.
    func secretKey(_ key: [UInt8]) -> [UInt8] {
        Digest(hashing: tag + Array("secret".utf8) + key).bytes
    }
}
