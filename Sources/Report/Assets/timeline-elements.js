// SPDX-License-Identifier: BSD-3-Clause
// The elements of nodes, which the data has in a short form: for each the place in the lists, the worker,
// the start as the difference to that of the one before, and the duration. They become tasks of a call,
// and the page finds them by their places.
function timelineElements(data, duration) {
  "use strict";
  data.calls.forEach(function (call) {
    if (!call.elements) return;
    var packed = call.elements, levels = call.levels, stride = levels + 3, tasks = [], start = 0;
    for (var at = 0; at < packed.length; at += stride) {
      start += packed[at + levels + 1];
      tasks.push(at / stride, 0, 1, packed[at + levels], -1, start, start, start + packed[at + levels + 2]);
    }
    call.faults.forEach(function (number) { tasks[8 * number + 1] = 1; });
    call.tasks = tasks;
    call.workers = [];
    call.element = function (number) {
      return "[" + packed.slice(number * stride, number * stride + levels).join("][") + "]";
    };
  });
  document.querySelectorAll("input[data-elements]").forEach(function (input) {
    var call = data.calls[Number(input.dataset.elements)], found = input.parentNode.nextElementSibling;
    input.addEventListener("input", function () {
      var wanted = (input.value.match(/\d+/g) || []).map(Number), stride = call.levels + 3, text = "";
      if (wanted.length === call.levels) {
        text = "no element with this index was computed";
        for (var at = 0; at < call.elements.length; at += stride) {
          if (!wanted.every(function (place, level) { return call.elements[at + level] === place; })) continue;
          var worker = call.elements[at + call.levels], failed = call.tasks[8 * at / stride + 1] === 1;
          text = call.element(at / stride) + " " + (failed ? "failed after " : "computed in ") +
            duration(call.elements[at + call.levels + 2]) + (worker ? " on worker " + worker : " on the interpreter");
          break;
        }
      }
      found.textContent = text;
    });
  });
}
