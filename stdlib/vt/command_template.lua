-- SPDX-License-Identifier: BSD-3-Clause
--- Texts with placeholders such as `{input}`. An internal part of `vt.command`.

local numerals = require "numerals"
local option_names = require "option_names"

local command_template = {}

local PARTS = { "name", "stem", "suffix", "parent" }

--- Splits a text into a list: texts, and tables { name, part } for placeholders.
--- @param text string
--- @param subject string where it stands, for messages
--- @param known table<string, boolean>
--- @return table
function command_template.parse(text, subject, known)
  local pieces, at = {}, 1
  while at <= #text do
    local stop = text:find("[{}]", at)
    if stop ~= at then
      pieces[#pieces + 1] = text:sub(at, (stop or 0) - 1)
    end
    if not stop then
      break
    end
    local twice = text:sub(stop, stop + 1)
    if twice == "{{" or twice == "}}" then
      pieces[#pieces + 1] = twice:sub(1, 1)
      at = stop + 2
    else
      local name, part, after = text:match("^{([%w_]+)%.?([%w_]*)}()", stop)
      if not name then
        error(("%s: `%s` has a brace without a name; write {name}, or {{ and }} for the braces "
          .. "themselves"):format(subject, text), 0)
      elseif not known[name] then
        local names = {}
        for port in pairs(known) do
          names[#names + 1] = port
        end
        table.sort(names)
        local nearest = option_names.nearest(name, names)
        error(("%s: there is no port `%s`%s"):format(subject, name,
          nearest and ("; did you mean {%s}?"):format(nearest)
          or #names == 0 and "; the command has no ports"
          or "; the ports are: " .. table.concat(names, ", ")), 0)
      elseif part ~= "" then
        local is_part = false
        for _, one in ipairs(PARTS) do
          is_part = is_part or one == part
        end
        if not is_part then
          error(("%s: {%s.%s}: a path has the parts %s"):format(subject, name, part,
            table.concat(PARTS, ", ")), 0)
        end
      end
      pieces[#pieces + 1] = { name, part }
      at = after
    end
  end
  return pieces
end

--- A value as the text of an argument.
local function text_of(value, name)
  local kind = math.type(value) or type(value)
  if kind == "integer" or kind == "boolean" then
    return tostring(value)
  elseif kind == "float" then
    return numerals.shortest(value)
  elseif kind == "string" then
    return value
  end
  error(("the value of `%s` is a %s, which is no argument; a text, a number or a path expected")
    :format(name, kind), 0)
end

local function part_of(text, part)
  local name = text:match("([^/]*)/*$")
  if part == "name" then
    return name
  elseif part == "stem" then
    return name:match("^(.+)%.[^.]*$") or name
  elseif part == "suffix" then
    return name:match("^.+(%.[^.]*)$") or ""
  elseif part == "parent" then
    return text:match("^(.*)/[^/]*$") or "."
  end
  return text
end

--- The lists among the values that pieces name, and their length; nil where a value is absent.
local function lengths(pieces, values)
  local count
  for _, piece in ipairs(pieces) do
    if type(piece) == "table" then
      local value = values[piece[1]]
      if value == nil then
        return nil
      elseif type(value) == "table" then
        count = math.max(count or 0, #value)
      end
    end
  end
  return count or -1
end

--- The text of pieces, with the element `index` of lists.
local function fill(pieces, values, index, quote)
  local out = {}
  for i, piece in ipairs(pieces) do
    if type(piece) == "string" then
      out[i] = piece
    else
      local value = values[piece[1]]
      if type(value) == "table" then
        value = value[index]
      end
      out[i] = part_of(text_of(value, piece[1]), piece[2])
      if quote then
        out[i] = quote(out[i])
      end
    end
  end
  return table.concat(out)
end

--- Appends the arguments of a template: none where a value is absent, and one for each element of
-- a list.
--- @param words string[]
--- @param template table a list of pieces, or a group: a list of such lists with `is_group`
--- @param values table
function command_template.append(words, template, values)
  if template.when then
    local value = values[template.when]
    if value == nil or value == false then
      return
    end
  end
  local group = template.is_group and template or { template }
  local count = -1
  for _, pieces in ipairs(group) do
    local own = lengths(pieces, values)
    if not own then
      return
    end
    count = math.max(count, own)
  end
  for index = 1, count < 0 and 1 or count do
    for _, pieces in ipairs(group) do
      words[#words + 1] = fill(pieces, values, index)
    end
  end
end

--- The text of a template.
--- @param pieces table
--- @param values table
--- @return string|nil text nil where a value is absent
function command_template.text(pieces, values)
  local count = lengths(pieces, values)
  return count and fill(pieces, values, 1) or nil
end

--- A command line for a shell, with each value as one word, and those of a list one after another.
--- @param pieces table
--- @param values table
--- @param quote fun(text: string): string
--- @return string
function command_template.line(pieces, values, quote)
  local out = {}
  for _, piece in ipairs(pieces) do
    local value = type(piece) == "table" and values[piece[1]]
    if type(value) == "table" then
      local words = {}
      for i = 1, #value do
        words[i] = fill({ piece }, values, i, quote)
      end
      out[#out + 1] = table.concat(words, " ")
    elseif type(piece) == "string" or value ~= nil then
      out[#out + 1] = fill({ piece }, values, 1, quote)
    end
  end
  return table.concat(out)
end

return command_template
