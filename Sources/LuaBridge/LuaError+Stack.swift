// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

// Conversions of errors. From Lua to Swift, an error value becomes a LuaError, or the Swift error
// that it contains. From Swift to Lua, a LuaError becomes its value, and any other error an object
// whose __tostring is its description.

/// The object of a Swift error that passes through Lua.
final class CarriedError {
    let error: any Error
    init(_ error: any Error) { self.error = error }

    /// The key of its metatable.
    static let key = TypeKey()
}

/// An address under which a metatable is registered. Its owner must outlive the states that use it:
/// otherwise another key could get the same address.
final class TypeKey: Sendable {
    // The address is never dereferenced.
    var address: UnsafeRawPointer { UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque()) }
}

// MARK: - From Lua

extension Lua {
    /// Takes the error value from the stack, as a ``LuaError`` or as the Swift error that it
    /// contains.
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
        // An object of a class that is a Swift error is returned as that error.
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
        // First, because an error in the code below would replace the traceback.
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

    /// The error that a Swift function threw last, with its code and traceback, if its value is the
    /// error value on top.
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
    /// Pushes the error value for `error`. If there is no room or memory, clears the stack for it.
    package func pushError(_ error: any Error) {
        do {
            try pushErrorValue(error)
        } catch {
            // The function ends with this error, so that its values are not needed any more.
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
        // An error with a LuaClass becomes an object of it.
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

    /// Pushes the same value that Lua code raised while it is kept; otherwise the copy.
    private func pushThrown(_ error: LuaError) throws(LuaError) {
        var error = error
        // The message of a stop's value is valid only while the stop lasts.
        let lasting = error.code != .cancelled && error.code != .timedOut
        if !(lasting && error.ticket != 0 && vtl_error_push(L, error.ticket)) {
            try error.value.push(onto: self)
            try reserve(2)
            error.ticket = vtl_error_keep(L)
        }
        core.rethrown = error
    }

    /// An error with the location of the function at `level` and the message, as of
    /// `error(message, level)`.
    public func error(_ message: String, level: Int = 1) -> LuaError {
        guard (try? pushWhere(level: level)) != nil else { return LuaError(.runtime, message) }
        defer { pop() }
        return LuaError(.runtime, (text(at: -1) ?? "") + message)
    }
}
