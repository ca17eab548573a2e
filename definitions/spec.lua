-- SPDX-License-Identifier: BSD-3-Clause
---@meta

---What `vtlua test` gives to specs. `assert` is Lua's own, and has busted's names besides.

---A group of tests.
---@param name string
---@param body? fun()
function describe(name, body) end

context = describe

---A test; without a body it is pending.
---@param name string
---@param body? fun()
function it(name, body) end

---Outside of tests: one that is not run. Inside of one: leaves it undecided, for a reason.
---@param name? string
---@param body? fun()
function pending(name, body) end

---Before each test of the group; outer groups come first.
---@param body fun()
function before_each(body) end

---After each test of the group; outer groups come last.
---@param body fun()
function after_each(body) end

---Once, before the first test of the group that runs.
---@param body fun()
function setup(body) end

---Once, after the last test of the group, if one has run.
---@param body fun()
function teardown(body) end

---Inside of a test: called when it is over, however it ends.
---@param body fun()
function finally(body) end

---What must hold of a value.
---@class spec.Expectation
---@field never spec.Expectation what must not hold
local Expectation = {}

---The same value, the same table.
---@param other any
function Expectation.to_be(other) end

---Equal contents, however deep.
---@param other any
function Expectation.to_equal(other) end

---A number, or a list of numbers, as near as that.
---@param other number | any[]
---@param tolerance number
function Expectation.to_be_near(other, tolerance) end

---A function that raises an error: with this text or pattern in its message, or equal to this
---table; or any.
---@param what? any
function Expectation.to_raise(what) end

---Text that matches.
---@param pattern string
function Expectation.to_match(pattern) end

---Text with this part, or a table with an equal element.
---@param part any
function Expectation.to_contain(part) end

---@param length integer
function Expectation.to_have_length(length) end

---@param kind "nil" | "boolean" | "number" | "integer" | "float" | "string" | "table" | "function" | "userdata" | "thread"
function Expectation.to_be_a(kind) end

---@param limit any
function Expectation.to_be_above(limit) end

---@param limit any
function Expectation.to_be_below(limit) end

---Neither nil nor false.
function Expectation.to_be_truthy() end

---Nil or false.
function Expectation.to_be_falsy() end

function Expectation.to_be_nil() end

function Expectation.to_be_true() end

function Expectation.to_be_false() end

---@param value any
---@return spec.Expectation
function expect(value) end
