-- SPDX-License-Identifier: BSD-3-Clause
-- expect, assert and what they say, by themselves.

local values = require "vt.spec.values"

--- The message of the expectation that does not hold.
local function said(f)
  local fine, failure = pcall(f)
  if fine then error("no failure", 2) end
  return failure.message
end

describe("expect", function()
  it("holds", function()
    expect(1).to_be(1.0)
    expect(0 / 0).to_be(0 / 0)
    expect("a").never.to_be("b")
    expect({}).never.to_be({})
    expect({ 1, { x = 2 } }).to_equal { 1, { x = 2.0 } }
    expect({ 1 }):to_equal { 1 }
    expect(3.14).to_be_near(math.pi, 0.01)
    expect({ 1, { 2, 3 } }).to_be_near({ 1.001, { 2, 3 } }, 0.01)
    expect("smooth").to_match "^sm"
    expect({ "a", { 1 } }).to_contain { 1 }
    expect("a.b").to_contain "."
    expect({ 1, 2 }).to_have_length(2)
    expect("abc").to_have_length(3)
    expect(2).to_be_a "integer"
    expect(2).to_be_a "number"
    expect(2).to_be_above(1)
    expect(2).to_be_below(3)
    expect(0).to_be_truthy()
    expect(nil).to_be_falsy()
    expect(nil).to_be_nil()
    expect(false).never.to_be_nil()
    expect(true).to_be_true()
    expect(false).to_be_false()
    expect(1).never.never.to_be(1)
  end)

  it("knows errors", function()
    local function fails() error("no such column: a.b") end
    expect(function() expect("text").to_match "[" end)
      .to_raise "to_match(pattern): malformed pattern (missing ']')"
    expect(fails).to_raise()
    expect(fails).to_raise "no such column: a.b"
    expect(fails).to_raise "column: %a%.%a$"
    expect(fails).never.to_raise "line"
    expect(function() error { code = 1 } end).to_raise { code = 1 }
    expect(function() end).never.to_raise()
  end)

  it("says what is there and what should be", function()
    expect(said(function() expect(2).to_be(3) end)).to_be "got       2\nexpected  3"
    expect(said(function() expect(2).never.to_be(2) end)).to_be "got       2\nexpected  not 2"
    expect(said(function()
      expect({ rows = { { n = 1 }, { n = 2 } } }).to_equal { rows = { { n = 1 }, { n = "2" } } }
    end)).to_be('got       { rows = { { n = 1 }, { n = 2 } } }\n' ..
      'expected  { rows = { { n = 1 }, { n = "2" } } }\n' ..
      'differs   at rows[2].n: got 2, expected "2"')
    expect(said(function() expect("a\nb\nc").to_equal "a\nB\nc" end)).to_be(
      'got       "a\\nb\\nc"\nexpected  "a\\nB\\nc"\ndiffers   at line 2: got "b", expected "B"')
    expect(said(function() expect({ 1, { 2 } }).to_be_near({ 1, { 3 } }, 0.1) end))
      .to_match "differs   at %[2%]%[1%]: got 2, expected 3"
    expect(said(function() expect({ 1, 2 }).to_be_near({ 1, 3 }, 0.1) end)).to_be(
      "got       { 1, 2 }\nexpected  within 0.1 of { 1, 3 }\n" ..
      "differs   at [2]: got 2, expected 3")
    expect(said(function() expect(print).to_raise "x" end)).to_be(
      'got       no error\nexpected  an error with "x"')
    expect(said(function() expect(function() error("y", 0) end).to_raise "x" end)).to_be(
      'got       the error "y"\nexpected  an error with "x"')
  end)

  it("reports mistakes in its use", function()
    expect(function() expect(1).to_eqal(1) end).to_raise(
      "expect has no `to_eqal`; did you mean `to_equal`?")
    expect(function() expect(1).within(1) end).to_raise(
      "expect has no `within`; the conditions are: never, to_be, to_be_a,")
    expect(function() expect(1).to_be_near(1) end).to_raise "expected a number as tolerance"
    expect(function() expect(1).to_raise("x") end).to_raise(
      "expect(f).to_raise() expects a function")
    expect(function() it("inside", function() end) end).to_raise "cannot be called while the test"
  end)
end)

