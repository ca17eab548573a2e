// SPDX-License-Identifier: BSD-3-Clause
//
// Written by scripts/embed-stdlib.

#include "CDefinitions.h"

static const char files_array_lua[] = {
#embed "../../definitions/array.lua"
    , 0};
static const char files_array_choosing_lua[] = {
#embed "../../definitions/array_choosing.lua"
    , 0};
static const char files_array_numbers_lua[] = {
#embed "../../definitions/array_numbers.lua"
    , 0};
static const char files_array_operations_lua[] = {
#embed "../../definitions/array_operations.lua"
    , 0};
static const char files_array_parts_lua[] = {
#embed "../../definitions/array_parts.lua"
    , 0};
static const char files_array_reductions_lua[] = {
#embed "../../definitions/array_reductions.lua"
    , 0};
static const char files_cluster_lua[] = {
#embed "../../definitions/cluster.lua"
    , 0};
static const char files_csv_lua[] = {
#embed "../../definitions/csv.lua"
    , 0};
static const char files_dates_lua[] = {
#embed "../../definitions/dates.lua"
    , 0};
static const char files_files_lua[] = {
#embed "../../definitions/files.lua"
    , 0};
static const char files_frame_lua[] = {
#embed "../../definitions/frame.lua"
    , 0};
static const char files_http_lua[] = {
#embed "../../definitions/http.lua"
    , 0};
static const char files_json_lua[] = {
#embed "../../definitions/json.lua"
    , 0};
static const char files_lsq_lua[] = {
#embed "../../definitions/lsq.lua"
    , 0};
static const char files_luacheckrc[] = {
#embed "../../definitions/luacheckrc"
    , 0};
static const char files_notebook_lua[] = {
#embed "../../definitions/notebook.lua"
    , 0};
static const char files_numerals_lua[] = {
#embed "../../definitions/numerals.lua"
    , 0};
static const char files_parallel_lua[] = {
#embed "../../definitions/parallel.lua"
    , 0};
static const char files_plot_lua[] = {
#embed "../../definitions/plot.lua"
    , 0};
static const char files_process_lua[] = {
#embed "../../definitions/process.lua"
    , 0};
static const char files_random_lua[] = {
#embed "../../definitions/random.lua"
    , 0};
static const char files_spec_lua[] = {
#embed "../../definitions/spec.lua"
    , 0};
static const char files_sql_lua[] = {
#embed "../../definitions/sql.lua"
    , 0};
static const char files_stats_lua[] = {
#embed "../../definitions/stats.lua"
    , 0};
static const char files_svg_lua[] = {
#embed "../../definitions/svg.lua"
    , 0};
static const char files_ticks_lua[] = {
#embed "../../definitions/ticks.lua"
    , 0};
static const char files_vt_lua[] = {
#embed "../../definitions/vt.lua"
    , 0};

static const vt_stdlib_file files[] = {
    {"array.lua", files_array_lua, sizeof files_array_lua - 1},
    {"array_choosing.lua", files_array_choosing_lua, sizeof files_array_choosing_lua - 1},
    {"array_numbers.lua", files_array_numbers_lua, sizeof files_array_numbers_lua - 1},
    {"array_operations.lua", files_array_operations_lua, sizeof files_array_operations_lua - 1},
    {"array_parts.lua", files_array_parts_lua, sizeof files_array_parts_lua - 1},
    {"array_reductions.lua", files_array_reductions_lua, sizeof files_array_reductions_lua - 1},
    {"cluster.lua", files_cluster_lua, sizeof files_cluster_lua - 1},
    {"csv.lua", files_csv_lua, sizeof files_csv_lua - 1},
    {"dates.lua", files_dates_lua, sizeof files_dates_lua - 1},
    {"files.lua", files_files_lua, sizeof files_files_lua - 1},
    {"frame.lua", files_frame_lua, sizeof files_frame_lua - 1},
    {"http.lua", files_http_lua, sizeof files_http_lua - 1},
    {"json.lua", files_json_lua, sizeof files_json_lua - 1},
    {"lsq.lua", files_lsq_lua, sizeof files_lsq_lua - 1},
    {"luacheckrc", files_luacheckrc, sizeof files_luacheckrc - 1},
    {"notebook.lua", files_notebook_lua, sizeof files_notebook_lua - 1},
    {"numerals.lua", files_numerals_lua, sizeof files_numerals_lua - 1},
    {"parallel.lua", files_parallel_lua, sizeof files_parallel_lua - 1},
    {"plot.lua", files_plot_lua, sizeof files_plot_lua - 1},
    {"process.lua", files_process_lua, sizeof files_process_lua - 1},
    {"random.lua", files_random_lua, sizeof files_random_lua - 1},
    {"spec.lua", files_spec_lua, sizeof files_spec_lua - 1},
    {"sql.lua", files_sql_lua, sizeof files_sql_lua - 1},
    {"stats.lua", files_stats_lua, sizeof files_stats_lua - 1},
    {"svg.lua", files_svg_lua, sizeof files_svg_lua - 1},
    {"ticks.lua", files_ticks_lua, sizeof files_ticks_lua - 1},
    {"vt.lua", files_vt_lua, sizeof files_vt_lua - 1},
    {0},
};

const vt_stdlib_file *vt_definition_files(void) { return files; }
