-- SPDX-License-Identifier: BSD-3-Clause
-- The definitions that editors read, compared with what is there: names, both ways.

local files = require "files"

--- The names that a definition file gives to each table and class.
local function read(name)
  local found, class = {}, nil
  local function add(owner, member)
    found[owner] = found[owner] or {}
    found[owner][member] = true
  end
  local locals = {}
  for line in files.read("definitions/" .. name .. ".lua"):gmatch "[^\n]+" do
    local kind = line:gsub("%(exact%) ", ""):match "^%-%-%-@class ([%w_.]+)"
    if kind then
      class = kind
      found[class] = found[class] or {}
    end
    local field = line:match "^%-%-%-@field ([%a_][%w_]*)"
    if field then add(class, field) end
    local variable = line:match "^local ([%w_]+) = {}" or line:match "^([%w_]+) = {}"
    if variable then locals[variable] = class end
    local owner, member = line:match "^function ([%w_]+)[.:]([%w_]+)%("
    if owner then add(locals[owner] or owner, member) end
    local global = line:match "^function ([%w_]+)%(" or line:match "^([%w_]+) = [%a_]+$"
    if global then add("_G", global) end
  end
  return found
end

local function names(set)
  local list = {}
  -- Names that begin with an underscore are the library's own.
  for name in pairs(set) do
    if not name:match "^_" then list[#list + 1] = name end
  end
  table.sort(list)
  return list
end

--- The methods and fields of an object of the program's.
local function members(object)
  local set = {}
  local index = debug.getmetatable(object).__index
  for i = 1, 2 do
    local _, part = debug.getupvalue(index, i)
    for name in pairs(part) do set[name] = true end
  end
  return set
end

--- The names in a table that users call; those that start with `_` belong to the library.
local function public(set)
  local found = {}
  for name in pairs(set) do
    if not name:find "^_%l" then found[name] = true end
  end
  return found
end

local function compare(defined, there)
  expect(names(defined)).to_equal(names(public(there)))
end

local vt_defined, parallel_defined = read "vt", read "parallel"

describe("vt", function()
  it("has what is defined", function() compare(vt_defined.vt, vt) end)

  it("has workflows with what is defined", function()
    compare(vt_defined["vt.Workflow"], members(vt.workflow { name = "w" }))
  end)

  it("has modules with what is defined", function()
    local M = vt.module { name = "m" }
    local there = { compute = true, resume = true, cancel = true, scratch = true }
    for name in pairs(M) do there[name] = true end
    for name in pairs(getmetatable(M).__index) do there[name] = true end
    compare(vt_defined["vt.Module"], there)
    compare(vt_defined["vt.Log"], M.log)
  end)

  it("has types with what is defined", function()
    local even = vt.type { name = "even", check = function() return true end }
    compare(vt_defined["vt.Type"], members(even))
  end)

  it("computes with what is defined", function()
    local M = vt.module { name = "m", outputs = { y = "number" } }
    function M:compute()
      self:annotate { a = 1 }
      return { y = 1 }
    end
    compare(vt_defined["vt.ComputeInfo"], select(2, vt.compute(M)))
    local flow = vt.workflow { name = "w" }
    flow:outputs { y = flow:add("m", M).y }
    local result = flow:run()
    compare(vt_defined["vt.RunResult"], result)
    result.nodes.m.error = ""  -- it is there when there is one
    compare(vt_defined["vt.NodeResult"], result.nodes.m)
  end)
end)

describe("parallel", function()
  local pool = parallel.serial()
  teardown(function() pool:close() end)

  it("has what is defined", function() compare(parallel_defined.parallel, parallel) end)

  it("has views with what is defined", function()
    compare(parallel_defined["parallel.View"], members(pool))
    local status = {}
    for name in pairs(pool:status()) do
      if type(name) == "string" then status[name] = true end
    end
    compare(parallel_defined["parallel.Status"], status)
  end)

  it("has results with what is defined", function()
    compare(parallel_defined["parallel.Result"], members(pool:apply_async(print)))
  end)

  it("has channels with what is defined", function()
    compare(parallel_defined["parallel.Channel"], members(parallel.channel()))
  end)

  it("has errors with what is defined", function()
    local _, thrown = pcall(pool.apply, pool, function() error("x") end)
    compare(parallel_defined["parallel.Error"], members(thrown))
  end)

  it("has clients with what is defined", function()
    local defined = read("cluster")["parallel.Client"]
    local client = parallel.get_client { ask = false, timeout = 2 }
    if client then return compare(defined, members(client)) end
    -- Without a cluster there is no client; the program's source says what it would have.
    local there = {}
    for _, file in ipairs { "ClientBinding.swift", "ClientBinding+Python.swift" } do
      local code = files.read("Sources/VTRuntime/Bindings/Cluster/" .. file)
      for kind, name in code:gmatch 'type%.(%a+)%("([%w_]+)"' do
        if kind ~= "operator" and kind ~= "rawOperator" then there[name] = true end
      end
    end
    compare(defined, there)
  end)
end)

describe("the library", function()
  local libraries = {
    "csv", "dates", "files", "frame", "http", "json", "lsq", "numerals", "plot", "process",
    "random", "sql", "stats", "svg", "ticks",
  }
  for _, name in ipairs(libraries) do
    it("has in `" .. name .. "` what is defined", function()
      compare(read(name)[name], require(name))
    end)
  end

  it("has generators with what is defined", function()
    local there = {}
    for key in pairs(require("random").Generator) do
      if key:sub(1, 2) ~= "__" then there[key] = true end
    end
    compare(read("random")["random.Generator"], there)
  end)

  local function methods(metatable)
    local there = {}
    for key in pairs(metatable) do
      if key:sub(1, 2) ~= "__" then there[key] = true end
    end
    return there
  end

  it("has frames, groups and databases with what is defined", function()
    local frame, sql = require "frame", require "sql"
    local of_frames = methods(frame.Frame)
    of_frames.columns = true
    compare(read("frame")["frame.Frame"], of_frames)
    compare(read("frame")["frame.Groups"], methods(frame.Groups))
    local database <close> = sql.open ":memory:"
    compare(read("sql")["sql.Database"], methods(getmetatable(database)))
  end)
end)

describe("specs", function()
  local defined = read "spec"

  it("have the words that are defined", function()
    for _, name in ipairs(names(defined._G)) do
      expect(_G[name]).never.to_be_nil()
    end
  end)

  it("have the expectations that are defined", function()
    local _, message = pcall(function() return expect(1).no_such end)
    local there = {}
    for name in message:match("the conditions are: (.*)$"):gmatch "[%w_]+" do there[name] = true end
    compare(defined["spec.Expectation"], there)
  end)
end)

describe("luacheck's list", function()
  it("has what is there", function()
    local settings = { files = {} }
    settings.stds = {}
    assert(load(files.read "definitions/luacheckrc", "=luacheckrc", "t", settings))()
    for name, real in pairs { vt = vt, parallel = parallel } do
      local listed = {}
      for _, field in ipairs(settings.stds.vtlua.read_globals[name].fields) do
        listed[field] = true
      end
      compare(listed, real)
    end
  end)
end)
