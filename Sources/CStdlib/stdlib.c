// SPDX-License-Identifier: BSD-3-Clause
//
// Written by scripts/embed-stdlib.

#include "CStdlib.h"

static const char csv_lua[] = {
#embed "../../stdlib/csv.lua"
    , 0};
static const char csv_read_lua[] = {
#embed "../../stdlib/csv/read.lua"
    , 0};
static const char csv_write_lua[] = {
#embed "../../stdlib/csv/write.lua"
    , 0};
static const char csv_reader_lua[] = {
#embed "../../stdlib/csv_reader.lua"
    , 0};
static const char dates_lua[] = {
#embed "../../stdlib/dates.lua"
    , 0};
static const char files_lua[] = {
#embed "../../stdlib/files.lua"
    , 0};
static const char files_mkdir_lua[] = {
#embed "../../stdlib/files/mkdir.lua"
    , 0};
static const char json_lua[] = {
#embed "../../stdlib/json.lua"
    , 0};
static const char json_read_lua[] = {
#embed "../../stdlib/json/read.lua"
    , 0};
static const char json_write_lua[] = {
#embed "../../stdlib/json/write.lua"
    , 0};
static const char json_decoder_lua[] = {
#embed "../../stdlib/json_decoder.lua"
    , 0};
static const char json_encoder_lua[] = {
#embed "../../stdlib/json_encoder.lua"
    , 0};
static const char json_types_lua[] = {
#embed "../../stdlib/json_types.lua"
    , 0};
static const char lsq_lua[] = {
#embed "../../stdlib/lsq.lua"
    , 0};
static const char numerals_lua[] = {
#embed "../../stdlib/numerals.lua"
    , 0};
static const char plot_lua[] = {
#embed "../../stdlib/plot.lua"
    , 0};
static const char plot_lines_lua[] = {
#embed "../../stdlib/plot/lines.lua"
    , 0};
static const char random_lua[] = {
#embed "../../stdlib/random.lua"
    , 0};
static const char stats_lua[] = {
#embed "../../stdlib/stats.lua"
    , 0};
static const char svg_lua[] = {
#embed "../../stdlib/svg.lua"
    , 0};
static const char text_read_lua[] = {
#embed "../../stdlib/text/read.lua"
    , 0};
static const char text_write_lua[] = {
#embed "../../stdlib/text/write.lua"
    , 0};
static const char ticks_lua[] = {
#embed "../../stdlib/ticks.lua"
    , 0};
static const char vt_engine_lua[] = {
#embed "../../stdlib/vt/engine.lua"
    , 0};
static const char definitions_cluster_lua[] = {
#embed "../../definitions/cluster.lua"
    , 0};
static const char definitions_parallel_lua[] = {
#embed "../../definitions/parallel.lua"
    , 0};
static const char definitions_vt_lua[] = {
#embed "../../definitions/vt.lua"
    , 0};

static const vt_stdlib_file stdlib[] = {
    {"csv", csv_lua, sizeof csv_lua - 1},
    {"csv.read", csv_read_lua, sizeof csv_read_lua - 1},
    {"csv.write", csv_write_lua, sizeof csv_write_lua - 1},
    {"csv_reader", csv_reader_lua, sizeof csv_reader_lua - 1},
    {"dates", dates_lua, sizeof dates_lua - 1},
    {"files", files_lua, sizeof files_lua - 1},
    {"files.mkdir", files_mkdir_lua, sizeof files_mkdir_lua - 1},
    {"json", json_lua, sizeof json_lua - 1},
    {"json.read", json_read_lua, sizeof json_read_lua - 1},
    {"json.write", json_write_lua, sizeof json_write_lua - 1},
    {"json_decoder", json_decoder_lua, sizeof json_decoder_lua - 1},
    {"json_encoder", json_encoder_lua, sizeof json_encoder_lua - 1},
    {"json_types", json_types_lua, sizeof json_types_lua - 1},
    {"lsq", lsq_lua, sizeof lsq_lua - 1},
    {"numerals", numerals_lua, sizeof numerals_lua - 1},
    {"plot", plot_lua, sizeof plot_lua - 1},
    {"plot.lines", plot_lines_lua, sizeof plot_lines_lua - 1},
    {"random", random_lua, sizeof random_lua - 1},
    {"stats", stats_lua, sizeof stats_lua - 1},
    {"svg", svg_lua, sizeof svg_lua - 1},
    {"text.read", text_read_lua, sizeof text_read_lua - 1},
    {"text.write", text_write_lua, sizeof text_write_lua - 1},
    {"ticks", ticks_lua, sizeof ticks_lua - 1},
    {"vt.engine", vt_engine_lua, sizeof vt_engine_lua - 1},
    {0},
};

static const vt_stdlib_file definitions[] = {
    {"cluster", definitions_cluster_lua, sizeof definitions_cluster_lua - 1},
    {"parallel", definitions_parallel_lua, sizeof definitions_parallel_lua - 1},
    {"vt", definitions_vt_lua, sizeof definitions_vt_lua - 1},
    {0},
};

const vt_stdlib_file *vt_stdlib_files(void) { return stdlib; }
const vt_stdlib_file *vt_definition_files(void) { return definitions; }
