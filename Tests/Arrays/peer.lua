-- SPDX-License-Identifier: BSD-3-Clause
--
-- Answers requests of a test on standard input: Lua code and the arrays that it works on.
--
-- A request: <s4 code> <I4 number of arrays>, and for each array <s1 dtype> <I1 axes> <i8 length of
-- each axis> <s8 row-major bytes>. The code gets the table of arrays as `a`. An answer: <I1 0>
-- <s4 message> for an error; otherwise <I1 1> <I4 number of results> and the results like the
-- arrays; a result that is no array is made one, a string is one of uint8, nil has the dtype "nil".

local array = require "array"
local input, output = io.stdin, io.stdout

local function read(format)
  local size = string.packsize(format)
  return (string.unpack(format, assert(input:read(size))))
end

local function read_string(format)
  local length = read(format)
  return length == 0 and "" or assert(input:read(length))
end

local function read_array()
  local dtype, axes, shape = read_string "<I1", read "<I1", {}
  for axis = 1, axes do shape[axis] = read "<i8" end
  return array.frombytes(read_string "<I8", dtype, shape)
end

local function write_array(x)
  if x == nil then return output:write(string.pack("<s1I1s8", "nil", 0, "")) end
  if type(x) == "string" then x = array.frombytes(x, "uint8") end
  if not array.is(x) then x = array.from(x) end
  output:write(string.pack("<s1I1", x.dtype, x.ndim))
  for _, length in ipairs(x.shape) do output:write(string.pack("<i8", length)) end
  output:write(string.pack("<s8", x:tobytes()))
end

local chunks = {}
local environment = setmetatable({ array = array }, { __index = _G })

while true do
  local head = input:read(4)
  if not head then break end
  local code, arrays = input:read((string.unpack("<I4", head))), {}
  for i = 1, read "<I4" do arrays[i] = read_array() end
  local chunk = chunks[code]
  if not chunk then
    chunk = assert(load("local a = ... " .. code, "=code", "t", environment))
    chunks[code] = chunk
  end
  local results = table.pack(pcall(chunk, arrays))
  if results[1] then
    output:write(string.pack("<I1I4", 1, results.n - 1))
    for i = 2, results.n do write_array(results[i]) end
  else
    output:write(string.pack("<I1s4", 0, tostring(results[2])))
  end
  output:flush()
end
