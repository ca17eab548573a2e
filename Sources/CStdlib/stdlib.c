// SPDX-License-Identifier: BSD-3-Clause
//
// Written by scripts/embed-stdlib.

#include "CStdlib.h"

static const char files_control_choose_lua[] = {
#embed "../../stdlib/control/choose.lua"
    , 0};
static const char files_control_default_lua[] = {
#embed "../../stdlib/control/default.lua"
    , 0};
static const char files_control_filter_lua[] = {
#embed "../../stdlib/control/filter.lua"
    , 0};
static const char files_control_fold_lua[] = {
#embed "../../stdlib/control/fold.lua"
    , 0};
static const char files_control_loop_lua[] = {
#embed "../../stdlib/control/loop.lua"
    , 0};
static const char files_control_order_lua[] = {
#embed "../../stdlib/control/order.lua"
    , 0};
static const char files_csv_lua[] = {
#embed "../../stdlib/csv.lua"
    , 0};
static const char files_csv_read_lua[] = {
#embed "../../stdlib/csv/read.lua"
    , 0};
static const char files_csv_write_lua[] = {
#embed "../../stdlib/csv/write.lua"
    , 0};
static const char files_csv_lines_lua[] = {
#embed "../../stdlib/csv_lines.lua"
    , 0};
static const char files_csv_reader_lua[] = {
#embed "../../stdlib/csv_reader.lua"
    , 0};
static const char files_dates_lua[] = {
#embed "../../stdlib/dates.lua"
    , 0};
static const char files_files_lua[] = {
#embed "../../stdlib/files.lua"
    , 0};
static const char files_files_mkdir_lua[] = {
#embed "../../stdlib/files/mkdir.lua"
    , 0};
static const char files_json_lua[] = {
#embed "../../stdlib/json.lua"
    , 0};
static const char files_json_read_lua[] = {
#embed "../../stdlib/json/read.lua"
    , 0};
static const char files_json_write_lua[] = {
#embed "../../stdlib/json/write.lua"
    , 0};
static const char files_json_decoder_lua[] = {
#embed "../../stdlib/json_decoder.lua"
    , 0};
static const char files_json_encoder_lua[] = {
#embed "../../stdlib/json_encoder.lua"
    , 0};
static const char files_json_types_lua[] = {
#embed "../../stdlib/json_types.lua"
    , 0};
static const char files_lsq_lua[] = {
#embed "../../stdlib/lsq.lua"
    , 0};
static const char files_number_lists_lua[] = {
#embed "../../stdlib/number_lists.lua"
    , 0};
static const char files_numerals_lua[] = {
#embed "../../stdlib/numerals.lua"
    , 0};
static const char files_option_names_lua[] = {
#embed "../../stdlib/option_names.lua"
    , 0};
static const char files_plot_lua[] = {
#embed "../../stdlib/plot.lua"
    , 0};
static const char files_plot_lines_lua[] = {
#embed "../../stdlib/plot/lines.lua"
    , 0};
static const char files_random_lua[] = {
#embed "../../stdlib/random.lua"
    , 0};
static const char files_stats_lua[] = {
#embed "../../stdlib/stats.lua"
    , 0};
static const char files_svg_lua[] = {
#embed "../../stdlib/svg.lua"
    , 0};
static const char files_text_read_lua[] = {
#embed "../../stdlib/text/read.lua"
    , 0};
static const char files_text_write_lua[] = {
#embed "../../stdlib/text/write.lua"
    , 0};
static const char files_ticks_lua[] = {
#embed "../../stdlib/ticks.lua"
    , 0};
static const char files_vt_engine_lua[] = {
#embed "../../stdlib/vt/engine.lua"
    , 0};
static const char files_vt_spec_lua[] = {
#embed "../../stdlib/vt/spec.lua"
    , 0};
static const char files_vt_spec_assert_lua[] = {
#embed "../../stdlib/vt/spec/assert.lua"
    , 0};
static const char files_vt_spec_expect_lua[] = {
#embed "../../stdlib/vt/spec/expect.lua"
    , 0};
static const char files_vt_spec_values_lua[] = {
#embed "../../stdlib/vt/spec/values.lua"
    , 0};

static const vt_stdlib_file files[] = {
    {"control.choose", files_control_choose_lua, sizeof files_control_choose_lua - 1},
    {"control.default", files_control_default_lua, sizeof files_control_default_lua - 1},
    {"control.filter", files_control_filter_lua, sizeof files_control_filter_lua - 1},
    {"control.fold", files_control_fold_lua, sizeof files_control_fold_lua - 1},
    {"control.loop", files_control_loop_lua, sizeof files_control_loop_lua - 1},
    {"control.order", files_control_order_lua, sizeof files_control_order_lua - 1},
    {"csv", files_csv_lua, sizeof files_csv_lua - 1},
    {"csv.read", files_csv_read_lua, sizeof files_csv_read_lua - 1},
    {"csv.write", files_csv_write_lua, sizeof files_csv_write_lua - 1},
    {"csv_lines", files_csv_lines_lua, sizeof files_csv_lines_lua - 1},
    {"csv_reader", files_csv_reader_lua, sizeof files_csv_reader_lua - 1},
    {"dates", files_dates_lua, sizeof files_dates_lua - 1},
    {"files", files_files_lua, sizeof files_files_lua - 1},
    {"files.mkdir", files_files_mkdir_lua, sizeof files_files_mkdir_lua - 1},
    {"json", files_json_lua, sizeof files_json_lua - 1},
    {"json.read", files_json_read_lua, sizeof files_json_read_lua - 1},
    {"json.write", files_json_write_lua, sizeof files_json_write_lua - 1},
    {"json_decoder", files_json_decoder_lua, sizeof files_json_decoder_lua - 1},
    {"json_encoder", files_json_encoder_lua, sizeof files_json_encoder_lua - 1},
    {"json_types", files_json_types_lua, sizeof files_json_types_lua - 1},
    {"lsq", files_lsq_lua, sizeof files_lsq_lua - 1},
    {"number_lists", files_number_lists_lua, sizeof files_number_lists_lua - 1},
    {"numerals", files_numerals_lua, sizeof files_numerals_lua - 1},
    {"option_names", files_option_names_lua, sizeof files_option_names_lua - 1},
    {"plot", files_plot_lua, sizeof files_plot_lua - 1},
    {"plot.lines", files_plot_lines_lua, sizeof files_plot_lines_lua - 1},
    {"random", files_random_lua, sizeof files_random_lua - 1},
    {"stats", files_stats_lua, sizeof files_stats_lua - 1},
    {"svg", files_svg_lua, sizeof files_svg_lua - 1},
    {"text.read", files_text_read_lua, sizeof files_text_read_lua - 1},
    {"text.write", files_text_write_lua, sizeof files_text_write_lua - 1},
    {"ticks", files_ticks_lua, sizeof files_ticks_lua - 1},
    {"vt.engine", files_vt_engine_lua, sizeof files_vt_engine_lua - 1},
    {"vt.spec", files_vt_spec_lua, sizeof files_vt_spec_lua - 1},
    {"vt.spec.assert", files_vt_spec_assert_lua, sizeof files_vt_spec_assert_lua - 1},
    {"vt.spec.expect", files_vt_spec_expect_lua, sizeof files_vt_spec_expect_lua - 1},
    {"vt.spec.values", files_vt_spec_values_lua, sizeof files_vt_spec_values_lua - 1},
    {0},
};

const vt_stdlib_file *vt_stdlib_files(void) { return files; }
