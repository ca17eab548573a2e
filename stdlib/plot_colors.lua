-- SPDX-License-Identifier: BSD-3-Clause
--- Colours of plots: a palette for groups, and colour maps for numbers. An internal part of `plot`.

local numerals = require "numerals"
local option_names = require "option_names"

local plot_colors = {}

--- Colours that are distinguishable with any colour vision (Okabe and Ito). Those with enough
-- contrast for a line on white are first.
plot_colors.palette = {
  "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000",
}

-- Samples at equal distances; colours between them are interpolated. Lightness changes steadily, so
-- that an order is seen with any colour vision, and in grey.
local MAPS <const> = {
  viridis =
    "440154 470d60 48186a 482374 472d7b 453781 424086 3e4989 3b528b 375b8d 33638d 2f6b8e 2c728e " ..
    "297a8e 26828e 23898e 21918c 1f988b 1fa088 22a785 28ae80 32b67a 3fbc73 4ec36b 5ec962 70cf57 " ..
    "84d44b 98d83e addc30 c2df23 d8e219 ece51b fde725",
  cividis =
    "00224e 00285b 002e6a 053371 1a386f 273e6e 32436d 3b496c 434e6c 4b546c 535a6d 5a5f6e 61656f " ..
    "686a71 6f7073 767676 7d7c78 848279 8c8878 938e78 9b9476 a39a74 aba072 b4a76f bcae6c c4b468 " ..
    "cdbb63 d5c25e dec958 e7d150 f0d846 f9e03a fee838",
  magma =
    "000004 030312 0a0822 130d34 1d1147 29115a 36106b 440f76 51127c 5d177f 6a1c81 762181 832681 " ..
    "902a81 9c2e7f aa337d b73779 c43c75 d0416f dc4869 e75263 ef5d5e f56b5c f9795d fc8961 fd9869 " ..
    "fea772 feb67c fec488 fed395 fde2a3 fcf0b2 fcfdbf",
  -- From light to dark, and from blue through white to orange for values on both sides of a middle.
  greys = "fafafa 1a1a1a",
  blues = "f4f8fc c6dff2 7fb6dd 3a87bf 0b5a99 06315a",
  blue_orange = "053a66 2472ad 7db4da d3e6f2 f7f7f7 fbdcc0 f0a15c c8610f 6f2f04",
}

-- The colours that CSS names. Those with "gray" are also spelt "grey".
local NAMES <const> =
  "aliceblue=f0f8ff antiquewhite=faebd7 aqua=00ffff aquamarine=7fffd4 azure=f0ffff " ..
  "beige=f5f5dc bisque=ffe4c4 black=000000 blanchedalmond=ffebcd blue=0000ff " ..
  "blueviolet=8a2be2 brown=a52a2a burlywood=deb887 cadetblue=5f9ea0 chartreuse=7fff00 " ..
  "chocolate=d2691e coral=ff7f50 cornflowerblue=6495ed cornsilk=fff8dc crimson=dc143c " ..
  "cyan=00ffff darkblue=00008b darkcyan=008b8b darkgoldenrod=b8860b darkgray=a9a9a9 " ..
  "darkgreen=006400 darkkhaki=bdb76b darkmagenta=8b008b darkolivegreen=556b2f " ..
  "darkorange=ff8c00 darkorchid=9932cc darkred=8b0000 darksalmon=e9967a darkseagreen=8fbc8f " ..
  "darkslateblue=483d8b darkslategray=2f4f4f darkturquoise=00ced1 darkviolet=9400d3 " ..
  "deeppink=ff1493 deepskyblue=00bfff dimgray=696969 dodgerblue=1e90ff firebrick=b22222 " ..
  "floralwhite=fffaf0 forestgreen=228b22 fuchsia=ff00ff gainsboro=dcdcdc ghostwhite=f8f8ff " ..
  "gold=ffd700 goldenrod=daa520 gray=808080 green=008000 greenyellow=adff2f honeydew=f0fff0 " ..
  "hotpink=ff69b4 indianred=cd5c5c indigo=4b0082 ivory=fffff0 khaki=f0e68c lavender=e6e6fa " ..
  "lavenderblush=fff0f5 lawngreen=7cfc00 lemonchiffon=fffacd lightblue=add8e6 " ..
  "lightcoral=f08080 lightcyan=e0ffff lightgoldenrodyellow=fafad2 lightgray=d3d3d3 " ..
  "lightgreen=90ee90 lightpink=ffb6c1 lightsalmon=ffa07a lightseagreen=20b2aa " ..
  "lightskyblue=87cefa lightslategray=778899 lightsteelblue=b0c4de lightyellow=ffffe0 " ..
  "lime=00ff00 limegreen=32cd32 linen=faf0e6 magenta=ff00ff maroon=800000 " ..
  "mediumaquamarine=66cdaa mediumblue=0000cd mediumorchid=ba55d3 mediumpurple=9370db " ..
  "mediumseagreen=3cb371 mediumslateblue=7b68ee mediumspringgreen=00fa9a " ..
  "mediumturquoise=48d1cc mediumvioletred=c71585 midnightblue=191970 mintcream=f5fffa " ..
  "mistyrose=ffe4e1 moccasin=ffe4b5 navajowhite=ffdead navy=000080 oldlace=fdf5e6 " ..
  "olive=808000 olivedrab=6b8e23 orange=ffa500 orangered=ff4500 orchid=da70d6 " ..
  "palegoldenrod=eee8aa palegreen=98fb98 paleturquoise=afeeee palevioletred=db7093 " ..
  "papayawhip=ffefd5 peachpuff=ffdab9 peru=cd853f pink=ffc0cb plum=dda0dd powderblue=b0e0e6 " ..
  "purple=800080 rebeccapurple=663399 red=ff0000 rosybrown=bc8f8f royalblue=4169e1 " ..
  "saddlebrown=8b4513 salmon=fa8072 sandybrown=f4a460 seagreen=2e8b57 seashell=fff5ee " ..
  "sienna=a0522d silver=c0c0c0 skyblue=87ceeb slateblue=6a5acd slategray=708090 snow=fffafa " ..
  "springgreen=00ff7f steelblue=4682b4 tan=d2b48c teal=008080 thistle=d8bfd8 tomato=ff6347 " ..
  "turquoise=40e0d0 violet=ee82ee wheat=f5deb3 white=ffffff whitesmoke=f5f5f5 yellow=ffff00 " ..
  "yellowgreen=9acd32"

