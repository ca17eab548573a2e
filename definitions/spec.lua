-- SPDX-License-Identifier: BSD-3-Clause
---@meta

---The functions of specs. `assert` is Lua's own with busted's assertions added.

---Defines a group of tests.
---@param name string
---@param body? fun()
function describe(name, body) end

context = describe

---Defines a test; without a body it is pending.
---@param name string
---@param body? fun()
function it(name, body) end

---Outside of tests: defines a test that is not run. Inside a test: ends the test as pending.
---@param name? string
---@param body? fun()
function pending(name, body) end

---Runs a function before each test of the group, outer groups first.
---@param body fun()
function before_each(body) end

---Runs a function after each test of the group, outer groups last.
---@param body fun()
function after_each(body) end

---Runs a function once, before the first test of the group that runs.
---@param body fun()
function setup(body) end

---Runs a function once, after the last test of the group, if one has run.
---@param body fun()
function teardown(body) end

---Inside a test: runs a function when the test has ended, also after an error.
---@param body fun()
function finally(body) end

---Expectations about a value.
---@class spec.Expectation
---@field never spec.Expectation the negated expectations
local Expectation = {}

---The same value or the same table.
---@param other any
function Expectation.to_be(other) end

---Equal contents at any depth.
---@param other any
function Expectation.to_equal(other) end

---A number, or a list of numbers, within the tolerance.
---@param other number | any[]
---@param tolerance number
function Expectation.to_be_near(other, tolerance) end

---A function that raises an error: any error, one whose message contains the text or matches the
---pattern, or one equal to the table.
---@param what? any
function Expectation.to_raise(what) end

---A string that matches.
---@param pattern string
function Expectation.to_match(pattern) end

---A string that contains the text, or a table with an equal element.
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
