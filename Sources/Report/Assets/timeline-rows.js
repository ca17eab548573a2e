// SPDX-License-Identifier: BSD-3-Clause
// The rows of the timeline: one for each module, and below it one for each worker of each backend.
// `faults` are the tasks that have not succeeded, by time; `firstRow` has the row of each module.
function timelineRows(data, moduleHeight, laneHeight) {
  "use strict";
  var rows = [], total = 0, faults = [], firstRow = [];
  function add(row, height) { row.top = total; row.height = height; total += height; rows.push(row); }
  var callsOf = data.modules.map(function () { return []; });
  data.calls.forEach(function (call, number) { callsOf[call.module].push(number); });
  data.modules.forEach(function (module, index) {
    firstRow.push(rows.length);
    add({ module: index }, moduleHeight);
    var lanes = {};
    callsOf[index].forEach(function (number) {
      var call = data.calls[number], tasks = call.tasks;
      for (var at = 0; at < tasks.length; at += 8) {
        var worker = tasks[at + 6] < 0 ? -1 : tasks[at + 3], key = call.backend + " " + worker;
        var lane = lanes[key] || (lanes[key] = { backend: call.backend, worker: worker, tasks: [], longest: 0 });
        var start = call.start + (worker < 0 ? tasks[at + 5] : tasks[at + 6]);
        var end = worker < 0 ? start : Math.max(start, call.start + tasks[at + 7]);
        lane.tasks.push({ call: number, at: at, start: start, end: end, outcome: tasks[at + 1] });
        lane.longest = Math.max(lane.longest, end - start);
      }
    });
    Object.keys(lanes).map(function (key) { return lanes[key]; }).sort(function (a, b) {
      return a.backend < b.backend ? -1 : a.backend > b.backend ? 1 : a.worker - b.worker;
    }).forEach(function (lane) {
      lane.tasks.sort(function (a, b) { return a.start - b.start; });
      var row = { module: index, lane: lane };
      lane.tasks.forEach(function (task) {
        if (task.outcome > 0) faults.push({ task: task, row: row });
      });
      add(row, laneHeight);
    });
  });
  faults.sort(function (a, b) { return a.task.start - b.task.start; });
  return { rows: rows, height: total, faults: faults, firstRow: firstRow };
}
