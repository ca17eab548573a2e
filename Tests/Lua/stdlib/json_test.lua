-- SPDX-License-Identifier: BSD-3-Clause

local json = require "json"
local random = require "random"
local expect = dofile(arg[0]:match("^(.*/)") .. "expect.lua")
local equal, fails = expect.equal, expect.fails
local null, array = json.null, json.array

-- Values.
equal(json.decode "null", null)
equal(json.decode " true ", true)
equal(json.decode "\t\r\nfalse", false)
equal(json.decode '""', "")
equal(json.decode "[]", array())
equal(json.decode "{}", {})
equal(json.decode "[1, [2], {}]", array { 1, array { 2 }, {} })
equal(json.decode '{"a": {"b": [null]}, "": 0}', { a = { b = array { null } }, [""] = 0 })

-- Numbers: integers and floats stay apart.
equal(json.decode "[0, -7, 1.0, 1e2, 1E-2, -0.5]", array { 0, -7, 1.0, 100.0, 0.01, -0.5 })
equal(json.decode "[-0, -0.0, 0]", array { -0.0, -0.0, 0 })
equal(json.decode "9223372036854775807", math.maxinteger)
equal(json.decode "-9223372036854775808", math.mininteger)
equal(json.decode "9223372036854775808", 2.0 ^ 63)
equal(json.decode "1e-400", 0.0)

-- Strings.
equal(json.decode [["\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC"]], '"\\/\b\f\n\r\tAé€')
equal(json.decode [["\uD83D\uDE00 \uDBFF\uDFFF"]], "😀 \u{10FFFF}")
equal(json.decode [["\u0000"]], "\0")
equal(json.decode '"\u{7F}é😀"', "\u{7F}é😀")

-- What is not JSON.
local function bad(message, text, options)
  fails(message, json.decode, text, options)
end
bad("json:1:1: expected a value, got the end of the text", "")
bad("json:1:1: expected a value, got `nil`", "nil")
bad("json:1:1: expected a value, got `NaN`", "NaN")
bad("json:1:1: expected a value, got `truex`", "truex")
bad("json:1:1: expected a value, got `é`", "é")
bad("json:1:3: expected the end of the text, got `2`", "1 2")
bad("a.json:3:3: expected `,` or `]` in an array, got `2`", "[\n1,\n1 2]", { name = "a.json" })
bad("json:1:4: expected a value, got `]`", "[1,]")
bad("json:1:5: expected a value, got the end of the text", '{"":')
bad("json:1:7: expected `,` or `}` in an object, got the end of the text", '{"": 1')
bad("json:1:9: expected a key in quotes, got `}`", '{"a": 1,}')
bad("json:1:2: expected a key in quotes, got `a`", "{a: 1}")
bad("json:1:6: expected `:` after a key, got `1`", '{"a" 1}')
bad("json:2:2: the key `a` occurs twice in one object", '{"a": null,\n "a": 2}')
bad("json:1:1: a number must not start with a 0 before other digits", "01")
bad("json:1:1: expected a digit after `-`", "-")
bad("json:1:3: expected a digit, got the end of the text", "1.")
bad("json:1:3: expected a digit, got `e`", "1.e5")
bad("json:1:4: expected a digit, got `]`", "[1e]")
bad("json:1:1: expected a value, got `+`", "+1")
bad("json:1:1: expected a value, got `.`", ".5")
bad("json:1:1: the number is too large for a float", "1e999")
bad("json:1:1: a string starts here and never ends; close it with a quote", '"abc')
bad("json:1:3: a control character in a string; write it as `\\u000a`", '"é\n"')
bad("json:1:2: `\\` before `x` is not an escape; write `\\\\` for a backslash", [["\x"]])
bad("json:1:2: `\\u` needs four hexadecimal digits", [["\u12g4"]])
bad("json:1:2: a high surrogate without a low one after it", [["\uD83D"]])
bad("json:1:2: a high surrogate without a low one after it", [["\uD83D\u0041"]])
bad("json:1:2: a low surrogate without a high one before it", [["\uDE00"]])
bad("json:2:1: the byte 0xFF is not UTF-8; convert the text first", '"\n\xFF"')
bad("json:1:2: the byte 0xED is not UTF-8; convert the text first", '"\xED\xA0\x80"')
bad("json:1:1: unexpected byte order mark; save the text without it", "\u{FEFF}1")
bad("json:1:1: expected a value, got the byte 0x00", "\0")
bad("json:1:3: nested deeper than 2; if this is intended, pass a larger `max_depth`", "[[[]]]",
  { max_depth = 2 })
