// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem
internal import VTWorkflow

// The functions of `vt` by which the library reaches the module that computes.

extension Lua {
    /// Adds the functions to the table `vt` on top.
    ///
    /// - Parameters:
    ///   - current: returns the module that computes; nil if there is none.
    ///   - log: adds text to what the module has printed; false where no module computes.
    func addModuleFunctions(
        _ current: @escaping () -> ModuleContext?,
        log: @escaping (UnsafeRawBufferPointer, borrowing Lua) -> Bool
    ) throws {
        try pushConfined { lua in
            let isLogged = lua.withBytes(at: 1) { log($0, lua) } ?? false
            try lua.push(isLogged)
            return 1
        }
        try setRawField("_log", of: -2)
        guard libraries.contains(.io) else { return }
        // The scratch directory of the module that computes; without one nil, or with the argument true a
        // directory that the caller must remove.
        try pushConfined { lua in
            if let context = current() {
                try lua.push(try context.scratch())
                return 1
            }
            guard lua.truth(at: 1) else { return 0 }
            let base = Leftovers.temporaryDirectory
            do {
                try lua.push(try Leftovers.makeScratch(in: base))
            } catch let error as SystemError {
                throw lua.error("cannot create a directory in '\(base)': \(error.reason)")
            }
            return 1
        }
        try setRawField("_scratch", of: -2)
        // A new directory for files without a path from the user, which the caller removes, and the
        // directory that has the finished ones.
        try pushConfined { lua in
            let base = current()?.filesDirectory ?? ".vtlua/files"
            do {
                try Directory.make(base)
                Leftovers.removeScratchOnce(in: base)
                try lua.push(try Leftovers.makeScratch(in: base))
            } catch let error as SystemError {
                throw lua.error("cannot create a directory in '\(base)': \(error.reason)")
            }
            try lua.push(base)
            return 2
        }
        try setRawField("_files", of: -2)
    }

    /// Pushes the table of functions that the libraries `process` and `files` are built on. It is a loaded
    /// module, so that its functions have names.
    func pushSystem() throws -> LuaReturn {
        let name = "vt.system"
        try pushLoadedModules()
        try pushRawField(name, of: -1)
        guard isNil(at: -1) else { return 1 }
        pop()
        try pushSystemOpener()
        try call(arguments: 0, results: 1)
        if !libraries.contains(.os) {
            try refuse("process", as: "start", because: LuaLibraries.noPrograms)
        }
        try pushValue(at: -1)
        try setRawField(name, of: -3)
        try acceptEnvironment("loaded", name)
        try noteLoaded(name)
        return 1
    }

    /// Calls a function of a module of the library with the arguments of the current one.
    func callLibrary(_ module: String, _ function: String) throws -> LuaReturn {
        let arguments = top
        try StandardLibrary.pushModule(module, self)
        try pushRawField(function, of: -1)
        remove(at: -2)
        insert(at: 1)
        try call(arguments: arguments, results: nil)
        return .values(top)
    }
}
