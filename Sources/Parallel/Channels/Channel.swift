// SPDX-License-Identifier: BSD-3-Clause

internal import CVTParallel
internal import Synchronization
package import VTLuaBridge
internal import VTShipping
internal import VTSystem

/// A queue of values between threads of this process.
///
/// A value that is sent is encoded once; each receiver gets a copy.
package final class Channel: ShippingReference {
    private struct State {
        var waiting: Deque<Shipment> = []
        var isClosed = false
        /// The events of threads that wait for several channels, in `select`.
        var completions: [(key: ObjectIdentifier, completion: CompletionEvent)] = []
    }

    /// The largest number of values that wait; a `send` beyond it waits for a `recv`.
    package let capacity: Int
    private let state = Monitor(State())

    /// An empty channel.
    package init(capacity: Int) {
        self.capacity = capacity
        Self.any.store(true, ordering: .relaxed)
    }

    /// True if there has been a channel in this process.
    static var exist: Bool { any.load(ordering: .relaxed) }
    private static let any = Atomic<Bool>(false)

    /// The end of an operation that waits.
    package enum Outcome { case done, closed, timeout }

    /// The longest wait without a check for cancellation, in nanoseconds.
    private static let slice = Clock.second / 50

    /// Waits until `body`, which is called under the lock, returns a value; nil when the timeout
    /// comes first.
    private func wait<R>(
        _ timeout: Double?, _ lua: borrowing Lua, _ body: (inout State) -> R?
    ) throws -> R? {
        let deadline = Clock.deadline(in: timeout)
        while true {
            let limit = min(deadline, Clock.now + Self.slice)
            if let result = state.wait(until: limit, body) { return result }
            try lua.checkCancellation()
            if Clock.now >= deadline { return nil }
        }
    }

    /// Sends the value at `index`, and waits at most `timeout` seconds for room.
    package func send(
        _ lua: borrowing Lua, at index: Int, timeout: Double?
    ) throws -> Outcome {
        let shipment = try ship(lua, at: index)
        let outcome = try wait(timeout, lua) { state -> Outcome? in
            if state.isClosed { return .closed }
            guard state.waiting.count < capacity else { return nil }
            state.waiting.append(shipment)
            return .done
        }
        wake()
        return outcome ?? .timeout
    }

    private func ship(_ lua: borrowing Lua, at index: Int) throws -> Shipment {
        // Not by reference: the sender may end before the value is received.
        let encoder = ShippingEncoder([.functions, .references])
        defer { encoder.copyOutSharedStrings() }
        do {
            try encoder.encode(lua, at: index)
        } catch let refusal as ShippingRefusal {
            throw lua.refused(refusal, sending: "the value")
        }
        return encoder.ship()
    }

    /// Waits at most `timeout` seconds for the next value, and pushes it if the outcome is `done`.
    package func receive(_ lua: borrowing Lua, timeout: Double?) throws -> Outcome {
        let found = try wait(timeout, lua) { state -> Shipment?? in
            if !state.waiting.isEmpty { return .some(state.waiting.removeFirst()) }
            return state.isClosed ? .some(nil) : nil
        }
        guard let found else { return .timeout }
        guard let shipment = found else { return .closed }
        wake()
        try Self.push(shipment, lua)
        return .done
    }

    private static func push(_ shipment: Shipment, _ lua: borrowing Lua) throws {
        var position = 0
        try ShippingDecoder(trustsCode: true).decode(shipment, at: &position, lua)
    }

    private func wake() {
        let completions = state.withLock { $0.completions }
        state.notifyAll()
        for (_, completion) in completions { completion.signal() }
    }

    /// Closes the channel: nothing more can be sent; values that wait can still be received.
    package func close() {
        state.withLock { $0.isClosed = true }
        wake()
    }

    /// The number of values that wait.
    package var length: Int { state.withLock { $0.waiting.count } }
    package var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Signals the event at each change, until ``end(_:)``.
    func begin(_ completion: CompletionEvent) {
        state.withLock { $0.completions.append((ObjectIdentifier(completion), completion)) }
    }

    func end(_ completion: CompletionEvent) {
        let key = ObjectIdentifier(completion)
        state.withLock { state in
            if let position = state.completions.lastIndex(where: { $0.key == key }) {
                state.completions.remove(at: position)
            }
        }
    }

    private enum Taken {
        case value(Shipment), closed
    }

    private func takeNow() -> Taken? {
        state.withLock { state in
            if !state.waiting.isEmpty { return .value(state.waiting.removeFirst()) }
            return state.isClosed ? .closed : nil
        }
    }

    /// `parallel.select`: waits until one of the channels has a value, or all are closed. Pushes
    /// the value, and returns the position of its channel.
    package static func select(
        _ channels: [Channel], timeout: Double?, completion: CompletionEvent, _ lua: borrowing Lua
    ) throws -> (outcome: Outcome, position: Int) {
        for channel in channels { channel.begin(completion) }
        defer { for channel in channels { channel.end(completion) } }
        var found: (Shipment?, Int)?
        func look() -> Bool {
            var closed = 0
            for (position, channel) in channels.enumerated() {
                switch channel.takeNow() {
                case .value(let shipment):
                    found = (shipment, position)
                    return true
                case .closed: closed += 1
                case nil: continue
                }
            }
            if closed == channels.count { found = (nil, 0) }
            return found != nil
        }
        _ = try completion.wait(
            until: Clock.deadline(in: timeout), lua, isReady: look, prepare: {}, meanwhile: {})
        guard let (shipment, position) = found else { return (.timeout, 0) }
        guard let shipment else { return (.closed, 0) }
        // Not in `look`, which runs under the lock of the event that this signals.
        channels[position].wake()
        try push(shipment, lua)
        return (.done, position)
    }
}

