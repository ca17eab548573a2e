-- SPDX-License-Identifier: BSD-3-Clause
--- The series of a figure, with lists in place of columns and one series for each group. An
-- internal
--- part of `plot`.

local number_lists = require "number_lists"
local plot_colors = require "plot_colors"
local plot_data = require "plot_data"
local plot_grid = require "plot_grid"
local plot_options = require "plot_options"

local plot_series = {}

local function copy_of(source)
  local copy = {}
  for key, value in pairs(source) do
    copy[key] = value
  end
  return copy
end

--- Returns true for a list whose elements are lists, or a table of lists by name.
local function is_several(value)
  if type(value) ~= "table" then
    return false
  end
  local _, first = next(value)
  return type(first) == "table" or number_lists.is_array(first)
end

--- The column of one of several series: that at the same key or place.
local function column_of(series, role, key, place)
  local value = series[role]
  if is_several(value) then
    return value[key]
  elseif series.data ~= nil and type(value) == "table" and type(value[1]) == "string"
    and plot_data.has(series.data, value[1]) then
    return value[place]
  end
  return value
end

--- The series of a series whose `y` or `values` has several columns.
local function parts_of(series, role)
  local value = series[role]
  local list = {}
  local function add(name, column, key)
    local part = copy_of(series)
    for _, other in ipairs(plot_options.KINDS[series.kind].columns) do
      if other ~= role and series[other] ~= nil then
        part[other] = column_of(series, other, key, #list + 1)
        if part[other] == nil then
          error(("%s: `%s` has no list for %s, which `%s` has"):format(series.subject, other,
            plot_data.shown(key), role), 0)
        end
      end
    end
    part[role], part.name = column, name
    list[#list + 1] = part
  end
  if series.data ~= nil and type(value) == "table" and type(value[1]) == "string" then
    for _, name in ipairs(value) do
      add(name, plot_data.column(series.data, name, series.subject, role), name)
    end
  elseif is_several(value) and value[1] == nil then
    local names = {}
    for name in pairs(value) do
      names[#names + 1] = name
    end
    table.sort(names, function(a, b) return tostring(a) < tostring(b) end)
    for _, name in ipairs(names) do
      add(tostring(name), value[name], name)
    end
  elseif is_several(value) then
    for i, column in ipairs(value) do
      add(type(series.name) == "table" and series.name[i] or nil, column, i)
    end
  else
    return { series }
  end
  return list
end

--- Keeps the names of columns, which are the labels of axes without one.
local function note_names(series, roles)
  series.names = {}
  for _, role in ipairs(roles) do
    if type(series[role]) == "string" and utf8.len(series[role]) then
      series.names[role] = series[role]
    end
  end
end

--- Replaces names of columns by the columns, and these by lists.
local function read_columns(series)
  local entry = plot_options.KINDS[series.kind]
  local count, longest
  series.texts_of = {}
  for _, role in ipairs(entry.columns) do
    local value = series[role]
    if type(value) == "string" and series.data ~= nil then
      value = plot_data.column(series.data, value, series.subject, role)
    elseif type(value) == "string" then
      error(("%s: `%s`: %s names a column, but there is no `data`"):format(series.subject, role,
        plot_data.shown(value)), 0)
    elseif role:find "error$" and type(value) == "number" then
      series[role .. "_all"], value = value, nil
    elseif series.kind == "histogram" and (role == "low" or role == "high") then
      value = nil
    end
    if value ~= nil then
      local list, is_text = plot_data.list(value, series.subject, role)
      series[role], series.texts_of[role] = list, is_text
      if is_text and role ~= "x" and role ~= "y" then
        plot_data.refuse_texts(list, series.subject, role)
      end
      if count and #list ~= count then
        error(("%s: `%s` has %d values, but `%s` has %d"):format(series.subject, role, #list,
          longest, count), 0)
      end
      count, longest = count or #list, longest or role
    else
      series[role] = nil
    end
  end
  -- one number for all
  for _, role in ipairs { "error", "x_error" } do
    local value = series[role .. "_all"]
    if value then
      local list = {}
      for i = 1, count or 0 do
        list[i] = value
      end
      series[role] = list
    end
  end
  series.count = count or 0
  if count and not series.x and entry.columns[1] == "x" then
    series.x = {}
    for i = 1, count do
      series.x[i] = i
    end
  end
end

--- Raises an error for a series that lacks lists.
local function check_lists(series)
  local kind = series.kind
  if kind == "histogram" then
    if not series.values then
      error(series.subject .. ": expected `values`, a list of numbers", 0)
    end
  elseif kind == "lines" and not series.y and not (series.low and series.high) then
    error(series.subject .. ": expected `y`, or `low` and `high`", 0)
  elseif kind ~= "lines" and plot_options.KINDS[kind].several == "y" and not series.y then
    error(series.subject .. ": expected `y`, a list of numbers", 0)
  elseif kind == "error_bars" and not series.error and not series.x_error
    and not (series.low and series.high) then
    error(series.subject .. ": expected `error`, `x_error`, or `low` and `high`", 0)
  end
  for i, value in ipairs(kind == "error_bars" and series.error or {}) do
    if value < 0 then
      error(("%s: `error`, value %d: expected a number from 0, got %s"):format(series.subject, i,
        plot_data.shown(value)), 0)
    end
  end
end

--- Some rows of a series.
local function subset(series, rows, name)
  local part = copy_of(series)
  part.name, part.count = name, #rows
  local roles = { "size_list" }
  for _, role in ipairs(plot_options.KINDS[series.kind].columns) do
    roles[#roles + 1] = role
  end
  for _, role in ipairs(roles) do
    local list = series[role]
    if type(list) == "table" then
      local chosen = {}
      for i = 1, #rows do
        chosen[i] = list[rows[i]]
      end
      part[role] = chosen
    end
  end
  return part
end

--- The values of `color` when they are a column or a list; nil when it is one colour.
local function color_values(series)
  local color = series.color
  if series.color == nil then
    color = series.colour
  end
  series.color, series.colour = nil, nil
  if type(color) == "string" then
    if series.data ~= nil and plot_data.has(series.data, color) then
      series.color_name = color
      color = plot_data.column(series.data, color, series.subject, "color")
    elseif plot_colors.parse(color) then
      series.color = color
      return nil
    else
      error(("%s: color: `%s` is neither %sa colour; write \"#rrggbb\" or a name such as "
        .. "\"orange\""):format(series.subject, color,
        series.data ~= nil and "a column of `data` nor " or "\"#rrggbb\" nor the name of "), 0)
    end
  end
  if color == nil then
    return nil
  end
  local list, is_text = plot_data.list(color, series.subject, "color")
  local first = plot_options.KINDS[series.kind].columns[1]
  if series[first] and #list ~= #series[first] then
    error(("%s: `color` has %d values, but `%s` has %d"):format(series.subject, #list, first,
      #series[first]), 0)
  end
  return list, is_text
end

-- The largest number of series for different numbers.
local MOST_NUMBERS <const> = 30

--- The series of each group of rows that have the same value of `color`.
local function grouped(series, values, is_text)
  local names, rows, numbers = {}, {}, {}
  for i, value in ipairs(values) do
    if value and value == value then
      local name = is_text and value or plot_data.label(value)
      if not rows[name] then
        names[#names + 1], rows[name], numbers[name] = name, {}, value
      end
      local list = rows[name]
      list[#list + 1] = i
    end
  end
  if not is_text then
    if #names > MOST_NUMBERS then
      error(("%s: `color` has %d different numbers, each of which would be a series; colour maps "
        .. "are an option of points"):format(series.subject, #names), 0)
    end
    table.sort(names, function(a, b) return numbers[a] < numbers[b] end)
  end
  local list = {}
  for i, name in ipairs(names) do
    list[i] = subset(series, rows[name], name)
  end
  return list
end

--- The series that are drawn, with lists for all columns.
--- @param series table as from `plot_options.read`
--- @param list table[] to which they are added
local function add_series(series, list)
  local kind = series.kind
  if kind == "heat_map" or kind == "image" then
    if kind == "heat_map" then
      note_names(series, { "x", "y" })
      plot_grid.read(series)
    elseif type(series.image) ~= "table" and not number_lists.is_array(series.image) then
      error(("%s: `image`: expected a matrix of numbers or of colours, got %s"):format(
        series.subject, plot_data.shown(series.image)), 0)
    end
    list[#list + 1] = series
    return
  end
  for _, part in ipairs(parts_of(series, plot_options.KINDS[kind].several)) do
    plot_options.check_type(part.subject .. ": name", part.name, "string")
    note_names(part, { "x", "y", "values" })
    read_columns(part)
    check_lists(part)
    if type(part.size) ~= "number" and part.size ~= nil then
      local size = part.size
      if type(size) == "string" and part.data ~= nil then
        size = plot_data.column(part.data, size, part.subject, "size")
      end
      local is_text
      part.size_list, is_text = plot_data.list(size, part.subject, "size")
      part.size = nil
      if is_text or #part.size_list ~= part.count then
        error(("%s: size: expected a number, or as many numbers as `x`"):format(part.subject), 0)
      end
    end
    plot_options.check_number(part.subject .. ": size", part.size, 0, 1000,
      "a number of pixels from 0")
    local values, is_text = color_values(part)
    if values and (is_text or kind ~= "points") then
      for _, group in ipairs(grouped(part, values, is_text)) do
        group.title = part.color_name
        list[#list + 1] = group
      end
    else
      part.color_values = values
      list[#list + 1] = part
    end
  end
end

--- The series of a figure, with lists in place of columns.
--- @param series table[] as from `plot_options.read`
--- @return table[]
function plot_series.expand(series)
  local list = {}
  for _, item in ipairs(series) do
    add_series(item, list)
  end
  for number, item in ipairs(list) do
    item.number = number
  end
  return list
end

return plot_series
