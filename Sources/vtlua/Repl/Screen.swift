// SPDX-License-Identifier: BSD-3-Clause

/// The area of the terminal where the draft is redrawn after each key.
struct Screen {
    private let console: Console
    /// The cursor's row, relative to the first drawn row.
    private var row = 0
    /// The number of columns of each drawn row.
    private var drawn: [Int] = []

    init(_ console: Console) { self.console = console }

    /// The contents of the area.
    struct Contents {
        var prompt: String
        var continuation: String
        var draft: Draft
        /// Lines below the draft, such as completions.
        var below: [String] = []
    }

    private struct Row {
        var text = ""
        var columns = 0
    }

    /// Redraws the area.
    mutating func draw(_ contents: Contents) {
        let (height, width) = console.size
        var (rows, cursor) = layout(contents, width: width)
        // If the draft is higher than the terminal, show the part with the cursor.
        let below = contents.below.prefix(max(0, height - 2)).map { line in
            let line = line.fitting(columns: width - 1)
            return Row(text: line, columns: line.columns)
        }
        let room = max(1, height - 1 - below.count)
        if rows.count > room {
            let first = min(max(0, cursor.row - room + 1), rows.count - room)
            rows = Array(rows[first..<(first + room)])
            cursor.row -= first
        }
        rows += below
        var text = start + rows.map(\.text).joined(separator: "\r\n")
        let up = rows.count - 1 - cursor.row
        if up > 0 { text += "\u{1B}[\(up)A" }
        text += "\r"
        if cursor.column > 0 { text += "\u{1B}[\(cursor.column)C" }
        console.write(text)
        row = cursor.row
        drawn = rows.map(\.columns)
    }

    /// Draws the complete draft a last time and moves to the next line.
    mutating func finish(_ contents: Contents) {
        var contents = contents
        contents.below = []
        let (rows, _) = layout(contents, width: console.size.columns)
        console.write(start + rows.map(\.text).joined(separator: "\r\n") + "\r\n")
        forget()
    }

    /// Forgets the drawn rows; the next drawing starts at the cursor.
    mutating func forget() {
        row = 0
        drawn = []
    }

    /// Adjusts to a new size of the terminal, which has wrapped long rows again.
    mutating func resize() {
        let width = console.size.columns
        row = drawn.prefix(row).reduce(0) { $0 + max(1, ($1 + width - 1) / width) }
    }

    /// The control sequence that moves to the first row and clears the area.
    private var start: String { "\r" + (row > 0 ? "\u{1B}[\(row)A" : "") + "\u{1B}[J" }

    private func layout(
        _ contents: Contents, width: Int
    ) -> (rows: [Row], cursor: (row: Int, column: Int)) {
        let limit = width - 1
        let colour = console.hasColour
        let letters = contents.draft.letters
        let styles = colour ? Colours.styles(of: letters) : []
        var rows = [Row()]
        var style = Colours.Style.plain
        var cursor = (row: 0, column: 0)

        func put(_ text: String, _ columns: Int = 0) {
            rows[rows.count - 1].text += text
            rows[rows.count - 1].columns += columns
        }
        func turn(to other: Colours.Style) {
            if other == style { return }
            if style != .plain { put(Colours.off) }
            style = other
            put(style.on)
        }
        func breakRow() {
            turn(to: .plain)
            rows.append(Row())
        }
        func add(_ prompt: String) {
            var isColour = false
            for letter in prompt {
                if letter == "\u{1B}" { isColour = true }
                if isColour {
                    put(String(letter))
                    isColour = !(letter.isASCII && letter.isLetter)
                    continue
                }
                let isEnd = letter == "\n"
                if isEnd || rows[rows.count - 1].columns + letter.columns > limit { breakRow() }
                if isEnd { continue }
                if colour { turn(to: .prompt) }
                put(letter.shown, letter.columns)
            }
            turn(to: .plain)
        }
        add(contents.prompt)
        for (index, letter) in letters.enumerated() {
            if letter == "\n" {
                if index == contents.draft.cursor {
                    cursor = (rows.count - 1, rows[rows.count - 1].columns)
                }
                breakRow()
                add(contents.continuation)
                continue
            }
            let columns = letter.columns
            if rows[rows.count - 1].columns + columns > limit { breakRow() }
            if index == contents.draft.cursor {
                cursor = (rows.count - 1, rows[rows.count - 1].columns)
            }
            if colour { turn(to: styles[index]) }
            put(letter.shown, columns)
        }
        turn(to: .plain)
        if contents.draft.cursor == letters.count {
            if rows[rows.count - 1].columns >= limit { rows.append(Row()) }
            cursor = (rows.count - 1, rows[rows.count - 1].columns)
        }
        return (rows, cursor)
    }
}
