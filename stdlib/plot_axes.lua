-- SPDX-License-Identifier: BSD-3-Clause
--- Kinds of axes, and texts on them: names of categories, and dates. An internal part of `plot`.

local plot_data = require "plot_data"
local plot_scales = require "plot_scales"

local plot_axes = {}

--- Creates the empty extent of an axis.
--- @param axis table
--- @return table
function plot_axes.extent(axis)
  return plot_scales.extent(axis.kind == "log")
end

--- Kinds whose texts are names even where they look like dates.
local NAMED <const> = { bars = true, heat_map = true }

--- The kind of an axis whose series have texts or numbers.
local function kind_of(list, role, axis, what)
  local text, number, all_dates = nil, nil, true
  for _, series in ipairs(list) do
    if series.texts_of and series.texts_of[role] then
      text = text or series
      if axis.kind == nil and (role == "y" or not NAMED[series.kind])
        and plot_data.are_numbers(series[role]) then
        error(("%s: `%s` has texts that are numbers; read them with the type \"number\", or write "
          .. "`kind = \"category\"` for the axis"):format(series.subject, role), 0)
      end
      all_dates = all_dates and not NAMED[series.kind] and plot_data.are_dates(series[role])
    elseif series[role] and (#series[role] > 0 or not series.texts_of) then
      number = number or series
    end
  end
  if text and number then
    error(("%s: %s has texts, but %s has numbers; one axis shows either names or numbers"):format(
      what, text.subject, number.subject), 0)
  end
  if text and (axis.kind == "number" or axis.kind == "log") then
    error(("%s: %s: `%s` has texts, which an axis of kind \"%s\" cannot show; the kind of names is "
      .. "\"category\", that of dates \"date\""):format(what, text.subject, role, axis.kind), 0)
  end
  return axis.kind or text and (all_dates and "date" or "category") or "number"
end

--- Replaces texts by places, or instants.
local function convert(list, role, axis, what)
  local kind = kind_of(list, role, axis, what)
  local places, categories = {}, {}
  axis.kind = kind
  if kind == "category" then
    axis.categories = categories
  end
  for _, series in ipairs(list) do
    local values = series[role]
    local is_text = series.texts_of and series.texts_of[role]
    if not values or not series.texts_of then
      goto next
    elseif kind == "date" and is_text then
      series[role] = plot_data.instants(values, axis.format, series.subject, role)
    elseif kind == "category" then
      local converted = {}
      for i, value in ipairs(values) do
        local name = value
        if type(value) == "number" then
          name = value == value and plot_data.label(value)
        end
        if name and not places[name] then
          categories[#categories + 1] = name
          places[name] = #categories
        end
        converted[i] = name and places[name] or 0 / 0
      end
      series[role] = converted
    end
    ::next::
  end
end

--- Chooses the kinds of both axes and replaces texts by numbers.
--- @param list table[] series
--- @param figure table `x_axis` and `y_axis` are changed
function plot_axes.convert(list, figure)
  for _, role in ipairs { "x", "y" } do
    local name = role .. "_axis"
    local axis, copy = figure[name], { is_hidden = figure[name] == false }
    for key, value in pairs(axis or {}) do
      copy[key] = value
    end
    figure[name] = copy
    for _, series in ipairs(list) do
      if role == "y" and (series.kind == "bars" or series.kind == "areas")
        and series.texts_of.y then
        plot_data.refuse_texts(series.y, series.subject, "y")
      end
    end
    convert(list, role, copy, role)
  end
end

return plot_axes
