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
static const char files_csv_rows_lua[] = {
#embed "../../stdlib/csv/rows.lua"
    , 0};
static const char files_csv_write_lua[] = {
#embed "../../stdlib/csv/write.lua"
    , 0};
static const char files_csv_columns_lua[] = {
#embed "../../stdlib/csv_columns.lua"
    , 0};
static const char files_csv_lines_lua[] = {
#embed "../../stdlib/csv_lines.lua"
    , 0};
static const char files_csv_modules_lua[] = {
#embed "../../stdlib/csv_modules.lua"
    , 0};
static const char files_csv_reader_lua[] = {
#embed "../../stdlib/csv_reader.lua"
    , 0};
static const char files_dates_lua[] = {
#embed "../../stdlib/dates.lua"
    , 0};
static const char files_file_drafts_lua[] = {
#embed "../../stdlib/file_drafts.lua"
    , 0};
static const char files_file_operations_lua[] = {
#embed "../../stdlib/file_operations.lua"
    , 0};
static const char files_files_lua[] = {
#embed "../../stdlib/files.lua"
    , 0};
static const char files_files_glob_lua[] = {
#embed "../../stdlib/files/glob.lua"
    , 0};
static const char files_files_mkdir_lua[] = {
#embed "../../stdlib/files/mkdir.lua"
    , 0};
static const char files_frame_lua[] = {
#embed "../../stdlib/frame.lua"
    , 0};
static const char files_frame_columns_lua[] = {
#embed "../../stdlib/frame_columns.lua"
    , 0};
static const char files_frame_groups_lua[] = {
#embed "../../stdlib/frame_groups.lua"
    , 0};
static const char files_frame_join_lua[] = {
#embed "../../stdlib/frame_join.lua"
    , 0};
static const char files_frame_missing_lua[] = {
#embed "../../stdlib/frame_missing.lua"
    , 0};
static const char files_frame_order_lua[] = {
#embed "../../stdlib/frame_order.lua"
    , 0};
static const char files_frame_plain_lua[] = {
#embed "../../stdlib/frame_plain.lua"
    , 0};
static const char files_frame_read_lua[] = {
#embed "../../stdlib/frame_read.lua"
    , 0};
static const char files_frame_rows_lua[] = {
#embed "../../stdlib/frame_rows.lua"
    , 0};
static const char files_frame_text_lua[] = {
#embed "../../stdlib/frame_text.lua"
    , 0};
static const char files_http_lua[] = {
#embed "../../stdlib/http.lua"
    , 0};
static const char files_http_file_lua[] = {
#embed "../../stdlib/http/file.lua"
    , 0};
static const char files_http_download_lua[] = {
#embed "../../stdlib/http_download.lua"
    , 0};
static const char files_http_request_lua[] = {
#embed "../../stdlib/http_request.lua"
    , 0};
static const char files_json_lua[] = {
#embed "../../stdlib/json.lua"
    , 0};
static const char files_json_read_lua[] = {
#embed "../../stdlib/json/read.lua"
    , 0};
