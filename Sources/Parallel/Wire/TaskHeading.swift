// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

// The messages about tasks between a client and an engine of VTLua: `apply_request` and
// `apply_reply`, whose signed content describes the buffers and holds their digest.
//
//   request   a TaskEntry for each task, the head, strings that go with it, the arguments of all
//             tasks, strings that go with those
//   reply     a ResultEntry for each task with its bytes, large results
//
// Arguments and results are CBOR; the entries are little-endian, as in memory.

/// The signed part of a request.
struct TaskHeading {
    /// The version of these messages.
    static let version = 3

    var call: Int
    var form: Call.Form
    /// The number of the first task.
    var first: Int
    var count: Int
    var options: CallOptions
    /// The place of the head; nil: the engine has it.
    var head: Place?
    /// The place of the arguments.
    var payload: Place
    /// The client's process, if it is on the engine's machine and can map memory of the engine.
    var neighbour: Int?
    var digest: String

    /// The place of some bytes and of the strings that go with them.
    enum Place {
        /// A number of the message's buffers, in turn.
        case buffers(Int)
        /// Memory of a process on this machine: its descriptor there, the number of its content, the
        /// length of each string, and of the bytes that follow them.
        case memory(process: Int, descriptor: Int, number: Int, lengths: [Int])

        var json: JSON {
            switch self {
            case .buffers(let count): .integer(count)
            case .memory(let process, let descriptor, let number, let lengths):
                [
                    "process": .integer(process), "descriptor": .integer(descriptor),
                    "number": .integer(number), "lengths": .array(lengths.map { .integer($0) }),
                ]
            }
        }

        init?(_ json: JSON) throws(Refusal) {
            if json.isNull { return nil }
            if let count = json.int, count > 0, count < 1 << 20 {
                self = .buffers(count)
                return
            }
            let lengths = (json["lengths"].array ?? []).compactMap(\.int)
            guard let process = json["process"].int, process > 0,
                let descriptor = json["descriptor"].int, descriptor >= 0,
                let number = json["number"].int, number > 0, !lengths.isEmpty,
                lengths.allSatisfy({ (0..<(1 << 44)).contains($0) })
            else { throw .malformed }
            self = .memory(
                process: process, descriptor: descriptor, number: number, lengths: lengths)
        }
    }

    var content: JSON {
        var members: [JSON.Member] = []
        func add(_ name: String, _ value: JSON) { members.append((name, value)) }
        add("lang", "lua")
        add("v", .integer(Self.version))
        add("lua", .string(LuaRelease.name))
        add("job", .integer(call))
        add("call", .integer(Int(form.rawValue)))
        add("first", .integer(first))
        add("count", .integer(count))
        add("timeout", JSON(options.seconds))
        add("retries", .integer(options.retries))
        add("on_error", .string(options.onError.rawValue))
        if let modules = options.modules {
            add("path", .string(modules.path))
            add("client", .string(modules.client))
        }
        if let head { add("head", head.json) }
        add("payload", payload.json)
        if let neighbour { add("shares", .integer(neighbour)) }
        add("digest", .string(digest))
        return .object(members)
    }

    /// - Throws: ``Refusal`` for another version or release of Lua, and for malformed content.
    init(_ content: JSON) throws(Refusal) {
        guard content["v"].int == Self.version else {
            let version = content["v"].int.map { "\($0)" } ?? "an unknown version"
            throw Refusal(
                .otherVersion,
                "uses version \(Self.version) of the protocol and the client \(version); install "
                    + "the same release of vtlua on both")
        }
        guard content["lua"].string == LuaRelease.name else {
            throw Refusal(
                .otherVersion,
                "runs \(LuaRelease.name) and the client \(content["lua"].string ?? "another one"); "
                    + "install the same release of Lua on both")
        }
        guard let call = content["job"].int, let number = content["call"].int,
            let form = UInt8(exactly: number).flatMap({ Call.Form(rawValue: $0) }),
            let first = content["first"].int, first >= 0, first < 1 << 50,
            let count = content["count"].int, count > 0, count < 1 << 24,
            let digest = content["digest"].string, let payload = try Place(content["payload"])
        else { throw .malformed }
        self.call = call
        self.form = form
        self.first = first
        self.count = count
        self.payload = payload
        self.digest = digest
        head = try Place(content["head"])
        neighbour = content["shares"].int.flatMap { (2..<(1 << 30)).contains($0) ? $0 : nil }
        options = CallOptions()
        // Bounded, so that it can be added to the time.
        options.seconds = content["timeout"].double.map { min(max(0, $0), 1e9) }
        options.retries = min(max(0, content["retries"].int ?? 0), 65_000)
        options.onError =
            content["on_error"].string.flatMap(CallOptions.OnError.init(rawValue:)) ?? .stop
        if let client = content["client"].string {
            options.modules = ModuleSource(path: content["path"].string ?? "", client: client)
        }
    }

    init(
        call: Int, form: Call.Form, first: Int, count: Int, options: CallOptions,
        head: Place?, payload: Place, neighbour: Int? = nil, digest: String
    ) {
        self.call = call
        self.form = form
        self.first = first
        self.count = count
        self.options = options
        self.head = head
        self.payload = payload
        self.neighbour = neighbour
        self.digest = digest
    }
}

/// The reason why an engine refuses a request.
struct Refusal: Error {
    enum Kind: String {
        /// The request cannot be repeated.
        case refused = "RefusedError"
        /// The call's function must be sent again.
        case unknownCall = "UnknownJob"
        /// The client's memory cannot be mapped: the bytes must be sent.
        case unreachableMemory = "UnreachableMemory"
        /// The engine and the client are of different releases.
        case otherVersion = "VersionError"
        /// The engine has left the cluster. It has not begun the request.
        case left = "EngineLeft"

        /// The reason in an engine's reply. Engines of earlier releases give only a text for
        /// different releases.
        init?(_ content: JSON) {
            guard let name = content["ename"].string, let kind = Kind(rawValue: name) else {
                return nil
            }
            let text = content["evalue"].string ?? ""
            let isOlder =
                text.hasPrefix("the client uses another version of the protocol")
                || text.hasSuffix("functions do not travel between releases of Lua")
            self = kind == .refused && isOlder ? .otherVersion : kind
        }
    }

    var kind = Kind.refused
    var message: String

    static let malformed = Refusal("the request is malformed")

    init(_ message: String) { self.message = message }
    init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
    init(_ kind: Kind) {
        self.kind = kind
        message = kind.rawValue
    }
}