extension Channel {
    /// The class of the object in Lua.
    package static let luaClass = LuaClass<Channel>("parallel.channel") { type in
        type.rawMethod("send") { lua, channel in
            guard !lua.isNil(at: 2) else {
                throw lua.argumentError(2, "nil cannot be sent; close() marks the end")
            }
            let timeout = try lua.argument(3, as: Double?.self)
            return try lua.pushOutcome(try channel.send(lua, at: 2, timeout: timeout)) {
                try lua.push(true)
            }
        }
        type.rawMethod("recv") { lua, channel in
            let timeout = try lua.argument(2, as: Double?.self)
            if let suspended = try channel.suspend(lua, timeout: timeout) { return suspended }
            return try lua.pushOutcome(try channel.receive(lua, timeout: timeout)) {}
        }
        type.rawMethod("iter") { lua, channel in
            try lua.push { lua in
                if let suspended = try channel.suspend(lua, timeout: nil) { return suspended }
                return try lua.pushOutcome(try channel.receive(lua, timeout: nil)) {}
            }
            return 1
        }
        type.method("close") { channel in
            channel.close()
            return true
        }
        type.property("capacity") { $0.capacity }
        type.property("closed") { $0.isClosed }
        type.operator(.length) { (channel: Channel) in channel.length }
        type.rawOperator(.close) { _, channel in
            channel.close()
            return 0
        }
        type.operator(.string) { (channel: Channel) in
            "parallel.channel (\(channel.length) of \(channel.capacity))"
        }
    }

    /// Pushes the channel: in each state the same object, so that it is equal to itself after it has
    /// travelled.
    package func push(onto lua: borrowing Lua) throws(LuaError) {
        try lua.pushUnique(self, as: Self.luaClass)
    }
}

extension Channel: LuaReadable {
    package static func read(from lua: borrowing Lua, at index: Int) throws(LuaError) -> Channel {
        try lua.read(luaClass, at: index)
    }
}

extension Lua {
    /// Pushes the value of an operation, or nil and the outcome.
    fileprivate func pushOutcome(
        _ outcome: Channel.Outcome, _ push: () throws -> Void
    ) throws -> LuaReturn {
        switch outcome {
        case .done:
            try push()
            return 1
        case .closed, .timeout:
            try pushNil()
            try self.push("\(outcome)")
            return 2
        }
    }
}
