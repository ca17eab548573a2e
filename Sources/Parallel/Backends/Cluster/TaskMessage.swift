// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import VTJupyter
internal import VTLuaBridge
internal import VTShipping
internal import VTSystem

// What a client and an engine of ours say to each other about tasks: `apply_request` and
// `apply_reply` whose signed content describes the buffers, and holds their digest.
//
//   request   a TaskEntry for each task, the head, strings that go with it, the arguments of all
//             tasks, strings that go with those
//   reply     a ResultEntry for each task with what belongs to it, results of their own
//
// Arguments and results are CBOR; the entries are little-endian, as in memory.

/// The signed part of a request.
struct TaskHeading {
    /// The form of these messages.
    static let version = 1

    var call: Int
    var form: Call.Form
    /// The number of the first task.
    var first: Int
    var count: Int
    var options: CallOptions
    /// Where the head is; nil: the engine has it.
    var head: Place?
    /// Where the arguments are.
    var payload: Place
    var digest: String

    /// Where some bytes are, with the strings that go with them.
    enum Place {
        /// So many of the message's buffers, in turn.
        case buffers(Int)
        /// Memory on the client's machine, as a descriptor of its process: how long each string is,
        /// and the bytes behind them.
        case memory(process: Int, descriptor: Int, lengths: [Int])

        fileprivate var json: JSON {
            switch self {
            case .buffers(let count): .integer(count)
            case .memory(let process, let descriptor, let lengths):
                [
                    "process": .integer(process), "descriptor": .integer(descriptor),
                    "lengths": .array(lengths.map { .integer($0) }),
                ]
            }
        }

        fileprivate init?(_ json: JSON) throws(Refusal) {
            if json.isNull { return nil }
            if let count = json.int, count > 0, count < 1 << 20 {
                self = .buffers(count)
                return
            }
            let lengths = (json["lengths"].array ?? []).compactMap(\.int)
            guard let process = json["process"].int, process > 0,
                let descriptor = json["descriptor"].int, descriptor >= 0, !lengths.isEmpty,
                lengths.allSatisfy({ (0..<(1 << 44)).contains($0) })
            else { throw .senseless }
            self = .memory(process: process, descriptor: descriptor, lengths: lengths)
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
        add("timeout", JSON(options.timeout))
        add("retries", .integer(options.retries))
        add("on_error", .string(options.onError.rawValue))
        if let modules = options.modules {
            add("path", .string(modules.path))
            add("client", .string(modules.client))
        }
        if let head { add("head", head.json) }
        add("payload", payload.json)
        add("digest", .string(digest))
        return .object(members)
    }

    /// - Throws: ``Refusal`` for what is not for this program, and for what makes no sense.
    init(_ content: JSON) throws(Refusal) {
        guard content["v"].int == Self.version else {
            throw Refusal("the client speaks another version of the protocol; update one of both")
        }
        guard content["lua"].string == LuaRelease.name else {
            throw Refusal(
                "the engine runs \(LuaRelease.name) and the client "
                    + "\(content["lua"].string ?? "another one"); functions do not travel between "
                    + "releases of Lua")
        }
        guard let call = content["job"].int, let number = content["call"].int,
            let form = UInt8(exactly: number).flatMap({ Call.Form(rawValue: $0) }),
            let first = content["first"].int, first >= 0, first < 1 << 50,
            let count = content["count"].int, count > 0, count < 1 << 24,
            let digest = content["digest"].string, let payload = try Place(content["payload"])
        else { throw .senseless }
        self.call = call
        self.form = form
        self.first = first
        self.count = count
        self.payload = payload
        self.digest = digest
        head = try Place(content["head"])
        options = CallOptions()
        // A clock has to count to it.
        options.timeout = content["timeout"].double.map { min(max(0, $0), 1e9) }
        options.retries = min(max(0, content["retries"].int ?? 0), 65_000)
        options.onError =
            content["on_error"].string.flatMap(CallOptions.OnError.init(rawValue:)) ?? .stop
        if let client = content["client"].string {
            options.modules = ModuleSource(path: content["path"].string ?? "", client: client)
        }
    }

