// SPDX-License-Identifier: BSD-3-Clause

internal import CVTReport

// The files of Sources/Report/Assets, as the page holds them.

extension Page {
    static var style: HTML { markup(vtr_page_style()) }

    static var scripts: HTML {
        markup(vtr_graph_script()) + markup(vtr_timeline_script()) + markup(vtr_filter_script())
    }

    /// The text of an asset, without its first line, which names the licence.
    private static func markup(_ asset: vtr_asset) -> HTML {
        let bytes = UnsafeRawBufferPointer(start: asset.text, count: asset.length)
        let lines = bytes.drop { $0 != UInt8(ascii: "\n") }
        return HTML(markup: String(decoding: lines, as: UTF8.self))
    }
}
