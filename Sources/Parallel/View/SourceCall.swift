// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTParallel
internal import VTLuaBridge
internal import VTSystem

/// A call of an iterator. It runs in a coroutine, so that it can wait for a channel while the results
/// of other items are returned: what the caller does with those may be what fills the channel.
struct SourceCall {
    /// The coroutine, and what keeps it.
    private let co: OpaquePointer
    private let thread: LuaReference
    private var waiting: (channel: Channel, deadline: Int64)?

    /// True if an iterator may wait for a channel.
    static var isNeeded: Bool { Channel.exist }

    init(_ lua: borrowing Lua) throws {
        var co: OpaquePointer?
        try lua.check(vtp_source_new(lua.L, &co))
        guard let co else { preconditionFailure("no thread") }
        self.co = co
        thread = try lua.takeReference()
    }

    /// The channel that the call waits for; nil while it does not.
    var channel: Channel? { waiting?.channel }
    /// The time at which the wait ends.
    var deadline: Int64 { waiting?.deadline ?? Clock.never }

    /// Begins the call of the function below the `count` arguments on top, or goes on with the
    /// `count` values on top.
    ///
    /// - Returns: the number of results, which are on top; nil if it waits for a channel.
    private mutating func run(_ count: Int, _ lua: borrowing Lua) throws -> Int? {
        waiting = nil
        var results: Int32 = 0
        let status = vtp_source_resume(lua.L, co, Int32(count), &results)
        switch status {
        case LUA_OK: return Int(results)
        case LUA_YIELD:
            defer { lua.pop(Int(results)) }
            guard results == 2, let channel = lua.object(Channel.luaClass, at: -2) else {
                throw lua.error("attempt to yield across a C-call boundary")
            }
            waiting = (channel, lua.integer(at: -1).map { Int64($0) } ?? Clock.never)
            return nil
        default: throw lua.takeAnyError(status)
        }
    }

    /// Begins the call with the function and its two arguments, which are on top.
    mutating func start(_ lua: borrowing Lua) throws -> Int? {
        try run(2, lua)
    }

    /// Goes on if the channel has a value or is closed, or the time is over.
    mutating func resume(_ lua: borrowing Lua) throws -> Int? {
        guard let waiting else { return nil }
        let outcome = try waiting.channel.receive(lua, timeout: 0)
        switch outcome {
        case .done: return try run(1, lua)
        case .timeout where Clock.now < waiting.deadline: return nil
        case .closed, .timeout:
            try lua.pushNil()
            try lua.push("\(outcome)")
            return try run(2, lua)
        }
    }
}

extension Channel {
    /// Suspends the running iterator of an iteration until the channel has a value, instead of
    /// waiting; nil where the caller is none, or need not wait.
    func suspend(_ lua: borrowing Lua, timeout: Double?) throws -> LuaReturn? {
        guard vtp_source_may_yield(lua.L), length == 0, !isClosed else { return nil }
        try push(onto: lua)
        try lua.push(Int(Clock.deadline(in: timeout)))
        return .yield(2)
    }
}
