-- SPDX-License-Identifier: BSD-3-Clause
---@meta

---Shows values in a notebook before the cell ends.
---@class display
---@overload fun(...: any)
display = {}

---@param text string
function display.html(text) end

---@param text string
function display.markdown(text) end

---@param text string
function display.latex(text) end

---@param text string
function display.svg(text) end

---Clears the cell's output.
---@param wait? boolean whether to wait for the next output
function display.clear(wait) end

---A displayed value that can be replaced.
---@class display.Place
local Place = {}

---Replaces the value.
---@param value any
function Place:update(value) end

---Shows a value that can be replaced.
---@param value any
---@return display.Place
function display.open(value) end
