// SPDX-License-Identifier: BSD-3-Clause

internal import CVTLua
internal import CVTLuaGuard

// Inspection for prompts and debuggers: frames, local variables, parameters, upvalues, members.

extension Lua {
    /// The number of active functions.
    package var depth: Int {
        var record = lua_Debug()
        var low: Int32 = 0
        var high: Int32 = 1
        while lua_getstack(L, high, &record) != 0 {
            low = high
            high *= 2
        }
        while low < high {
            let middle = low + (high - low) / 2
            if lua_getstack(L, middle, &record) != 0 { low = middle + 1 } else { high = middle }
        }
        return lua_getstack(L, 0, &record) != 0 ? Int(low) : 0
    }

    /// Makes the upvalue `first` of the function at `index` refer to the upvalue `second` of the
    /// function at `other`. Without effect unless both are Lua functions with such upvalues.
    package func joinUpvalue(_ first: Int, of index: Int, to second: Int, of other: Int) {
        guard lua_upvalueid(L, Int32(index), Int32(first)) != nil,
            lua_upvalueid(L, Int32(other), Int32(second)) != nil,
            lua_iscfunction(L, Int32(index)) == 0, lua_iscfunction(L, Int32(other)) == 0
        else { return }
        lua_upvaluejoin(L, Int32(index), Int32(first), Int32(other), Int32(second))
    }

    /// The names of a Lua function's parameters, and whether `...` follows; nil for C functions and
    /// other values.
    package func parameters(at index: Int) throws(LuaError) -> (names: [String], isVariadic: Bool)?
    {
        guard type(at: index) == .function, lua_iscfunction(L, Int32(index)) == 0 else {
            return nil
        }
        try reserve(2)
        var record = lua_Debug()
        lua_pushvalue(L, Int32(index))
        guard lua_getinfo(L, ">u", &record) != 0 else { return nil }
        lua_pushvalue(L, Int32(index))
        defer { pop() }
        var names: [String] = []
        for position in 0..<Int32(record.nparams) {
            guard let name = lua_getlocal(L, nil, position + 1) else { break }
            names.append(String(cString: name))
        }
        return (names, record.isvararg != 0)
    }

    /// Pushes the local variable with this number of the function at `level` and returns its name;
    /// nil, and nothing pushed, if there is none. Level 0 is the running function.
    package func pushLocal(_ number: Int, level: Int) throws(LuaError) -> String? {
        try reserve(1)
        var record = lua_Debug()
        guard lua_getstack(L, Int32(level), &record) != 0,
            let name = lua_getlocal(L, &record, Int32(number))
        else { return nil }
        return String(cString: name)
    }

    /// Sets the local variable with this number of the function at `level` to the value on top,
    /// which is taken.
    package func setLocal(_ number: Int, level: Int) {
        var record = lua_Debug()
        guard lua_getstack(L, Int32(level), &record) != 0 else { return pop() }
        if lua_setlocal(L, &record, Int32(number)) == nil { pop() }
    }

    /// Pushes the function at `level`; false, and nothing pushed, if there is none.
    package func pushFunction(level: Int) throws(LuaError) -> Bool {
        try reserve(1)
        var record = lua_Debug()
        guard lua_getstack(L, Int32(level), &record) != 0 else { return false }
        return lua_getinfo(L, "f", &record) != 0
    }

    /// The names of the methods and properties of the object at `index`. Runs no code of the
    /// object; empty for values that are not objects of a ``LuaClass``.
    package func memberNames(at index: Int) throws(LuaError) -> (
        methods: [String], properties: [String]
    ) {
        guard vtl_anyobject(L, Int32(index)) != nil, try pushMetatable(of: index) else {
            return ([], [])
        }
        let base = top
        defer { lua_settop(L, Int32(base - 1)) }
        try pushRawField("__index", of: base)
        var lists: [[String]] = []
        for number in 1...2 {
            var names: [String] = []
            if try pushUpvalue(number, of: base + 1) != nil {
                if type(at: -1) == .table {
                    try pushNil()
                    while try next(of: -2) {
                        if let name = string(at: -2) { names.append(name) }
                        pop()
                    }
                }
                pop()
            }
            lists.append(names)
        }
        return (lists[0], lists[1])
    }
}

extension Lua {
    /// Calls `observer` for each error that Lua code does not catch, before the stack is unwound:
    /// the error value is at index 1, and level 1 is the function that failed. The observer must
    /// leave the stack unchanged.
    package func observeErrors(_ observer: ((borrowing Lua) -> Void)?) {
        let core = core
        core.errorObserver = observer
        guard observer != nil else { return vtl_observe_errors(L, nil, nil) }
        vtl_observe_errors(
            L,
            { L, context in
                guard let L, let context else { return }
                Unmanaged<StateCore>.fromOpaque(context).takeUnretainedValue()
                    .errorObserver?(Lua(L))
            }, Unmanaged.passUnretained(core).toOpaque())
    }

    /// Pushes the method of this name of the object at `index`, without running code of the object;
    /// false, and nothing pushed, if it has none.
    package func pushMethod(_ name: String, of index: Int) throws(LuaError) -> Bool {
        guard vtl_anyobject(L, Int32(index)) != nil, try pushMetatable(of: index) else {
            return false
        }
        let base = top
        try pushRawField("__index", of: base)
        if try pushUpvalue(1, of: base + 1) != nil, type(at: -1) == .table {
            try pushRawField(name, of: -1)
            if !isNil(at: -1) {
                replace(at: base)
                lua_settop(L, Int32(base))
                return true
            }
        }
        lua_settop(L, Int32(base - 1))
        return false
    }
}
