// SPDX-License-Identifier: BSD-3-Clause

#include "CReport.h"

static const char page_style[] = {
#embed "../Report/Assets/page.css"
};
static const char graph_script[] = {
#embed "../Report/Assets/graph.js"
};
static const char timeline_duration_script[] = {
#embed "../Report/Assets/timeline-duration.js"
};
static const char timeline_rows_script[] = {
#embed "../Report/Assets/timeline-rows.js"
};
static const char timeline_elements_script[] = {
#embed "../Report/Assets/timeline-elements.js"
};
static const char timeline_script[] = {
#embed "../Report/Assets/timeline.js"
};
static const char filter_script[] = {
#embed "../Report/Assets/filter.js"
};

vtr_asset vtr_page_style(void) { return (vtr_asset){page_style, sizeof page_style}; }

vtr_asset vtr_graph_script(void) { return (vtr_asset){graph_script, sizeof graph_script}; }

vtr_asset vtr_timeline_duration_script(void) {
  return (vtr_asset){timeline_duration_script, sizeof timeline_duration_script};
}

vtr_asset vtr_timeline_rows_script(void) {
  return (vtr_asset){timeline_rows_script, sizeof timeline_rows_script};
}

vtr_asset vtr_timeline_elements_script(void) {
  return (vtr_asset){timeline_elements_script, sizeof timeline_elements_script};
}

vtr_asset vtr_timeline_script(void) {
  return (vtr_asset){timeline_script, sizeof timeline_script};
}

vtr_asset vtr_filter_script(void) { return (vtr_asset){filter_script, sizeof filter_script}; }
