// SPDX-License-Identifier: BSD-3-Clause

internal import CVTReport

// The files of Sources/Report/Assets, as the page holds them.

extension Page {
    /// The style sheet.
    static var style: HTML { markup(vtr_page_style()) }

    /// The scripts, in the order in which they need each other.
    static var scripts: HTML {
        [
            vtr_graph_script(), vtr_timeline_duration_script(), vtr_timeline_rows_script(),
            vtr_timeline_elements_script(), vtr_timeline_script(), vtr_filter_script(),
        ].map(markup).reduce("", +)
    }

    /// The text of an asset, without its first line, which names the licence.
    private static func markup(_ asset: vtr_asset) -> HTML {
        let bytes = UnsafeRawBufferPointer(start: asset.text, count: asset.length)
        let lines = bytes.drop { $0 != UInt8(ascii: "\n") }
        return HTML(markup: String(decoding: lines, as: UTF8.self))
    }
}
