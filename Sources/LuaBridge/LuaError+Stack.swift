// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

// How errors cross the border. Lua to Swift: the value on top becomes a LuaError, or the Swift
// error that it carries. Swift to Lua: a LuaError becomes the value it stands for, any other
// error an object that prints as its description.

/// A Swift error on its way through Lua.
final class CarriedError {
    let error: any Error
    init(_ error: any Error) { self.error = error }

    /// The address that its metatable is registered under.
    static let key = TypeKey()
}

/// An address that a metatable is registered under. Whoever owns it has to outlive the states
/// that know it, for the next owner may get the same address.
final class TypeKey: Sendable {
    // The object is never looked into through this: only its address matters.
    var address: UnsafeRawPointer { UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque()) }
}

// MARK: - From Lua

extension Lua {
    /// Takes the error value from the stack; a Swift error that Lua carried comes out itself.
    @usableFromInline
    package func takeAnyError(_ status: Int32) -> any Error {
        if status != VTL_ERRSTACK, vtl_stopped() == VTL_RUNNING, lua_checkstack(L, 2) != 0,
            let carried = vtl_toobject(L, -1, CarriedError.key.address)
        {
            let error = Unmanaged<CarriedError>.fromOpaque(carried).takeUnretainedValue().error
            vtl_trace_clear(L)
            pop()
            return error
        }
        // An error that is an object of a class comes out as itself, too.
        if status != VTL_ERRSTACK, vtl_stopped() == VTL_RUNNING, type(at: -1) == .userdata,
            let error = hostObject(at: -1) as? any Error
        {
            vtl_trace_clear(L)
            pop()
            return error
        }
        return takeError(status)
    }

    /// Takes the error value from the stack as a ``LuaError``.
    func takeError(_ status: Int32) -> LuaError {
        if status == VTL_ERRSTACK { return .stackOverflow }
        if let error = takeRethrown(status) { return error }
        var error = LuaError(code(of: status), "")
        // Taken before anything else runs, for a later error replaces both.
        (error.traceback, error.skippedFrames) = takeTraceback()
        defer { pop() }
        switch error.code {
        case .memory:
            error.message = "not enough memory"
            error.value = .string(LuaBytes(error.message))
        case .cancelled, .timedOut:
            error.message = error.code == .cancelled ? "cancelled" : "timed out"
            error.value = .string(LuaBytes(error.message))
        default:
            error.value = LuaValue(lua: self, at: -1)
            error.message = describeError(at: -1)
        }
        if lua_checkstack(L, 2) != 0 { error.ticket = vtl_error_keep(L) }
        return error
    }

    /// The error that a Swift function threw last, if it is what comes out of Lua again: with
    /// its code, and the frames of the place where it happened.
    private func takeRethrown(_ status: Int32) -> LuaError? {
        let core = core
        guard var error = core.rethrown else { return nil }
        core.rethrown = nil
        guard status != LUA_ERRMEM, vtl_stopped() == VTL_RUNNING, lua_checkstack(L, 2) != 0,
            vtl_error_kept(L, error.ticket)
        else { return nil }
        let (frames, skipped) = takeTraceback()
        if error.traceback.isEmpty {
            (error.traceback, error.skippedFrames) = (frames, skipped)
        }
        pop()
        return error
    }

    private func code(of status: Int32) -> LuaError.Code {
        switch vtl_stopped() {
        case VTL_CANCELLED: return .cancelled
        case VTL_DEADLINE: return .timedOut
        default: break
        }
        return switch status {
        case LUA_ERRSYNTAX: .syntax
        case LUA_ERRMEM: .memory
        case LUA_ERRERR: .errorInHandler
        case LUA_ERRERR + 1: .file
        default: .runtime
        }
    }

    private func describeError(at index: Int) -> String {
        let plain = "(error object is a \(type(at: index).name) value)"
        let status = vtl_describe_error(L, Int32(index))
        if status == VTL_ERRSTACK { return plain }
        defer { pop() }
        return status == LUA_OK ? text(at: -1) ?? plain : plain
    }

    private func takeTraceback() -> ([LuaFrame], Int) {
        var frames: UnsafePointer<vtl_frame>?
        var skipped: Int32 = 0
        let count = Int(vtl_trace(L, &frames, &skipped))
        defer { vtl_trace_clear(L) }
        guard let frames, count > 0 else { return ([], 0) }
        return ((0..<count).map { LuaFrame(frames + $0) }, Int(skipped))
    }
}

extension LuaFrame {
    init(_ frame: UnsafePointer<vtl_frame>) {
        func text<T>(_ field: KeyPath<vtl_frame, T>) -> String {
            withUnsafeBytes(of: frame.pointee[keyPath: field]) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
        }
        kind =
            switch UInt8(bitPattern: frame.pointee.what) {
            case UInt8(ascii: "C"): .swiftOrC
            case UInt8(ascii: "m"): .main
            case UInt8(ascii: "t"): .tailCall
            default: .lua
            }
        source = text(\.source)
        shortSource = text(\.short_source)
        let name = text(\.name)
        self.name = name.isEmpty ? nil : name
        nameKind = text(\.kind)
        line = frame.pointee.line > 0 ? Int(frame.pointee.line) : nil
        lineDefined = Int(frame.pointee.line_defined)
    }
}

// MARK: - To Lua

extension Lua {
    /// Leaves the value that stands for `error` on top, whatever it takes.
    package func pushError(_ error: any Error) {
        do {
            try pushErrorValue(error)
        } catch {
            // Not even room for the error: the function is over anyway, so is its stack.
            lua_settop(L, 0)
            if vtl_pushbytes(L, "not enough memory", 17) == VTL_ERRSTACK { lua_pushnil(L) }
            var refused = error
            refused.ticket = vtl_error_keep(L)
            core.rethrown = refused
        }
    }

    private func pushErrorValue(_ error: any Error) throws(LuaError) {
        try reserve(2)
        if let error = error as? LuaError { return try pushThrown(error) }
        // An error with a class of its own is that object.
        if let object = error as? any LuaObject { return try object.push(onto: self) }
        try pushObject(CarriedError(error), key: CarriedError.key, name: "error") {
            lua throws(LuaError) in
            try lua.pushConfined { lua in
                let carried = lua.object(CarriedError.self, at: 1, key: CarriedError.key)
                try lua.push(carried.map { "\($0.error)" } ?? "error")
                return 1
            }
            try lua.setRawField("__tostring", of: -2)
        }
    }

    /// The very value that Lua threw while it is known, else the one that stands for it.
    private func pushThrown(_ error: LuaError) throws(LuaError) {
        var error = error
        // What a stop raised says what it says while the stop lasts only.
        let lasting = error.code != .cancelled && error.code != .timedOut
        if !(lasting && error.ticket != 0 && vtl_error_push(L, error.ticket)) {
            try error.value.push(onto: self)
            try reserve(2)
            error.ticket = vtl_error_keep(L)
        }
        core.rethrown = error
    }

    /// An error with `message` and the position of the function at `level` in front, as
    /// `error(message, level)` makes it.
    public func error(_ message: String, level: Int = 1) -> LuaError {
        guard (try? pushWhere(level: level)) != nil else { return LuaError(.runtime, message) }
        defer { pop() }
        return LuaError(.runtime, (text(at: -1) ?? "") + message)
    }
}
