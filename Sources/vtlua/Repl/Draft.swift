// SPDX-License-Identifier: BSD-3-Clause

/// The text being edited, with a cursor. Lines end with "\n".
struct Draft: Equatable {
    private(set) var letters: [Character] = []
    /// The index of the character after the cursor.
    private(set) var cursor = 0

    init(_ text: String = "") {
        letters = Array(text)
        cursor = letters.count
    }

    var text: String { String(letters) }
    var isEmpty: Bool { letters.isEmpty }
    var before: String { String(letters[..<cursor]) }

    // MARK: Lines

    /// The index of the start of the cursor's line.
    var lineStart: Int { letters[..<cursor].lastIndex(of: "\n").map { $0 + 1 } ?? 0 }
    /// The index of the end of the cursor's line.
    var lineEnd: Int { letters[cursor...].firstIndex(of: "\n") ?? letters.count }
    var isOnFirstLine: Bool { lineStart == 0 }
    var isOnLastLine: Bool { lineEnd == letters.count }
    /// The text before the cursor in its line.
    var lineBefore: String { String(letters[lineStart..<cursor]) }

    // MARK: Moving

    mutating func move(to place: Int) { cursor = min(max(0, place), letters.count) }

    mutating func moveUp() {
        let column = cursor - lineStart
        guard lineStart > 0 else { return }
        move(to: lineStart - 1)
        move(to: min(lineStart + column, cursor))
    }

    mutating func moveDown() {
        let column = cursor - lineStart
        guard lineEnd < letters.count else { return }
        move(to: lineEnd + 1)
        move(to: min(cursor + column, lineEnd))
    }

    private func isWord(_ index: Int) -> Bool {
        letters[index].isLetter || letters[index].isNumber || letters[index] == "_"
    }

    var wordLeft: Int {
        var place = cursor
        while place > 0, !isWord(place - 1) { place -= 1 }
        while place > 0, isWord(place - 1) { place -= 1 }
        return place
    }

    var wordRight: Int {
        var place = cursor
        while place < letters.count, !isWord(place) { place += 1 }
        while place < letters.count, isWord(place) { place += 1 }
        return place
    }

    // MARK: Changing

    /// Inserts text before the cursor. Combining marks join the character before them.
    mutating func insert(_ text: String) {
        let end = cursor
        let start = max(0, end - 1)
        let joined = Array(String(letters[start..<end]) + text)
        letters.replaceSubrange(start..<end, with: joined)
        cursor = start + joined.count
    }

    /// Removes a range and returns its text.
    @discardableResult
    mutating func remove(_ range: Range<Int>) -> String {
        let range = range.clamped(to: 0..<letters.count)
        let removed = String(letters[range])
        letters.removeSubrange(range)
        if cursor > range.lowerBound { cursor -= min(cursor, range.upperBound) - range.lowerBound }
        return removed
    }

    mutating func replace(_ range: Range<Int>, with text: String) {
        remove(range)
        cursor = range.lowerBound
        insert(text)
    }
}
