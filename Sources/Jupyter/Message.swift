// SPDX-License-Identifier: BSD-3-Clause

package import VTSystem

/// A received and verified message of Jupyter's wire protocol 5.3.
package struct Message: Sendable {
    /// The frames before the delimiter: the route back to the sender, or a topic.
    package var identities: [[UInt8]]
    /// The unique id, `msg_id`.
    package var id: String
    /// The type, such as `execute_request`.
    package var type: String
    /// The id of the sender's session.
    package var session: String
    /// The header as it was received. A reply repeats it byte for byte.
    package var header: [UInt8]
    /// The header of the request that caused the message.
    package var parent: JSON
    /// The metadata, whose meaning depends on the type.
    package var metadata: JSON
    /// The content, whose form depends on the type.
    package var content: JSON
    /// The buffers of the message. The signature does not cover them.
    package var buffers: [Part]
    /// The signature of the four parts before; empty without a key.
    package var signature: [UInt8]

    /// The id of the request that the message answers.
    package var parentID: String? { parent["msg_id"].string }
}

/// The reason why a message is rejected.
package enum Rejection: Error, Equatable, Sendable {
    /// A part is missing, too long, or not JSON.
    case malformed
    /// The signature does not match.
    case badSignature
    /// The same message was received before.
    case replayed
}

extension Rejection: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformed: "malformed"
        case .badSignature: "wrong signature"
        case .replayed: "replayed"
        }
    }
}

/// One side of a connection. It makes its own messages and opens those of the other side.
package struct Session: Sendable {
    package let id: String
    package let key: Key
    private let username: String
    private var count = 0
    private let prefix: String
    /// Signatures that were received. The older half is discarded at a time.
    private var seen: [Set<[UInt8]>] = [[], []]

    private static let delimiter = Array("<IDS|MSG>".utf8)
    /// The largest size of the four JSON parts together. Offsets of a million tasks fit.
    private static let largestJSON = 32 << 20
    private static let mostSeen = 1 << 16

    package init(id: String, key: Key, username: String, process: Int) {
        self.id = id
        self.key = key
        self.username = username
        prefix = "\(id)_\(process)_"
    }

    /// A message that is ready to be sent.
    package struct Outgoing {
        package var id: String
        /// The frames in the order of the wire protocol.
        package var frames: [[UInt8]]
    }

    /// Makes a signed message.
    ///
    /// - Parameters:
    ///   - parent: the header of the request that the message answers.
    ///   - identities: the frames before the delimiter.
    package mutating func make(
        _ type: String, to identities: [[UInt8]] = [], parent: [UInt8]? = nil,
        metadata: JSON = [:], content: JSON = [:]
    ) -> Outgoing {
        count += 1
        let id = "\(prefix)\(count)"
        let header: JSON = [
            "msg_id": .string(id), "msg_type": .string(type), "username": .string(username),
            "session": .string(self.id), "date": .string(Timestamp.now), "version": "5.3",
        ]
        let signed = [header.bytes, parent ?? Array("{}".utf8), metadata.bytes, content.bytes]
        return Outgoing(
            id: id, frames: identities + [Self.delimiter, key.sign(signed)] + signed)
    }

    /// Verifies and parses a message.
    ///
    /// - Parameter isFresh: true to reject a message that was received before.
    /// - Throws: ``Rejection``.
    package mutating func open(_ parts: [Part], isFresh: Bool = false) throws(Rejection) -> Message
    {
        guard
            let mark = parts.firstIndex(where: {
                $0.bytes.count == Self.delimiter.count && $0.bytes.elementsEqual(Self.delimiter)
            }), parts.count >= mark + 6
        else { throw .malformed }
        let frames = parts[(mark + 2)..<(mark + 6)]
        guard parts[mark + 1].bytes.count <= 128,
            parts[..<mark].allSatisfy({ $0.bytes.count <= 255 }),
            frames.reduce(0, { $0 + $1.bytes.count }) <= Self.largestJSON
        else { throw .malformed }
        let signature = parts[mark + 1].array
        let signed = frames.map(\.array)
        guard key.verify(signature, of: signed) else { throw .badSignature }
        if isFresh, !key.isEmpty { try remember(signature) }
        do {
            let header = try JSON(parsing: signed[0])
            guard let id = header["msg_id"].string, let type = header["msg_type"].string,
                !id.isEmpty, !type.isEmpty
            else { throw Rejection.malformed }
            return Message(
                identities: parts[..<mark].map(\.array), id: id, type: type,
                session: header["session"].string ?? "", header: signed[0],
                parent: try JSON(parsing: signed[1]), metadata: try JSON(parsing: signed[2]),
                content: try JSON(parsing: signed[3]), buffers: Array(parts[(mark + 6)...]),
                signature: signature)
        } catch { throw .malformed }
    }

    /// Takes over the signatures that another session of the same receiver has seen.
    mutating func continueReceiving(_ other: Session) { seen = other.seen }

    private mutating func remember(_ signature: [UInt8]) throws(Rejection) {
        if seen[0].contains(signature) || seen[1].contains(signature) { throw .replayed }
        if seen[0].count >= Self.mostSeen { seen = [[], seen[0]] }
        seen[0].insert(signature)
    }
}
