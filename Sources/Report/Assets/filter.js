// SPDX-License-Identifier: BSD-3-Clause
// The filter of the list of modules.
(function () {
  "use strict";
  var input = document.getElementById("filter"), counter = document.getElementById("filter-count");
  var rows = Array.prototype.slice.call(document.querySelectorAll("#module-table tbody tr"));
  var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });
  var sections = rows.map(function (row) { return document.getElementById(row.dataset.for); });
  input.addEventListener("input", function () {
    var wanted = input.value.trim().toLowerCase(), count = 0;
    rows.forEach(function (row, index) {
      var shown = texts[index].indexOf(wanted) >= 0;
      row.hidden = !shown;
      if (sections[index]) sections[index].hidden = !shown;
      if (shown) count += 1;
    });
    counter.textContent = wanted ? count + " of " + rows.length : "";
  });
  // Following a link to a hidden node clears the filter.
  window.addEventListener("hashchange", function () {
    var target = document.getElementById(location.hash.slice(1));
    if (!target || !target.hidden) return;
    input.value = "";
    input.dispatchEvent(new Event("input"));
    target.scrollIntoView();
  });
})();
