// SPDX-License-Identifier: BSD-3-Clause

/// Returns `; did you mean `image`?`, or the candidates where none is similar: `; there are image,
/// mask`.
package func hint(for name: String, among candidates: [String]) -> String {
    let near = suggestion(for: name, among: candidates)
    if !near.isEmpty { return near }
    if candidates.isEmpty { return "; there are none" }
    let more = candidates.count > 12 ? ", ..." : ""
    let verb = candidates.count == 1 ? "there is" : "there are"
    return "; \(verb) " + candidates.prefix(12).joined(separator: ", ") + more
}

/// Returns `; did you mean `image`?`, or an empty text where no candidate is similar.
package func suggestion(for name: String, among candidates: some Sequence<String>) -> String {
    closest(to: name, among: candidates).map { "; did you mean `\($0)`?" } ?? ""
}

/// Returns the candidate that differs from a name in the fewest letters: at most a third of the
/// name's, and at least one letter is the same. Small and capital letters count as the same.
package func closest(to name: String, among candidates: some Sequence<String>) -> String? {
    let bound = max(1, name.utf8.count / 3)
    let letters = Array(name.lowercased().utf8)
    return
        candidates.map { (distance(letters, Array($0.lowercased().utf8)), $0) }
        // Names of one letter have nothing in common.
        .filter { $0.0 <= bound && $0.0 < letters.count }
        .min { $0 < $1 }?.1
}

/// The letters to insert, drop, replace or swap with a neighbour (F. J. Damerau, 1964).
private func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    if a.isEmpty || b.isEmpty { return max(a.count, b.count) }
    var rows = [Array(0...b.count)]
    for i in 1...a.count {
        var row = [i]
        for j in 1...b.count {
            let cost = a[i - 1] == b[j - 1] ? 0 : 1
            var best = min(rows[i - 1][j] + 1, row[j - 1] + 1, rows[i - 1][j - 1] + cost)
            if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                best = min(best, rows[i - 2][j - 2] + 1)
            }
            row.append(best)
        }
        rows.append(row)
    }
    return rows[a.count][b.count]
}
