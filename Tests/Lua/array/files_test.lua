-- SPDX-License-Identifier: BSD-3-Clause
-- .npy and .npz files: what is written is read again; damaged and hostile files are errors.

local expect = dofile(arg[0]:match("^(.*/)") .. "../stdlib/expect.lua")
local files = require "files"
local random = require "random"
local equal, fails = expect.equal, expect.fails

local folder = os.tmpname()
os.remove(folder)
assert(os.execute("mkdir " .. folder))
local path, both = folder .. "/x.npy", folder .. "/x.npz"
local guard <close> = setmetatable({}, {
  __close = function() os.execute("rm -r " .. folder) end,
})
assert(getmetatable(guard))

for _, dtype in ipairs { "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
  "uint64", "float32", "float64", "complex64", "complex128" } do
  for _, shape in ipairs { {}, { 3 }, { 2, 3 }, { 0 }, { 2, 0, 3 } } do
    local a = array.ones(shape, dtype)
    array.save(path, a)
    local b = array.load(path)
    equal({ b == a, b.dtype, b.shape }, { true, dtype, shape })
  end
end

local x, y = array.linspace(0, 1, 1000), array.from { { true, false } }
array.save(both, { x = x, y = y })
local stored = files.read(both)
array.save(both, { x = x, y = y }, { compress = true })
local deflated = files.read(both)
for _, text in ipairs { stored, deflated } do
  files.write(both, text)
  local read = array.load(both)
  equal({ read.x == x, read.y == y, read.y.dtype }, { true, true, "bool" })
end
x:flip():save(path)
equal(array.load(path) == x:flip(), true)

-- Equal arrays make equal files.
array.save(both, { y = y, x = x })
equal(files.read(both), stored)

local function header(text, version)
  return "\x93NUMPY" .. (version or "\1\0") .. string.pack("<s2", text)
end
local function refused(message, text)
  files.write(path, text)
  fails(path .. ": " .. message, array.load, path)
end
refused("is no .npy file", "")
refused("is no .npy file", "hello, world")
refused("has version 9.0 of the format, which is not known", header("{}", "\9\0"))
refused("has a damaged header", header "")
refused("has a damaged header", header "{'descr': '<f8', 'fortran_order': False}")
refused("has a damaged header", header "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}")
refused("has a damaged header",
  header "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296)}")
refused("has a damaged header", header(("{"):rep(1000)))
refused("is cut off: 8 bytes of elements are missing",
  header "{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}" .. ("\0"):rep(8))
refused('holds Python objects ("|O"), which are not read',
  header "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}")
refused('holds elements of type "<U3", which are not read',
  header "{'descr': '<U3', 'fortran_order': False, 'shape': (1,)}")
refused("holds records, which are not read",
  header "{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': (1,)}")
refused("has a header of 70000 bytes; at most 65536 are read",
  "\x93NUMPY\2\0" .. string.pack("<s4", (" "):rep(70000)))

fails("save: several arrays go to a file that ends in .npz: " .. path, array.save, path, { x = x })
fails("save: a file .npz takes a table of arrays by name: " .. both, array.save, both, x)
fails("load: the path must be a string, got nil", array.load, nil)

-- A changed byte is found, or changes nothing that counts; it never ends the program.
local g = random.new(17)
array.save(path, x)
for _, original in ipairs { files.read(path), stored, deflated } do
  for _ = 1, 300 do
    local at = g:integer(1, math.min(#original, 400))
    if g:float() < 0.3 then
      at = g:integer(1, #original)
    end
    local text = original:sub(1, at - 1) .. string.char(g:integer(0, 255)) .. original:sub(at + 1)
    if g:float() < 0.2 then
      text = text:sub(1, g:integer(0, #text))
    end
    files.write(path, text)
    local ok, result = pcall(array.load, path)
    if not ok then
      equal(type(tostring(result)), "string")
    end
  end
end
