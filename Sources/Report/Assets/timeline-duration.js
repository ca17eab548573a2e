// SPDX-License-Identifier: BSD-3-Clause
// A duration as text; with `step`, with the digits that distinguish multiples of it.
function timelineDuration(microseconds, step) {
  "use strict";
  var size = Math.abs(step || microseconds), digits;
  if (size >= 1e6 || (step && Math.abs(microseconds) >= 1e6)) {
    digits = step ? Math.max(0, Math.ceil(-Math.log10(step / 1e6) - 1e-9)) : 2;
    return (microseconds / 1e6).toFixed(Math.min(6, digits)) + " s";
  }
  if (size >= 1e3 || (step && Math.abs(microseconds) >= 1e3)) {
    digits = step ? Math.max(0, Math.ceil(-Math.log10(step / 1e3) - 1e-9)) : 2;
    return (microseconds / 1e3).toFixed(Math.min(3, digits)) + " ms";
  }
  return Math.round(microseconds) + " \u00b5s";
}