bad("json:1:513: nested deeper than 512; if this is intended, pass a larger `max_depth`",
  ("["):rep(100000))
equal(json.decode("[[]]", { max_depth = 2 }), array { array() })
fails("text: expected a string, got nil", json.decode, nil)

-- Writing.
equal(json.encode(null), "null")
equal(json.encode { b = 1, a = 1.0, c = -0.0 }, '{"a":1.0,"b":1,"c":-0.0}')
equal(json.encode { 1, { 2 }, "x" }, '[1,[2],"x"]')
equal(json.encode {}, "{}")
equal(json.encode(array()), "[]")
equal(json.encode(1e300), "1e+300")
equal(json.encode(0.1), "0.1")
equal(json.encode 'é\u{2028}"\\/\b\1\127', '"é\u{2028}\\"\\\\/\\b\\u0001\127"')
equal(json.encode({ a = { 1, array(), {} }, b = null }, { pretty = true }), [[
{
  "a": [
    1,
    [],
    {}
  ],
  "b": null
}]])
equal(json.encode({ 1 }, { pretty = "\t" }), "[\n\t1\n]")

-- What cannot be written.
fails("cannot encode $.a[2]: nan is not a JSON number; use json.null or a string",
  json.encode, { a = { 1, 0 / 0 } })
fails("cannot encode $: inf is not a JSON number; use json.null or a string",
  json.encode, math.huge)
fails("cannot encode $: nil is not a JSON value; use json.null", json.encode, nil)
fails('cannot encode $["a b"]: a function is not a JSON value', json.encode, { ["a b"] = print })
fails("cannot encode $: the key 1 is not a string, in a table that is not a list; use string keys",
  json.encode, { 1, a = 2 })
fails("cannot encode $: the string is not UTF-8; "
  .. "encode bytes as text first, in base64 for instance",
  json.encode, "\xFF")
local ring = {}
ring.next = ring
fails("cannot encode $.next: the table contains itself", json.encode, ring)
fails("cannot encode $[1][1]: nested deeper than 2; if this is intended, pass a larger `max_depth`",
  json.encode, { { { 1 } } }, { max_depth = 2 })
local twice = { 1 }
equal(json.encode { twice, twice }, "[[1],[1]]")

-- null differs from no key, and copies of it are null too.
equal(json.decode('{"a": null}').a == null, true)
equal(setmetatable({}, getmetatable(null)) == null, true)
equal(json.is_null(null), true)
equal(json.is_null(nil), false)
equal(tostring(null), "null")

-- Files.
local path = os.tmpname()
equal(json.write(path, { a = { 1 } }), path)
equal(json.read(path), { a = array { 1 } })
local file <close> = assert(io.open(path, "w"))
file:write("{\n")
file:close()
fails(path .. ":2:1: expected a key in quotes, got the end of the text", json.read, path)
os.remove(path)

-- Any value comes back, and equal values give equal text.
local generator = random.new(8259)
local PIECES <const> = { "a", '"', "\\", "/", "\0", "\n", "\u{7F}", "é", "€", "😀", "\u{FFFF}" }
local function any(depth)
  local kind = generator:integer(1, depth > 3 and 5 or 7)
  if kind == 1 then return null
  elseif kind == 2 then return generator:next() % 2 == 0
  elseif kind == 3 then return generator:next() >> generator:integer(0, 63)
  elseif kind == 4 then
    local float = string.unpack("d", string.pack("i8", generator:next()))
    return float - float == 0 and float or -0.0
  elseif kind == 5 then
    local text = {}
    for i = 1, generator:integer(0, 6) do
      text[i] = PIECES[generator:integer(1, #PIECES)]
    end
    return table.concat(text)
  end
  local value = kind == 6 and array() or {}
  for i = 1, generator:integer(0, 4) do
    value[kind == 6 and i or PIECES[generator:integer(1, #PIECES)] .. i] = any(depth + 1)
  end
  return value
end
for _ = 1, 1000 do
  local value = any(0)
  local text = json.encode(value)
  equal(json.decode(text), value)
  equal(json.decode(json.encode(value, { pretty = true })), value)
  equal(json.encode(json.decode(text)), text)
end

-- Zero keeps its sign.
for _, text in ipairs { "-0", "-0.0", "-0e1" } do
  equal(1 / json.decode(text), -math.huge)
end
equal(json.encode(-0.0), "-0.0")