    init(
        call: Int, form: Call.Form, first: Int, count: Int, options: CallOptions,
        head: Place?, payload: Place, digest: String
    ) {
        self.call = call
        self.form = form
        self.first = first
        self.count = count
        self.options = options
        self.head = head
        self.payload = payload
        self.digest = digest
    }
}

/// Why an engine does not take a request.
struct Refusal: Error {
    enum Kind: String {
        /// Nothing will help.
        case refused = "RefusedError"
        /// The call's function has to be sent again.
        case unknownCall = "UnknownJob"
        /// The client's memory cannot be reached from here: send the bytes.
        case unreachableMemory = "UnreachableMemory"
    }

    var kind = Kind.refused
    var message: String

    static let senseless = Refusal("the request makes no sense")

    init(_ message: String) { self.message = message }
    init(_ kind: Kind) {
        self.kind = kind
        message = kind.rawValue
    }
}

// MARK: - Results

/// Puts the results of a batch together as buffers of a reply.
struct ResultBuffers {
    private var entries = ResultEntries()
    private var more: [OutgoingBuffer] = []

    /// Results of this size are buffers of their own.
    private static let large = 32 << 10

    init(_ batch: TaskBatch) {
        for index in 0..<batch.count { add(batch, index) }
    }

    var buffers: [OutgoingBuffer] { [.bytes(entries.writer.bytes)] + more }

    private mutating func add(_ batch: TaskBatch, _ index: Int) {
        guard batch.state(index) == VTP_DONE, let shipment = batch.result(index)?.shipment else {
            return entries.add(batch, index, shipment: nil)
        }
        if shipment.count < Self.large, !shipment.hasReferences {
            shipment.withBytes { entries.add(batch, index, shipment: $0) }
        } else {
            entries.add(batch, index, shipment: nil, pieces: addLarge(shipment))
        }
    }

    /// The bytes as one buffer, each string that goes with them as another.
    ///
    /// - Returns: how many buffers.
    private mutating func addLarge(_ shipment: Shipment) -> Int {
        let lengths = shipment.sharedStringLengths
        more.append(shipment.outgoing(0..<shipment.count))
        for number in lengths.indices { more.append(.bytes(shipment.copyOfLoan(number))) }
        return 1 + lengths.count
    }
}

extension TaskBatch {
    /// Takes the results of some tasks from the buffers of a reply.
    ///
    /// - Parameter giveBack: is told of tasks that were not run, and their attempts so far.
    /// - Returns: how many have ended.
    /// - Throws: `ByteReader.Damaged`.
    func takeResults(
        _ buffers: [Part], of range: Range<Int>, worker: Int, giveBack: (Int, UInt32) -> Void
    ) throws -> Int {
        var ended = 0
        guard let first = buffers.first else { throw ByteReader.Damaged() }
        var reader = ResultReader(first.bytes)
        var next = 1
        var counters = CallCounters(call)
        defer { counters.count() }
        for index in range {
            let result = try reader.next()
            var long: Shipment?
            if result.entry.isInMemory > 0 {
                let end = next + Int(result.entry.isInMemory)
                guard end <= buffers.count else { throw ByteReader.Damaged() }
                long = Shipment(buffers[next], sharedStrings: buffers[(next + 1)..<end])
                next = end
            }
            guard result.entry.state != VTP_WAITING.rawValue else {
                giveBack(index, result.entry.attempts)
                continue
            }
            ended += 1
            try end(index, result, long: long, worker: worker, &counters)
        }
        return ended
    }
}

extension Shipment {
    /// Some of its bytes, to be sent from where they are.
    func outgoing(_ range: Range<Int>) -> OutgoingBuffer {
        withBytes { bytes in
            // They stay there as long as the shipment.
            .lent(.init(owner: self, bytes: UnsafeRawBufferPointer(rebasing: bytes[range])))
        }
    }

    /// A string that goes with it; empty when it is gone.
    func copyOfLoan(_ number: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: sharedStringLengths[number]) { buffer, count in
            if let base = buffer.baseAddress, copySharedString(number, to: base) {
                count = buffer.count
            }
        }
    }

    /// The bytes of a received part, with the strings that go with them.
    convenience init(_ part: Part, sharedStrings: ArraySlice<Part> = []) {
        self.init(
            copying: part.bytes, sharedStrings: sharedStrings.map(\.bytes),
            owner: Array(sharedStrings))
    }
}
