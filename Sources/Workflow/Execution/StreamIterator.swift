// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge

/// The items of a stream as a script gives them: a function or another value that can be called, which
/// returns the next item and nil at the end; a coroutine, which yields them; or a list.
final class StreamIterator {
    private enum Source {
        case function(LuaReference)
        case coroutine(LuaCoroutine)
        case list(LuaReference, next: Int)
    }

    /// Nil after the last item.
    private var source: Source?
    /// The number of items that were pushed.
    private(set) var count = 0

    /// True after the last item, and for an iterator that was closed.
    var hasEnded: Bool { source == nil }

    /// Takes the value at `index`.
    init(at index: Int, _ lua: borrowing Lua) throws {
        switch lua.type(at: index) {
        case .thread: source = try lua.coroutine(at: index).map(Source.coroutine)
        case .table where try !lua.isCallable(at: index):
            source = .list(try lua.reference(at: index), next: 1)
        default: source = .function(try lua.reference(at: index))
        }
    }

    /// Pushes the next item; nil at the end.
    func pushNext(_ lua: borrowing Lua) throws {
        switch source {
        case .function(let function):
            try lua.push(function)
            try lua.call(arguments: 0, results: 1)
        case .coroutine(let coroutine):
            let values: Int
            let outcome: LuaCoroutine.Outcome
            do {
                outcome = try coroutine.resume(lua)
            } catch {
                source = nil
                // Close its `<close>` variables. Closing gives the same error again.
                try? coroutine.close(lua)
                throw error
            }
            switch outcome {
            case .suspended(let count): values = count
            case .finished(let count):
                values = count
                // A value that the function returns is the last item, as with `coroutine.wrap`.
                source = nil
            }
            if values == 0 { try lua.pushNil() } else { lua.pop(values - 1) }
        case .list(let list, let next):
            try lua.push(list)
            try lua.pushRawElement(next, of: -1)
            lua.remove(at: -2)
            source = .list(list, next: next + 1)
        case nil: return try lua.pushNil()
        }
        if lua.isNil(at: -1) {
            if case .coroutine? = source { try close(lua) }
            source = nil
        } else {
            count += 1
        }
    }

    /// Forgets the values of the script.
    func release() { source = nil }

    /// Releases what the iterator holds: closes its coroutine, also that of a function made with
    /// `coroutine.wrap`, or calls its method `close` or its metamethod `__close`.
    func close(_ lua: borrowing Lua) throws {
        guard let source else { return }
        self.source = nil
        switch source {
        case .coroutine(let coroutine): try coroutine.close(lua)
        case .list: return
        case .function(let function):
            let base = lua.top
            defer { lua.pop(lua.top - base) }
            try lua.push(function)
            if lua.type(at: -1) == .function {
                if let coroutine = try lua.coroutine(at: -1) { try coroutine.close(lua) }
                return
            }
            guard try lua.pushMetatable(of: base + 1) else { return }
            guard lua.type(at: -1) == .table else { return }
            try lua.pushRawField("__close", of: -1)
            if lua.isNil(at: -1), lua.type(at: base + 1) == .table {
                lua.pop()
                try lua.pushField("close", of: base + 1)
            }
            guard lua.type(at: -1) == .function else { return }
            try lua.pushValue(at: base + 1)
            try lua.call(arguments: 1, results: 0)
        }
    }
}

@available(*, unavailable)
extension StreamIterator: Sendable {}

extension Lua {
    /// True if the table or userdata at `index` can be called.
    fileprivate func isCallable(at index: Int) throws -> Bool {
        guard try pushMetatable(of: index) else { return false }
        defer { pop() }
        guard type(at: -1) == .table else { return false }
        try pushRawField("__call", of: -1)
        defer { pop() }
        return !isNil(at: -1)
    }
}
