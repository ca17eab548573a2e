-- SPDX-License-Identifier: BSD-3-Clause
--- Arrays where lists of numbers are expected. An internal part of the library.

local number_lists = {}

--- Returns true if a value is an array. Lua without VTLua has none.
--- @param value any
--- @return boolean
function number_lists.is_array(value)
  return type(value) == "userdata" and array ~= nil and array.is(value)
end

--- The type and the shape of an array, for messages.
--- @param value array
--- @return string
function number_lists.describe(value)
  return ("an array of %s, shape (%s)"):format(value.dtype, table.concat(value.shape, ", "))
end

--- The reason why an array is no list of numbers; nil if it is one.
--- @param value array
--- @param axes integer|nil the number of axes that it must have, by default 1
--- @param booleans boolean|nil true: booleans are accepted too
--- @return string|nil
function number_lists.mismatch(value, axes, booleans)
  local dtype, advice = value.dtype, nil
  if dtype:find("^complex") then
    advice = "write a:real() and a:imag()"
  elseif dtype == "bool" and not booleans then
    advice = 'write a:astype "int64"'
  elseif value.ndim ~= (axes or 1) then
    advice = axes == 2 and "write a:reshape{-1, 1} for one column" or "write a:flatten()"
  end
  return advice and ("%s; %s"):format(number_lists.describe(value), advice)
end

--- The message about an element of a list that is not a number.
--- @param value any
--- @param index integer
--- @return string
function number_lists.wrong(value, index)
  local advice = ""
  if type(value) == "string" and tonumber(value) then
    advice = '; a column of a CSV file needs the type "number", as in { types = { x = "number" } }'
  end
  local shown = type(value) == "string" and ("the text %q"):format(value) or tostring(value)
  return ("value %d is %s; expected a number%s"):format(index, shown, advice)
end

--- Turns an array that is a list of numbers into a table; returns other values as they are.
--- @param value any
--- @param subject string|nil the start of the message about other arrays
--- @param level integer|nil of the error, as that of `error`; by default the caller's caller
--- @return any
function number_lists.of(value, subject, level)
  if not number_lists.is_array(value) then
    return value
  end
  local reason = number_lists.mismatch(value)
  if reason then
    error(("%sexpected a list of numbers, got %s"):format(subject or "", reason),
      level == 0 and 0 or (level or 2) + 1)
  end
  return value:tolist()
end

return number_lists
