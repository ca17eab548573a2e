-- SPDX-License-Identifier: BSD-3-Clause
std = "lua54"
max_line_length = 100

-- What vtlua adds to stock Lua. A script may use it, not replace it.
read_globals = { "array", "vt", "parallel" }

-- A compute need not use its self.
self = false

exclude_files = { "**/.build*", "**/.vtlua" }

-- What `vtlua test` gives to specs; `assert` is a table that can be called.
files["**/*_spec.lua"] = { std = "+busted", read_globals = { "expect" } }
-- Definitions declare what others only use, and their functions have no bodies.
files["definitions"] = {
  globals = { "array", "vt", "parallel", "display" },
  ignore = { "111", "113", "122", "131", "212", "241", "631" },
}
-- The program that embeds the runtime defines it.
files["examples/embedding"] = { read_globals = { "first_squares", "square" } }
-- To-be-closed variables are there to be closed, and a line is a case.
files["Tests/LuaBridgeTests/Scripts"] = { ignore = { "211", "241", "631" } }
