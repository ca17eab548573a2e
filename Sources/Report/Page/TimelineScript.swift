// SPDX-License-Identifier: BSD-3-Clause

extension Page {
    static var timelineScript: String { timelineDrawing + timelineControls }

    /// Draws modules and tasks on a canvas as large as what can be seen of them, whatever there is.
    /// The function that it begins ends in ``timelineControls``.
    private static let timelineDrawing = #"""

        (function () {
          "use strict";
          var data = JSON.parse(document.getElementById("timeline-data").textContent);
          var frame = document.getElementById("timeline-frame"), scroll = document.getElementById("timeline-scroll");
          var canvas = document.getElementById("timeline-canvas"), tip = document.getElementById("timeline-tip");
          var room = document.getElementById("timeline-room"), context = canvas.getContext("2d");
          var states = ["computed", "cached", "failed", "skipped", "stopped", "waiting"];
          var outcomes = ["done", "failed", "cancelled", "unfinished"];
          var TOP = 24, MODULE = 22, LANE = 16, LEFT = 190, RIGHT = 16;

          // Rows: a module, and below it a lane for each worker of each backend.
          var rows = [], total = 0, faults = [], firstRow = [];
          function add(row, height) { row.top = total; row.height = height; total += height; rows.push(row); }
          var callsOf = data.modules.map(function () { return []; });
          data.calls.forEach(function (call, number) { callsOf[call.module].push(number); });
          data.modules.forEach(function (module, index) {
            firstRow.push(rows.length);
            add({ module: index }, MODULE);
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
              add(row, LANE);
            });
          });
          faults.sort(function (a, b) { return a.task.start - b.task.start; });

          // What is seen: from and to, in microseconds.
          var margin = data.span * 0.01, whole = { from: -margin, to: data.span + margin };
          var from = whole.from, to = whole.to, width = 0, height = 0, colour = {}, chosen = null, waiting = false;

