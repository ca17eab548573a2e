// SPDX-License-Identifier: BSD-3-Clause
// Zoom and movement of the graph, and the highlight of the connections of a node.
(function () {
  "use strict";
  var frame = document.getElementById("graph-frame");
  var picture = document.getElementById("graph-picture");
  if (!picture) return;
  var box = picture.viewBox.baseVal, width = box.width, height = box.height, scale = 1;

  function frameWidth() { return Math.max(200, frame.clientWidth - 2); }
  function setScale(wanted, x, y) {
    var before = scale;
    scale = Math.min(3, Math.max(0.04, wanted));
    if (x === undefined) { x = frame.clientWidth / 2; y = frame.clientHeight / 2; }
    var left = (frame.scrollLeft + x) * scale / before - x;
    var top = (frame.scrollTop + y) * scale / before - y;
    picture.style.width = width * scale + "px";
    picture.style.height = height * scale + "px";
    frame.scrollLeft = left;
    frame.scrollTop = top;
    frame.dataset.scale = scale.toFixed(4);
  }
  function fit(least) {
    var high = Math.max(200, window.innerHeight * 0.7);
    setScale(Math.max(least, Math.min(1, frameWidth() / width, high / height)));
  }
  // A large graph is shown at a readable size, from its start.
  fit(0.5);
  frame.scrollLeft = 0;
  frame.scrollTop = Math.max(0, (height * scale - frame.clientHeight) / 2);

  document.querySelector("#graph .buttons").addEventListener("click", function (event) {
    var what = event.target.dataset.zoom;
    if (what === "in") setScale(scale * 1.3);
    if (what === "out") setScale(scale / 1.3);
    if (what === "fit") fit(0.04);
  });
  frame.addEventListener("wheel", function (event) {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    var place = frame.getBoundingClientRect();
    setScale(scale * Math.exp(-event.deltaY / 400), event.clientX - place.left, event.clientY - place.top);
  }, { passive: false });
  frame.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "+" || event.key === "=") setScale(scale * 1.3);
    else if (event.key === "-") setScale(scale / 1.3);
    else if (event.key === "0") fit(0.04);
    else return;
    event.preventDefault();
  });

  var drag = null;
  frame.addEventListener("pointerdown", function (event) {
    if (event.button === 0 && event.pointerType === "mouse")
      drag = { x: event.clientX, y: event.clientY, left: frame.scrollLeft, top: frame.scrollTop, moved: false };
  });
  window.addEventListener("pointermove", function (event) {
    if (!drag) return;
    var x = event.clientX - drag.x, y = event.clientY - drag.y;
    if (!drag.moved && Math.abs(x) + Math.abs(y) < 5) return;
    drag.moved = true;
    frame.classList.add("dragged");
    frame.scrollLeft = drag.left - x;
    frame.scrollTop = drag.top - y;
  });
  window.addEventListener("pointerup", function () {
    if (drag && drag.moved) {
      // The click that follows a drag is not a click on a link.
      frame.addEventListener("click", function (event) { event.preventDefault(); }, { once: true, capture: true });
      setTimeout(function () { frame.classList.remove("dragged"); }, 0);
    }
    drag = null;
  });
  frame.addEventListener("dragstart", function (event) { event.preventDefault(); });

  var near = {};
  picture.querySelectorAll(".edge").forEach(function (edge) {
    edge.dataset.ends.split(" ").forEach(function (end) { (near[end] = near[end] || []).push(edge); });
  });
  function mark(event, on) {
    var node = event.target.closest ? event.target.closest("a, .node") : null;
    if (!node) return;
    var group = node.matches(".node") ? node : node.querySelector(".node");
    (near[group && group.dataset.node] || []).forEach(function (edge) { edge.classList.toggle("near", on); });
  }
  ["mouseover", "focusin"].forEach(function (name) {
    picture.addEventListener(name, function (event) { mark(event, true); });
  });
  ["mouseout", "focusout"].forEach(function (name) {
    picture.addEventListener(name, function (event) { mark(event, false); });
  });
})();
