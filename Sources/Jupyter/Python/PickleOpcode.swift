// SPDX-License-Identifier: BSD-3-Clause

/// The instructions of pickles, under the names of Python's pickletools.
enum PickleOpcode: UInt8 {
    // Frames, marks and the end of a pickle.
    case proto = 0x80
    case frame = 0x95
    case stop = 0x2E  // .
    case mark = 0x28  // (
    case pop = 0x30  // 0
    case popMark = 0x31  // 1
    case dup = 0x32  // 2

    // The memo.
    case get = 0x67  // g
    case binget = 0x68  // h
    case longBinget = 0x6A  // j
    case put = 0x70  // p
    case binput = 0x71  // q
    case longBinput = 0x72  // r
    case memoize = 0x94

    // Numbers, booleans and None.
    case none = 0x4E  // N
    case newtrue = 0x88
    case newfalse = 0x89
    case int = 0x49  // I
    case long = 0x4C  // L
    case binint = 0x4A  // J
    case binint1 = 0x4B  // K
    case binint2 = 0x4D  // M
    case long1 = 0x8A
    case long4 = 0x8B
    case float = 0x46  // F
    case binfloat = 0x47  // G

    // Text and bytes.
    case unicode = 0x56  // V
    case binunicode = 0x58  // X
    case shortBinunicode = 0x8C
    case binunicode8 = 0x8D
    case binbytes = 0x42  // B
    case shortBinbytes = 0x43  // C
    case binbytes8 = 0x8E
    case bytearray8 = 0x96
    case nextBuffer = 0x97
    case readonlyBuffer = 0x98

    // Containers.
    case emptyList = 0x5D  // ]
    case list = 0x6C  // l
    case append = 0x61  // a
    case appends = 0x65  // e
    case emptyTuple = 0x29  // )
    case tuple = 0x74  // t
    case tuple1 = 0x85
    case tuple2 = 0x86
    case tuple3 = 0x87
    case emptyDict = 0x7D  // }
    case dict = 0x64  // d
    case setitem = 0x73  // s
    case setitems = 0x75  // u
    case emptySet = 0x8F
    case additems = 0x90
    case frozenset = 0x91

    // Classes, functions and their calls.
    case global = 0x63  // c
    case stackGlobal = 0x93
    case reduce = 0x52  // R
    case build = 0x62  // b
    case inst = 0x69  // i
    case obj = 0x6F  // o
    case newobj = 0x81
    case newobjEx = 0x92

    /// Instructions that cannot be read, because they need the other side's registry or come from
    /// Python 2.
    static let refused: [UInt8: String] = [
        0x50: "a persistent id", 0x51: "a persistent id",
        0x82: "an extension code", 0x83: "an extension code", 0x84: "an extension code",
        0x53: "a string of Python 2", 0x54: "a string of Python 2", 0x55: "a string of Python 2",
    ]
}