describe("assert", function()
  it("is Lua's own, too", function()
    expect(select("#", assert(1, nil, 3))).to_be(3)
    expect(function() assert(nil) end).to_raise "assertion failed!"
    expect(function() assert(false, "why") end).to_raise "why"
  end)

  it("has busted's names", function()
    assert.are.equal(2, 1 + 1)
    assert.equals(2, 2)
    assert.are.same({ 1, { 2 } }, { 1, { 2 } })
    assert.are_not.same({ 1 }, { 2 })
    assert.is_true(true)
    assert.is_false(false)
    assert.is_nil(nil)
    assert.is_not_nil(0)
    assert.is.truthy(0)
    assert.is.falsy(nil)
    assert.is_table {}
    assert.is_not.string(1)
    assert.near(1, 1.05, 0.1)
    assert.matches("^a", "abc")
    assert.has_error(function() error("bad") end, "bad")
    assert.has.errors(function() error { 1 } end, { 1 })
    assert.has_no.errors(function() end)
    assert.error_matches(function() error("bad luck") end, "luck$")
    expect(said(function() assert.are.equal(2, 3) end)).to_be "got       3\nexpected  2"
    expect(function() assert.is_fine(1) end).to_raise(
      "assert has no `is_fine`; expected one of boolean,")
  end)
end)

describe("a value in a line", function()
  it("is as it would be written", function()
    expect(values.show { 1, 2.0, x = "a\"b\n", ["b c"] = true, [10] = 0.1 }).to_be(
      '{ 1, 2.0, [10] = 0.1, ["b c"] = true, x = "a\\"b\\n" }')
    expect(values.show(0.1 + 0.2)).to_be "0.30000000000000004"
    expect(values.show(-1 / 0)).to_be "-inf"
    expect(values.show {}).to_be "{}"
  end)

  it("is not too long", function()
    local list = {}
    for i = 1, 1000 do list[i] = i end
    expect(#values.show(list)).to_be_below(330)
    expect(values.show(("x"):rep(1000))).to_match "%(1000 bytes%)$"
  end)

  it("costs nothing while all is well, and little else", function()
    local a, b = {}, {}
    for i = 1, 200000 do a[i], b[i] = i, i end
    expect(a).to_equal(b)
    b[100000] = 0
    expect(said(function() expect(a).to_equal(b) end)).to_match(
      "differs   at %[100000%]: got 100000, expected 0$")
  end)

  it("ends with cycles", function()
    local a, b = {}, {}
    a.a, b.a = a, b
    expect(values.show(a)).to_be "{ a = { itself } }"
    expect(values.same(a, b)).to_be(true)
    b.x = 1
    expect(values.difference(a, b)).to_be "a"
  end)
end)

describe("the order", function()
  local log = {}
  setup(function() log[#log + 1] = "setup" end)
  before_each(function() log[#log + 1] = "before" end)
  after_each(function() log[#log + 1] = "after" end)

  context("inside", function()
    before_each(function() log[#log + 1] = "inner before" end)
    after_each(function() log[#log + 1] = "inner after" end)
    it("is outer first, and back", function()
      finally(function() log[#log + 1] = "finally" end)
      expect(log).to_equal { "setup", "before", "inner before" }
    end)
  end)

  context("without a test that runs", function()
    setup(function() error("it is lazy") end)
    pending("nothing")
  end)

  it("ends as it began", function()
    expect(log).to_equal {
      "setup", "before", "inner before", "finally", "inner after", "after", "before",
    }
  end)
end)