--- Red, green and blue from 0 to 255; nil if a text is neither "#rrggbb", "#rgb" nor a name of CSS.
--- @param text string
--- @return integer|nil red
--- @return integer|nil green
--- @return integer|nil blue
function plot_colors.parse(text)
  local hex = text:match "^#(%x+)$"
  if hex and #hex == 3 then
    hex = hex:gsub("%x", "%0%0")
  elseif not hex and text:find "^%a+$" then
    local name = text:lower():gsub("grey", "gray")
    hex = (" " .. NAMES):match(" " .. name .. "=(%x+)")
  end
  if hex and #hex == 6 then
    return tonumber(hex:sub(1, 2), 16), tonumber(hex:sub(3, 4), 16), tonumber(hex:sub(5, 6), 16)
  end
end

--- Writes a colour as "#rrggbb".
--- @param red integer
--- @param green integer
--- @param blue integer
--- @return string
function plot_colors.hex(red, green, blue)
  return ("#%02x%02x%02x"):format(red, green, blue)
end

--- The names of the colour maps, sorted.
--- @return string[]
function plot_colors.names()
  local names = {}
  for name in pairs(MAPS) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

--- The samples of a colour map: lists of red, green and blue.
local function samples(map, subject)
  if type(map) == "table" then
    local list = {}
    for i = 1, #map do
      local red, green, blue
      if type(map[i]) == "string" then
        red, green, blue = plot_colors.parse(map[i])
      end
      if not red then
        error(("%s: `%s` is no colour; write \"#rrggbb\" or a name such as \"orange\""):format(
          subject, tostring(map[i])), 0)
      end
      list[i] = { red, green, blue }
    end
    if #list < 2 then
      error(("%s: expected at least 2 colours, got %d"):format(subject, #list), 0)
    end
    return list
  end
  if map ~= nil and type(map) ~= "string" then
    error(("%s: expected the name of a colour map or a list of colours, got %s"):format(subject,
      type(map) == "number" and numerals.shortest(map) or "a " .. type(map)), 0)
  end
  local name = map or "viridis"
  local is_reversed = name:find "_r$" ~= nil
  local text = MAPS[name:gsub("_r$", "")]
  if not text then
    error(("%s: there is no colour map `%s`%s"):format(subject, name,
      option_names.advice(name, plot_colors.names(), "the maps are")), 0)
  end
  local list = {}
  for hex in text:gmatch "%x+" do
    table.insert(list, is_reversed and 1 or #list + 1, { plot_colors.parse("#" .. hex) })
  end
  return list
end

--- A function from numbers between 0 and 1 to red, green and blue.
--- @param map string|string[]|nil the name of a map, with "_r" to reverse it, or a list of colours;
--- default "viridis"
--- @param subject string|nil the start of messages
--- @return fun(t: number): integer, integer, integer
function plot_colors.map(map, subject)
  local list = samples(map, subject or "colors")
  return function(t)
    local at = math.min(math.max(t, 0.0), 1.0) * (#list - 1)
    local i = math.min(math.floor(at), #list - 2)
    local a, b, rest = list[i + 1], list[i + 2], at - i
    return math.floor(a[1] + rest * (b[1] - a[1]) + 0.5),
      math.floor(a[2] + rest * (b[2] - a[2]) + 0.5), math.floor(a[3] + rest * (b[3] - a[3]) + 0.5)
  end
end

--- The relative luminance of a colour (WCAG 2), from 0 to 1.
--- @param red number
--- @param green number
--- @param blue number
--- @return number
function plot_colors.luminance(red, green, blue)
  local function linear(c)
    c = c / 255
    return c <= 0.04045 and c / 12.92 or ((c + 0.055) / 1.055) ^ 2.4
  end
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
end

--- A colour darkened until small text is readable on white: contrast 4.5 (WCAG 2).
--- @param color string
--- @return string
function plot_colors.for_text(color)
  local red, green, blue = plot_colors.parse(color)
  if not red then
    return color
  end
  local factor = 0.85
  repeat
    factor = factor - 0.03
    local light = plot_colors.luminance(red * factor, green * factor, blue * factor)
  until 1.05 / (light + 0.05) >= 4.5
  return plot_colors.hex(math.floor(red * factor), math.floor(green * factor),
    math.floor(blue * factor))
end

return plot_colors