static const char files_json_rows_lua[] = {
#embed "../../stdlib/json/rows.lua"
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
static const char files_plot_areas_lua[] = {
#embed "../../stdlib/plot/areas.lua"
    , 0};
static const char files_plot_bars_lua[] = {
#embed "../../stdlib/plot/bars.lua"
    , 0};
static const char files_plot_error_bars_lua[] = {
#embed "../../stdlib/plot/error_bars.lua"
    , 0};
static const char files_plot_figure_lua[] = {
#embed "../../stdlib/plot/figure.lua"
    , 0};
static const char files_plot_heat_map_lua[] = {
#embed "../../stdlib/plot/heat_map.lua"
    , 0};
static const char files_plot_histogram_lua[] = {
#embed "../../stdlib/plot/histogram.lua"
    , 0};
static const char files_plot_image_lua[] = {
#embed "../../stdlib/plot/image.lua"
    , 0};
static const char files_plot_lines_lua[] = {
#embed "../../stdlib/plot/lines.lua"
    , 0};
static const char files_plot_points_lua[] = {
#embed "../../stdlib/plot/points.lua"
    , 0};
static const char files_plot_arrange_lua[] = {
#embed "../../stdlib/plot_arrange.lua"
    , 0};
static const char files_plot_axes_lua[] = {
#embed "../../stdlib/plot_axes.lua"
    , 0};
static const char files_plot_bins_lua[] = {
#embed "../../stdlib/plot_bins.lua"
    , 0};
static const char files_plot_colors_lua[] = {
#embed "../../stdlib/plot_colors.lua"
    , 0};
static const char files_plot_data_lua[] = {
#embed "../../stdlib/plot_data.lua"
    , 0};
static const char files_plot_document_lua[] = {
#embed "../../stdlib/plot_document.lua"
    , 0};
static const char files_plot_grid_lua[] = {
#embed "../../stdlib/plot_grid.lua"
    , 0};
static const char files_plot_layout_lua[] = {
#embed "../../stdlib/plot_layout.lua"
    , 0};
static const char files_plot_legend_lua[] = {
#embed "../../stdlib/plot_legend.lua"
    , 0};
static const char files_plot_marks_lua[] = {
#embed "../../stdlib/plot_marks.lua"
    , 0};
static const char files_plot_module_lua[] = {
#embed "../../stdlib/plot_module.lua"
    , 0};
static const char files_plot_options_lua[] = {
#embed "../../stdlib/plot_options.lua"
    , 0};
static const char files_plot_pixels_lua[] = {
#embed "../../stdlib/plot_pixels.lua"
    , 0};
static const char files_plot_png_lua[] = {
#embed "../../stdlib/plot_png.lua"
    , 0};
static const char files_plot_raster_lua[] = {
#embed "../../stdlib/plot_raster.lua"
    , 0};
static const char files_plot_scales_lua[] = {
#embed "../../stdlib/plot_scales.lua"
    , 0};
static const char files_plot_series_lua[] = {
#embed "../../stdlib/plot_series.lua"
    , 0};
static const char files_process_lua[] = {
#embed "../../stdlib/process.lua"
    , 0};
static const char files_process_arguments_lua[] = {
#embed "../../stdlib/process_arguments.lua"
    , 0};
static const char files_process_ends_lua[] = {
#embed "../../stdlib/process_ends.lua"
    , 0};
static const char files_process_job_lua[] = {
#embed "../../stdlib/process_job.lua"
    , 0};
static const char files_process_log_lua[] = {
#embed "../../stdlib/process_log.lua"
    , 0};
static const char files_process_missing_lua[] = {
#embed "../../stdlib/process_missing.lua"
    , 0};
static const char files_process_options_lua[] = {
#embed "../../stdlib/process_options.lua"
    , 0};
static const char files_random_lua[] = {
#embed "../../stdlib/random.lua"
    , 0};
static const char files_sql_lua[] = {
#embed "../../stdlib/sql.lua"
    , 0};
static const char files_sql_query_lua[] = {
#embed "../../stdlib/sql/query.lua"
    , 0};
static const char files_sql_write_lua[] = {
#embed "../../stdlib/sql/write.lua"
    , 0};
static const char files_sql_statement_lua[] = {
#embed "../../stdlib/sql_statement.lua"
    , 0};
static const char files_sql_tables_lua[] = {
#embed "../../stdlib/sql_tables.lua"
    , 0};
static const char files_stats_lua[] = {
#embed "../../stdlib/stats.lua"
    , 0};
static const char files_stream_filter_lua[] = {
#embed "../../stdlib/stream/filter.lua"
    , 0};
static const char files_stream_from_list_lua[] = {
#embed "../../stdlib/stream/from_list.lua"
    , 0};
static const char files_stream_lines_lua[] = {
#embed "../../stdlib/stream/lines.lua"
    , 0};
static const char files_stream_map_lua[] = {
#embed "../../stdlib/stream/map.lua"
    , 0};
static const char files_stream_to_list_lua[] = {
#embed "../../stdlib/stream/to_list.lua"
    , 0};
static const char files_stream_write_lua[] = {
#embed "../../stdlib/stream/write.lua"
    , 0};
static const char files_stream_modules_lua[] = {
#embed "../../stdlib/stream_modules.lua"
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
static const char files_vt_command_lua[] = {
#embed "../../stdlib/vt/command.lua"
    , 0};
static const char files_vt_command_files_lua[] = {
#embed "../../stdlib/vt/command_files.lua"
    , 0};
static const char files_vt_command_template_lua[] = {
#embed "../../stdlib/vt/command_template.lua"
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
    {"csv.rows", files_csv_rows_lua, sizeof files_csv_rows_lua - 1},
    {"csv.write", files_csv_write_lua, sizeof files_csv_write_lua - 1},
    {"csv_columns", files_csv_columns_lua, sizeof files_csv_columns_lua - 1},
    {"csv_lines", files_csv_lines_lua, sizeof files_csv_lines_lua - 1},
    {"csv_modules", files_csv_modules_lua, sizeof files_csv_modules_lua - 1},
    {"csv_reader", files_csv_reader_lua, sizeof files_csv_reader_lua - 1},
    {"dates", files_dates_lua, sizeof files_dates_lua - 1},
    {"file_drafts", files_file_drafts_lua, sizeof files_file_drafts_lua - 1},
    {"file_operations", files_file_operations_lua, sizeof files_file_operations_lua - 1},
    {"files", files_files_lua, sizeof files_files_lua - 1},
    {"files.glob", files_files_glob_lua, sizeof files_files_glob_lua - 1},
    {"files.mkdir", files_files_mkdir_lua, sizeof files_files_mkdir_lua - 1},
    {"frame", files_frame_lua, sizeof files_frame_lua - 1},
    {"frame_columns", files_frame_columns_lua, sizeof files_frame_columns_lua - 1},
    {"frame_groups", files_frame_groups_lua, sizeof files_frame_groups_lua - 1},
    {"frame_join", files_frame_join_lua, sizeof files_frame_join_lua - 1},
    {"frame_missing", files_frame_missing_lua, sizeof files_frame_missing_lua - 1},
    {"frame_order", files_frame_order_lua, sizeof files_frame_order_lua - 1},
    {"frame_plain", files_frame_plain_lua, sizeof files_frame_plain_lua - 1},
    {"frame_read", files_frame_read_lua, sizeof files_frame_read_lua - 1},
    {"frame_rows", files_frame_rows_lua, sizeof files_frame_rows_lua - 1},
    {"frame_text", files_frame_text_lua, sizeof files_frame_text_lua - 1},
    {"http", files_http_lua, sizeof files_http_lua - 1},
    {"http.file", files_http_file_lua, sizeof files_http_file_lua - 1},
    {"http_download", files_http_download_lua, sizeof files_http_download_lua - 1},
    {"http_request", files_http_request_lua, sizeof files_http_request_lua - 1},
    {"json", files_json_lua, sizeof files_json_lua - 1},
    {"json.read", files_json_read_lua, sizeof files_json_read_lua - 1},
    {"json.rows", files_json_rows_lua, sizeof files_json_rows_lua - 1},
    {"json.write", files_json_write_lua, sizeof files_json_write_lua - 1},
    {"json_decoder", files_json_decoder_lua, sizeof files_json_decoder_lua - 1},
    {"json_encoder", files_json_encoder_lua, sizeof files_json_encoder_lua - 1},
    {"json_types", files_json_types_lua, sizeof files_json_types_lua - 1},
    {"lsq", files_lsq_lua, sizeof files_lsq_lua - 1},
    {"number_lists", files_number_lists_lua, sizeof files_number_lists_lua - 1},
    {"numerals", files_numerals_lua, sizeof files_numerals_lua - 1},
    {"option_names", files_option_names_lua, sizeof files_option_names_lua - 1},
    {"plot", files_plot_lua, sizeof files_plot_lua - 1},
    {"plot.areas", files_plot_areas_lua, sizeof files_plot_areas_lua - 1},
    {"plot.bars", files_plot_bars_lua, sizeof files_plot_bars_lua - 1},
    {"plot.error_bars", files_plot_error_bars_lua, sizeof files_plot_error_bars_lua - 1},
    {"plot.figure", files_plot_figure_lua, sizeof files_plot_figure_lua - 1},
    {"plot.heat_map", files_plot_heat_map_lua, sizeof files_plot_heat_map_lua - 1},
    {"plot.histogram", files_plot_histogram_lua, sizeof files_plot_histogram_lua - 1},
    {"plot.image", files_plot_image_lua, sizeof files_plot_image_lua - 1},
    {"plot.lines", files_plot_lines_lua, sizeof files_plot_lines_lua - 1},
    {"plot.points", files_plot_points_lua, sizeof files_plot_points_lua - 1},
    {"plot_arrange", files_plot_arrange_lua, sizeof files_plot_arrange_lua - 1},
    {"plot_axes", files_plot_axes_lua, sizeof files_plot_axes_lua - 1},
    {"plot_bins", files_plot_bins_lua, sizeof files_plot_bins_lua - 1},
    {"plot_colors", files_plot_colors_lua, sizeof files_plot_colors_lua - 1},
    {"plot_data", files_plot_data_lua, sizeof files_plot_data_lua - 1},
    {"plot_document", files_plot_document_lua, sizeof files_plot_document_lua - 1},
    {"plot_grid", files_plot_grid_lua, sizeof files_plot_grid_lua - 1},
    {"plot_layout", files_plot_layout_lua, sizeof files_plot_layout_lua - 1},
    {"plot_legend", files_plot_legend_lua, sizeof files_plot_legend_lua - 1},
    {"plot_marks", files_plot_marks_lua, sizeof files_plot_marks_lua - 1},
    {"plot_module", files_plot_module_lua, sizeof files_plot_module_lua - 1},
    {"plot_options", files_plot_options_lua, sizeof files_plot_options_lua - 1},
    {"plot_pixels", files_plot_pixels_lua, sizeof files_plot_pixels_lua - 1},
    {"plot_png", files_plot_png_lua, sizeof files_plot_png_lua - 1},
    {"plot_raster", files_plot_raster_lua, sizeof files_plot_raster_lua - 1},
    {"plot_scales", files_plot_scales_lua, sizeof files_plot_scales_lua - 1},
    {"plot_series", files_plot_series_lua, sizeof files_plot_series_lua - 1},
    {"process", files_process_lua, sizeof files_process_lua - 1},
    {"process_arguments", files_process_arguments_lua, sizeof files_process_arguments_lua - 1},
    {"process_ends", files_process_ends_lua, sizeof files_process_ends_lua - 1},
    {"process_job", files_process_job_lua, sizeof files_process_job_lua - 1},
    {"process_log", files_process_log_lua, sizeof files_process_log_lua - 1},
    {"process_missing", files_process_missing_lua, sizeof files_process_missing_lua - 1},
    {"process_options", files_process_options_lua, sizeof files_process_options_lua - 1},
    {"random", files_random_lua, sizeof files_random_lua - 1},
    {"sql", files_sql_lua, sizeof files_sql_lua - 1},
    {"sql.query", files_sql_query_lua, sizeof files_sql_query_lua - 1},
    {"sql.write", files_sql_write_lua, sizeof files_sql_write_lua - 1},
    {"sql_statement", files_sql_statement_lua, sizeof files_sql_statement_lua - 1},
    {"sql_tables", files_sql_tables_lua, sizeof files_sql_tables_lua - 1},
    {"stats", files_stats_lua, sizeof files_stats_lua - 1},
    {"stream.filter", files_stream_filter_lua, sizeof files_stream_filter_lua - 1},
    {"stream.from_list", files_stream_from_list_lua, sizeof files_stream_from_list_lua - 1},
    {"stream.lines", files_stream_lines_lua, sizeof files_stream_lines_lua - 1},
    {"stream.map", files_stream_map_lua, sizeof files_stream_map_lua - 1},
    {"stream.to_list", files_stream_to_list_lua, sizeof files_stream_to_list_lua - 1},
    {"stream.write", files_stream_write_lua, sizeof files_stream_write_lua - 1},
    {"stream_modules", files_stream_modules_lua, sizeof files_stream_modules_lua - 1},
    {"svg", files_svg_lua, sizeof files_svg_lua - 1},
    {"text.read", files_text_read_lua, sizeof files_text_read_lua - 1},
    {"text.write", files_text_write_lua, sizeof files_text_write_lua - 1},
    {"ticks", files_ticks_lua, sizeof files_ticks_lua - 1},
    {"vt.command", files_vt_command_lua, sizeof files_vt_command_lua - 1},
    {"vt.command_files", files_vt_command_files_lua, sizeof files_vt_command_files_lua - 1},
    {"vt.command_template", files_vt_command_template_lua, sizeof files_vt_command_template_lua - 1},
    {"vt.engine", files_vt_engine_lua, sizeof files_vt_engine_lua - 1},
    {"vt.spec", files_vt_spec_lua, sizeof files_vt_spec_lua - 1},
    {"vt.spec.assert", files_vt_spec_assert_lua, sizeof files_vt_spec_assert_lua - 1},
    {"vt.spec.expect", files_vt_spec_expect_lua, sizeof files_vt_spec_expect_lua - 1},
    {"vt.spec.values", files_vt_spec_values_lua, sizeof files_vt_spec_values_lua - 1},
    {0},
};

const vt_stdlib_file *vt_stdlib_files(void) { return files; }
