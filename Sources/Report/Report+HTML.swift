// SPDX-License-Identifier: BSD-3-Clause

extension Report {
    /// The report as a web page: one HTML file that refers to no other.
    public var html: String { Page(self).html.text }
}