          function text(microseconds, step) {
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
          function x(time) { return LEFT + (time - from) / (to - from) * (width - LEFT - RIGHT); }
          function time(px) { return from + (px - LEFT) / (width - LEFT - RIGHT) * (to - from); }
          function view(start, end) {
            var span = Math.min(whole.to - whole.from, Math.max(20, end - start));
            from = Math.min(whole.to - span, Math.max(whole.from, (start + end - span) / 2));
            to = from + span;
            draw();
          }
          function zoom(factor, at) {
            if (at === undefined) at = (from + to) / 2;
            var span = Math.min(whole.to - whole.from, (to - from) * factor);
            if (span < 20) span = 20;
            var share = (at - from) / (to - from);
            view(at - share * span, at - share * span + span);
          }
          function draw() {
            if (waiting) return;
            waiting = true;
            requestAnimationFrame(function () { waiting = false; paint(); });
          }

          function readColours() {
            var style = getComputedStyle(document.documentElement);
            states.concat(["text", "quiet", "line", "panel", "page", "bad", "task", "on"]).forEach(function (name) {
              colour[name] = style.getPropertyValue("--" + name).trim();
            });
          }
          function resize() {
            width = Math.max(360, scroll.clientWidth);
            height = Math.min(TOP + total + 8, 560);
            var ratio = window.devicePixelRatio || 1;
            scroll.style.height = height + "px";
            canvas.width = Math.round(width * ratio);
            canvas.height = Math.round(height * ratio);
            canvas.style.height = height + "px";
            room.style.height = Math.max(0, TOP + total + 8 - height) + "px";
            context.setTransform(ratio, 0, 0, ratio, 0, 0);
            LEFT = width < 700 ? 120 : 190;
            draw();
          }

          function label(words, left, y, most) {
            if (context.measureText(words).width > most) {
              var low = 0, high = words.length;
              while (low < high) {
                var middle = (low + high + 1) >> 1;
                if (context.measureText(words.slice(0, middle) + "\u2026").width <= most) low = middle; else high = middle - 1;
              }
              words = words.slice(0, low) + "\u2026";
            }
            context.fillText(words, left, y);
          }

          // The first task that may reach into the view.
          function first(lane, start) {
            var low = 0, high = lane.tasks.length;
            start -= lane.longest;
            while (low < high) {
              var middle = (low + high) >> 1;
              if (lane.tasks[middle].start < start) low = middle + 1; else high = middle;
            }
            return low;
          }

          function paintLane(row, y) {
            var lane = row.lane, tasks = lane.tasks, last = -1, marks = [], painted = 0;
            context.fillStyle = colour.task;
            for (var at = first(lane, from); at < tasks.length && tasks[at].start <= to; at += 1) {
              var task = tasks[at];
              if (task.end < from) continue;
              var left = Math.max(LEFT, x(task.start)), right = Math.min(width - RIGHT + 4, x(task.end));
              if (task.outcome !== 0) { marks.push(task); continue; }
              // Many in one pixel are one.
              if (right <= last) continue;
              left = Math.round(Math.max(left, last));
              var wide = Math.max(1, Math.round(right) - left);
              context.fillRect(left, y + 3, wide > 4 ? wide - 1 : wide, LANE - 6);
              last = left + wide;
              painted += 1;
            }
            last = -10;
            marks.forEach(function (task) {
              var left = Math.max(LEFT, x(task.start)), right = Math.min(width - RIGHT + 4, x(task.end));
              if (task.outcome === 1) {
                context.fillStyle = colour.bad;
                context.fillRect(Math.round(left), y + 3, Math.max(2, Math.round(right - left)), LANE - 6);
              } else {
                context.strokeStyle = task.outcome === 2 ? colour.stopped : colour.quiet;
                context.strokeRect(left + 0.5, y + 4.5, Math.max(4, right - left - 1), LANE - 9);
              }
              if (left - last < 5) return;
              last = left;
              painted += 1;
              mark(task.outcome, left, y);
            });
            return painted;
          }
          // A failed task has a triangle above, a cancelled one is crossed, of an unfinished one
          // the end is open.
          function mark(outcome, left, y) {
            context.beginPath();
            if (outcome === 1) {
              context.fillStyle = colour.bad;
              context.moveTo(left - 4, y - 1); context.lineTo(left + 5, y - 1); context.lineTo(left + 0.5, y + 6);
              context.fill();
            } else if (outcome === 2) {
              context.strokeStyle = colour.stopped;
              context.moveTo(left - 1, y + 3); context.lineTo(left + 6, y + LANE - 3);
              context.moveTo(left + 6, y + 3); context.lineTo(left - 1, y + LANE - 3);
              context.stroke();
            } else {
              context.fillStyle = colour.panel;
              context.fillRect(left + 3, y + 4, 4, LANE - 8);
            }
          }

          function paintAxis() {
            context.fillStyle = colour.panel;
            context.fillRect(0, 0, width, TOP);
            context.fillStyle = colour.quiet;
            context.textAlign = "center";
            var step = Math.pow(10, Math.floor(Math.log10((to - from) / 5))), count = (to - from) / step;
            if (count > 25) step *= 5; else if (count > 12) step *= 2;
            var space = 0;
            for (var at = Math.ceil(from / step) * step; at <= to; at += step) {
              var px = x(at);
              if (px >= LEFT && px > space) {
                context.fillText(text(at, step), px, 16);
                space = px + 70;
              }
            }
            context.textAlign = "left";
            context.fillText("time since the run began", 10, 16);
            return step;
          }

          function paint() {
            var began = performance.now();
            context.font = "12px system-ui, 'Liberation Sans', sans-serif";
            context.lineWidth = 1;
            context.fillStyle = colour.panel;
            context.fillRect(0, 0, width, height);
            var top = scroll.scrollTop, low = 0, high = rows.length, painted = 0;
            while (low < high) {
              var middle = (low + high) >> 1;
              if (rows[middle].top + rows[middle].height < top) low = middle + 1; else high = middle;
            }
            for (var index = low; index < rows.length && rows[index].top < top + height; index += 1) {
              var row = rows[index], y = TOP + row.top - top;
              if (row.lane) {
                context.fillStyle = colour.quiet;
                var lane = row.lane;
                label(lane.worker < 0 ? lane.backend + ", not begun" : lane.backend + " " + lane.worker, 26, y + 12, LEFT - 34);
                painted += paintLane(row, y);
              } else {
                var module = data.modules[row.module], state = states[module[2]];
                context.strokeStyle = colour.line;
                context.beginPath(); context.moveTo(0, y + 0.5); context.lineTo(width, y + 0.5); context.stroke();
                context.fillStyle = colour.text;
                label(module[3], 10, y + 15, LEFT - 18);
                var left = x(module[0]), right = x(module[0] + module[1]);
                if (right >= LEFT - 2 && left <= width - RIGHT + 4 && state !== "skipped") {
                  left = Math.max(LEFT, left); right = Math.min(width - RIGHT + 4, right);
                  context.fillStyle = colour[state];
                  context.fillRect(left, y + 5, Math.max(3, right - left), MODULE - 10);
                  var words = (state === "computed" ? "" : state + ", ") + text(module[1]);
                  if (right + 8 + context.measureText(words).width < width) {
                    context.fillStyle = colour.quiet; context.fillText(words, Math.max(left + 3, right) + 6, y + 15);
                  }
                }
              }
            }
            paintAxis();
            if (chosen) paintChosen(top);
            frame.dataset.from = Math.round(from);
            frame.dataset.to = Math.round(to);
            frame.dataset.rows = rows.length;
            frame.dataset.painted = painted;
            frame.dataset.milliseconds = (performance.now() - began).toFixed(1);
          }
          function paintChosen(top) {
            var y = TOP + chosen.row.top - top;
            if (y < TOP - LANE) return;
            context.strokeStyle = colour.text;
            context.lineWidth = 2;
            var left = Math.max(LEFT, x(chosen.task.start)), right = Math.min(width, x(chosen.task.end));
            context.strokeRect(left - 1, y + 2, Math.max(4, right - left + 2), LANE - 4);
          }

        """#
}
