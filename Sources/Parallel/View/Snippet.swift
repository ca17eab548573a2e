// SPDX-License-Identifier: BSD-3-Clause

/// Small functions of Lua that a view runs on every worker.
enum Snippet: String {
    case push = "for name, value in pairs((...)) do _G[name] = value end"
    case pull = "local t = {} for i = 1, select('#', ...) do t[i] = _G[select(i, ...)] end return t"
    case clear = "_G[...] = nil"
    case execute = """
        local code, name = ...
        local chunk, message = load(code, name)
        if not chunk then error(message, 0) end
        return chunk()
        """
}
