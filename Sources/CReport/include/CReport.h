// SPDX-License-Identifier: BSD-3-Clause
//
// The scripts and the style sheet of the report page, embedded.

#ifndef CREPORT_H
#define CREPORT_H

#include <stddef.h>

/// A file of Sources/Report/Assets. It stays valid for the life of the process.
typedef struct {
  const char *text;
  size_t length;
} vtr_asset;

/// page.css
vtr_asset vtr_page_style(void);
/// graph.js: zooms and moves the graph.
vtr_asset vtr_graph_script(void);
/// timeline-duration.js: formats durations.
vtr_asset vtr_timeline_duration_script(void);
/// timeline-rows.js: lays out the rows of the timeline.
vtr_asset vtr_timeline_rows_script(void);
/// timeline-elements.js: reads the elements of nodes.
vtr_asset vtr_timeline_elements_script(void);
/// timeline.js: draws the timeline. It needs the three scripts above.
vtr_asset vtr_timeline_script(void);
/// filter.js: filters the table of modules.
vtr_asset vtr_filter_script(void);

#endif
