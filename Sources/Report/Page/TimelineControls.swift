// SPDX-License-Identifier: BSD-3-Clause

extension Page {
    /// What a person does with the timeline, and what it tells of a task: the second half of a
    /// script.
    static let timelineControls = #"""

          // What is at a place of the canvas.
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
              return module[3] + "\n" + states[module[2]] + (states[module[2]] === "skipped" ? "" : ", began " + text(module[0]) + ", took " + text(module[1]));
            }
            var task = found.task, call = data.calls[task.call], t = call.tasks, at = task.at;
            var lines = [
              "task " + t[at] + ", " + outcomes[t[at + 1]] + (t[at + 2] > 1 ? ", " + t[at + 2] + " attempts" : ""),
              module[3] + ", " + (call.label || "call " + call.number) + (call.place ? " at " + call.place : "")];
            var worker = call.workers[t[at + 4]];
            if (t[at + 6] >= 0) lines.push(call.backend + " worker " + t[at + 3] + (worker
              ? (worker[3] === null ? "" : ", engine " + worker[3]) + (worker[1] > 0 ? ", process " + worker[1] : "") + (worker[2] ? " on " + worker[2] : "") : ""));
            lines.push("queued " + text(call.start + t[at + 5]));
            if (t[at + 6] >= 0) lines.push("began " + text(call.start + t[at + 6]) + ", ended " + text(call.start + t[at + 7]) + ", took " + text(t[at + 7] - t[at + 6]));
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

        """#
}
