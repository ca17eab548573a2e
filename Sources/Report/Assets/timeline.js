// SPDX-License-Identifier: BSD-3-Clause
// The timeline of modules and tasks. The canvas is as large as its visible part.
(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("timeline-data").textContent);
  var frame = document.getElementById("timeline-frame"), scroll = document.getElementById("timeline-scroll");
  var canvas = document.getElementById("timeline-canvas"), tip = document.getElementById("timeline-tip");
  var spacer = document.getElementById("timeline-spacer"), context = canvas.getContext("2d");
  var states = ["computed", "cached", "failed", "skipped", "stopped", "waiting", "not needed", "suspended"];
  // States of nodes that did not begin.
  function idle(state) { return state === "skipped" || state === "not needed"; }
  var outcomes = ["done", "failed", "cancelled", "unfinished"];
  var TOP = 24, MODULE = 22, LANE = 16, LEFT = 190, RIGHT = 16;

  timelineElements(data, timelineDuration);
  var layout = timelineRows(data, MODULE, LANE);
  var rows = layout.rows, total = layout.height, faults = layout.faults, firstRow = layout.firstRow;

  // The visible part: from and to, in microseconds.
  var margin = data.span * 0.01, whole = { from: -margin, to: data.span + margin };
  var from = whole.from, to = whole.to, width = 0, height = 0, colour = {}, chosen = null, waiting = false;

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
    spacer.style.height = Math.max(0, TOP + total + 8 - height) + "px";
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    LEFT = width < 700 ? 120 : 190;
    draw();
  }

  // Draws a text, shortened to a width.
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

  // Returns the index of the first task that may reach into the view.
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
      // Tasks in one pixel are drawn as one.
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
  // Marks a failed task with a triangle, a cancelled one with a cross, an unfinished one with an open
  // end.
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
        context.fillText(timelineDuration(at, step), px, 16);
        space = px + 70;
      }
    }
    context.textAlign = "left";
    context.fillText("time since the start of the run", 10, 16);
    return step;
  }

  function paint() {
    var start = performance.now();
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
        label(lane.worker < 0 ? lane.backend + ", not started" : lane.worker === 0 ? "interpreter" : lane.backend + " " + lane.worker, 26, y + 12, LEFT - 34);
        painted += paintLane(row, y);
      } else {
        var module = data.modules[row.module], state = states[module[2]];
        context.strokeStyle = colour.line;
        context.beginPath(); context.moveTo(0, y + 0.5); context.lineTo(width, y + 0.5); context.stroke();
        context.fillStyle = colour.text;
        label(module[3], 10, y + 15, LEFT - 18);
        var left = x(module[0]), right = x(module[0] + module[1]);
        if (right >= LEFT - 2 && left <= width - RIGHT + 4 && !idle(state)) {
          left = Math.max(LEFT, left); right = Math.min(width - RIGHT + 4, right);
          context.fillStyle = colour[state];
          context.fillRect(left, y + 5, Math.max(3, right - left), MODULE - 10);
          var words = (state === "computed" ? "" : state + ", ") + timelineDuration(module[1]);
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
    frame.dataset.milliseconds = (performance.now() - start).toFixed(1);
  }
  function paintChosen(top) {
    var y = TOP + chosen.row.top - top;
    if (y < TOP - LANE) return;
    context.strokeStyle = colour.text;
    context.lineWidth = 2;
    var left = Math.max(LEFT, x(chosen.task.start)), right = Math.min(width, x(chosen.task.end));
    context.strokeRect(left - 1, y + 2, Math.max(4, right - left + 2), LANE - 4);
  }

  // Returns the row and the task at a point of the canvas.
  function find(px, py) {
    var y = py - TOP + scroll.scrollTop;
    if (py < TOP) return null;
    var row = rows.find(function (row) { return y >= row.top && y < row.top + row.height; });
    if (!row) return null;
    if (!row.lane) return { row: row };
    var best = null, nearest = 4, tasks = row.lane.tasks;
    if (px >= LEFT) {
      var reach = (to - from) / width * 6;
      for (var at = first(row.lane, time(px) - reach); at < tasks.length && tasks[at].start <= time(px) + reach; at += 1) {
        var task = tasks[at], left = x(task.start), right = Math.max(left + 1, x(task.end));
        var distance = px < left ? left - px : px > right ? px - right : 0;
        if (task.outcome > 0) distance -= 1;
        if (distance < nearest) { nearest = distance; best = task; }
      }
    }
    return { row: row, task: best };
  }
  function about(found) {
    var module = data.modules[found.row.module];
    if (!found.task) {
      if (found.row.lane) return "";
      return module[3] + "\n" + states[module[2]] + (idle(states[module[2]]) ? "" : ", started " + timelineDuration(module[0]) + ", took " + timelineDuration(module[1]));
    }
    var task = found.task, call = data.calls[task.call], t = call.tasks, at = task.at;
    var lines = [
      (call.element ? "element " + call.element(t[at]) : "task " + t[at]) + ", " + outcomes[t[at + 1]] + (t[at + 2] > 1 ? ", " + t[at + 2] + " attempts" : ""),
      module[3] + ", " + (call.label || (call.element ? "elements" : "call " + call.number)) + (call.place ? " at " + call.place : "")];
    var worker = call.workers[t[at + 4]];
    if (t[at + 6] >= 0) lines.push((t[at + 3] === 0 ? "interpreter" : call.element ? "worker " + t[at + 3] : call.backend + " worker " + t[at + 3]) + (worker
      ? (worker[3] === null ? "" : ", engine " + worker[3]) + (worker[1] > 0 ? ", process " + worker[1] : "") + (worker[2] ? " on " + worker[2] : "") : ""));
    if (!call.element) lines.push("queued " + timelineDuration(call.start + t[at + 5]));
    if (t[at + 6] >= 0) lines.push("started " + timelineDuration(call.start + t[at + 6]) + ", ended " + timelineDuration(call.start + t[at + 7]) + ", took " + timelineDuration(t[at + 7] - t[at + 6]));
    return lines.join("\n");
  }
  function show(found, px, py) {
    var words = found ? about(found) : "";
    tip.hidden = !words;
    if (!words) return;
    tip.textContent = words;
    tip.style.left = Math.max(4, Math.min(px + 14, frame.clientWidth - tip.offsetWidth - 4)) + "px";
    tip.style.top = (py + 18 + tip.offsetHeight > height ? Math.max(2, py - tip.offsetHeight - 8) : py + 16) + "px";
  }
  function goTo(row, start, end) {
    scroll.scrollTop = Math.max(0, row.top - height / 3);
    view(start, end);
  }

  // Controls
  var seen = -1;
  function nextFault() {
    if (!faults.length) return;
    seen = (seen + 1) % faults.length;
    chosen = faults[seen];
    var span = Math.min(to - from, Math.max(1000, (chosen.task.end - chosen.task.start) * 30));
    var middle = (chosen.task.start + chosen.task.end) / 2;
    goTo(chosen.row, middle - span / 2, middle + span / 2);
    show(chosen, x(chosen.task.end), TOP + chosen.row.top - scroll.scrollTop);
  }
  var next = document.querySelector('#timeline [data-zoom="next"]');
  next.hidden = !faults.length;
  document.querySelector("#timeline .buttons").addEventListener("click", function (event) {
    var what = event.target.dataset.zoom;
    if (what === "in") zoom(1 / 1.6);
    if (what === "out") zoom(1.6);
    if (what === "fit") view(whole.from, whole.to);
    if (what === "next") nextFault();
  });
  document.querySelectorAll("[data-call]").forEach(function (button) {
    button.addEventListener("click", function () {
      var number = Number(button.dataset.call), call = data.calls[number], start = Infinity, end = -Infinity;
      for (var at = 0; at < call.tasks.length; at += 8) if (call.tasks[at + 6] >= 0) {
        start = Math.min(start, call.start + call.tasks[at + 6]);
        end = Math.max(end, call.start + call.tasks[at + 7]);
      }
      if (!(end >= start)) { start = call.start; end = start + 1000; }
      var more = Math.max(10, (end - start) * 0.05);
      goTo(rows[firstRow[call.module]], start - more, end + more);
      frame.scrollIntoView({ block: "nearest" });
      frame.focus({ preventScroll: true });
    });
  });
  canvas.addEventListener("wheel", function (event) {
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      zoom(Math.exp(event.deltaY / 300), time(event.offsetX));
    } else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      event.preventDefault();
      var by = (event.deltaX || event.deltaY) * (to - from) / width;
      view(from + by, to + by);
    }
  }, { passive: false });
  frame.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    var by = (to - from) / 8;
    switch (event.key) {
      case "+": case "=": zoom(1 / 1.6); break;
      case "-": zoom(1.6); break;
      case "0": view(whole.from, whole.to); break;
      case "ArrowLeft": view(from - by, to - by); break;
      case "ArrowRight": view(from + by, to + by); break;
      case "ArrowUp": scroll.scrollTop -= 40; break;
      case "ArrowDown": scroll.scrollTop += 40; break;
      case "Escape": chosen = null; tip.hidden = true; draw(); break;
      default: return;
    }
    event.preventDefault();
  });
  var drag = null;
  canvas.addEventListener("pointerdown", function (event) {
    if (event.button !== 0) return;
    drag = { x: event.clientX, from: from, to: to, moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", function (event) {
    if (drag) {
      var by = (drag.x - event.clientX) / (width - LEFT - RIGHT) * (drag.to - drag.from);
      if (Math.abs(drag.x - event.clientX) > 3) drag.moved = true;
      if (drag.moved) { tip.hidden = true; canvas.classList.add("dragged"); view(drag.from + by, drag.to + by); }
      return;
    }
    var found = find(event.offsetX, event.offsetY);
    canvas.style.cursor = found && !found.row.lane ? "pointer" : "";
    show(found, event.offsetX, event.offsetY);
  });
  canvas.addEventListener("pointerup", function (event) {
    var moved = drag && drag.moved;
    drag = null;
    canvas.classList.remove("dragged");
    if (moved) return;
    var found = find(event.offsetX, event.offsetY);
    if (found && !found.row.lane) location.hash = data.modules[found.row.module][4];
    chosen = found && found.task ? found : null;
    draw();
  });
  canvas.addEventListener("pointerleave", function () { if (!drag) tip.hidden = true; });
  canvas.addEventListener("dblclick", function (event) { zoom(0.4, time(event.offsetX)); });
  scroll.addEventListener("scroll", draw);
  window.addEventListener("resize", resize);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", function () { readColours(); legend(); draw(); });

  function legend() {
    var place = document.getElementById("timeline-legend"), used = {};
    place.textContent = "";
    data.calls.forEach(function (call) {
      for (var at = 1; at < call.tasks.length; at += 8) used[call.tasks[at]] = true;
    });
    outcomes.forEach(function (name, index) {
      if (!used[index]) return;
      var item = document.createElement("span"), sign = document.createElement("canvas");
      var ratio = window.devicePixelRatio || 1, own = context;
      sign.width = 22 * ratio; sign.height = LANE * ratio;
      sign.style.cssText = "width:22px;height:" + LANE + "px;vertical-align:-3px;margin-right:4px";
      context = sign.getContext("2d");
      context.scale(ratio, ratio);
      context.fillStyle = index === 1 ? colour.bad : colour.task;
      context.strokeStyle = index === 2 ? colour.stopped : colour.quiet;
      if (index < 2) context.fillRect(5, 3, 14, LANE - 6); else context.strokeRect(5.5, 4.5, 13, LANE - 9);
      if (index === 1 || index === 2) mark(index, 9, index === 1 ? 1 : 0);
      context = own;
      item.appendChild(sign);
      item.appendChild(document.createTextNode("task " + name));
      place.appendChild(item);
    });
  }
  readColours();
  legend();
  resize();
})();
