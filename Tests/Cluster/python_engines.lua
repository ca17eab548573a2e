-- SPDX-License-Identifier: BSD-3-Clause
--- A client of a cluster that has only engines of Python, two of them. They have ended afterwards.

local here = arg[0]:match("^(.*/)") or "./"
local equal = dofile(here .. "../Lua/stdlib/expect.lua").equal

local client
repeat client = parallel.get_client { ask = false } until client
equal(client:wait_for_engines(2, 60), true)
equal(client:wait_for_engines(2, 60, "python"), true)
equal(client:wait_for_engines(1, 0.1, "lua"), false)
equal({ #client, #client.ids }, { 0, 2 })

local view, word, why = parallel.load_balanced_view { ask = false }
equal({ view, word, (why:gsub(":%d+", ":PORT")) }, { nil, "no-engines",
  "the cluster at tcp://127.0.0.1:PORT has no engines of Lua, and 2 of Python; start some with: "
    .. "vtlua cluster scale N" })

-- Code runs after code that has failed.
for _ = 1, 20 do
  local ok, err = pcall(client.execute_python, client, "1/0")
  equal({ ok, tostring(err):match "ZeroDivisionError: division by zero" },
    { false, "ZeroDivisionError: division by zero" })
  for _, row in ipairs(client:execute_python "1 + 1") do equal(row.result, "2") end
end

-- An error is reported when all engines have ended.
local ids = client.ids
local code = [[
import os, time
if os.environ.get("SLOW"): time.sleep(1); done = True
else: 1/0
]]
client:execute_python("import os; os.environ['SLOW'] = 'yes'", { targets = { ids[2] } })
equal(pcall(client.execute_python, client, code), false)
equal(client:execute_python("done", { targets = { ids[2] } })[1].result, "True")

equal(client:call_python("__import__('math').hypot", { 3, 4 }), 5.0)

-- Arrays are NumPy arrays there, and arrays again here, small ones and large ones.
for _, dtype in ipairs {
  "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32",
  "float64", "complex64", "complex128",
} do
  for _, a in ipairs {
    array.from({ { 0, 1 }, { 1, 0 }, { 1, 1 } }, "int8"):astype(dtype),
    array.zeros({ 2, 0 }, dtype), array.ones({ 300, 400 }, dtype):permute_dims { 2, 1 },
  } do
    local what = "lambda a: [type(a).__name__, str(a.dtype), list(a.shape)]"
    equal(client:call_python(what, { a }), { "ndarray", dtype, a.shape })
    local back = client:call_python("lambda a: a[::-1]", { a })
    equal({ array.is(back), back.dtype, back == a:flip(1) }, { true, dtype, true })
  end
end
equal(client:call_python("lambda a: a.sum()", { array.range(1, 4) }), 10)

-- An engine that ends meanwhile.
local last = { targets = { ids[2] } }
local ok, err = pcall(client.execute_python, client, "import os; os._exit(3)", last)
equal({ ok, tostring(err):match "engine %d+, Python: .*left the cluster" },
  { false, "engine 1, Python: the engine has left the cluster" })
equal(client:call_python("len", { { 1, 2 } }, { target = ids[1] }), 2)
client:shutdown()
print "engines: ok"
