// SPDX-License-Identifier: BSD-3-Clause

internal import VTLuaBridge
internal import VTSystem

extension Lua {
    /// Compiles code of a session, with the bytes that the user gave, and pushes its function.
    func load(source code: String, name: String) throws(LuaError) {
        let bytes = code.sourceBytes
        var result: Result<Void, LuaError> = .success(())
        bytes.withUnsafeBytes { bytes in
            do throws(LuaError) {
                try load(bytes: bytes, name: name)
            } catch {
                result = .failure(error)
            }
        }
        try result.get()
    }
}
