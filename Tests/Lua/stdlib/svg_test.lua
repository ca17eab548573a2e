-- SPDX-License-Identifier: BSD-3-Clause

local svg = require "svg"
local expect = dofile(arg[0]:match("^(.*/)") .. "expect.lua")
local equal, fails = expect.equal, expect.fails

equal(svg.escape [[<a href="x">'&'</a>]],
  "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;")
equal(svg.escape "\u{FFFE}\u{FFFF}\u{FFFD}", "\u{FFFD}\u{FFFD}\u{FFFD}")
equal(svg.escape "a\0\27b\tc\n", "a\u{FFFD}\u{FFFD}b\tc\n")
fails("text: expected UTF-8; convert it first", svg.escape, "\xFF")

equal(svg.element("g", {}), "<g/>")
equal(svg.element("g", { b = 1.005, a = '"', c = -0.001 }), '<g a="&quot;" b="1" c="0"/>')
equal(svg.element("g", {}, "x"), "<g>x</g>")
equal(svg.element("g", {}, { "<a/>", "<b/>" }), "<g>\n<a/>\n<b/>\n</g>")
fails("an attribute is nan; expected a finite number", svg.element, "g", { x = 0 / 0 })
equal(svg.text(1, 2.5, "a<b", { fill = "red" }),
  '<text fill="red" x="1" y="2.5">a&lt;b</text>')

equal(svg.path({ 0, 1, 2 }, { 0, 1.5, 2 }), "M0 0L1 1.5L2 2")
equal(svg.path({ 0, 1, 2, 3 }, { 0, 0 / 0, 2, 3 }), "M0 0M2 2L3 3")

equal(svg.wrap("one two three", 10, 1000), { "one two three" })
equal(svg.wrap("one two three", 10, 45), { "one two", "three" })
equal(svg.wrap("verylongword x", 10, 5), { "verylongword", "x" })
equal(svg.wrap("a\nb", 10, 100), { "a", "b" })
equal(svg.text_width("mmm", 10) > svg.text_width("iii", 10), true)
