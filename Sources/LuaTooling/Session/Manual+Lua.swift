// SPDX-License-Identifier: BSD-3-Clause

internal import VTRuntime

/// Lua's own functions, in the order of its manual: what they take, and what they do.
let manualOfLua = """
    assert(v [, message])|Gives its arguments back; an error with the message if `v` is false or nil.
    collectgarbage([what [, arg]])|Garbage collection: "collect", "stop", "restart", "count" (in kB), "step", "isrunning", "incremental", "generational".
    dofile([file])|Runs a file and gives what it returns.
    error(message [, level])|Raises an error. Level 1: the position of the caller of error; 2: of its caller; 0: none.
    getmetatable(object)|The metatable, or its field `__metatable`, or nil.
    ipairs(t)|Iterates over 1, t[1], 2, t[2], ... up to the first nil.
    load(chunk [, name [, mode [, env]]])|Compiles a text or what a function gives in parts; the function, or nil and a message.
    loadfile([file [, mode [, env]]])|Compiles a file; the function, or nil and a message.
    next(t [, key])|The key after this one, in no order, and its value; nil at the end.
    pairs(t)|Iterates over all keys and values, in no order; asks `__pairs`.
    pcall(f, ...)|Calls f; true and its results, or false and the error.
    print(...)|Writes the values to standard output, with tabs between them.
    rawequal(a, b)|Whether they are the same, without `__eq`.
    rawget(t, key)|t[key] without `__index`.
    rawlen(v)|The length of a table or string without `__len`.
    rawset(t, key, value)|t[key] = value without `__newindex`; gives t.
    require(module)|Loads a module once; gives what it returned, and where it was found.
    select(n, ...)|The arguments from number n on; with "#" how many there are.
    setmetatable(t, metatable)|Sets or removes (nil) a table's metatable; gives t.
    tonumber(v [, base])|A number from a number or a text; nil if it is none.
    tostring(v)|The value as text; asks `__tostring`.
    type(v)|"nil", "number", "string", "boolean", "table", "function", "thread" or "userdata".
    warn(message, ...)|Emits a warning; "@on" and "@off" switch them.
    xpcall(f, handler, ...)|As pcall; the handler gets the error where it happened, and its result is given.
    coroutine.close(co)|Ends a suspended coroutine and closes its variables.
    coroutine.create(f)|A coroutine that will run f.
    coroutine.isyieldable([co])|Whether it can yield.
    coroutine.resume(co, ...)|Starts or goes on; true and what it yields or returns, or false and the error.
    coroutine.running()|The present coroutine, and whether it is the main one.
    coroutine.status(co)|"running", "suspended", "normal" or "dead".
    coroutine.wrap(f)|A function that goes on with the coroutine each time it is called.
    coroutine.yield(...)|Suspends; gives what the next resume passes.
    debug.getinfo([thread,] f [, what])|What is known of a function or a level of the stack.
    debug.getlocal([thread,] f, n)|Name and value of a local variable.
    debug.getupvalue(f, n)|Name and value of an upvalue.
    debug.sethook([thread,] hook, mask [, count])|Calls hook at calls ("c"), returns ("r"), lines ("l") or every count instructions.
    debug.setlocal([thread,] level, n, value)|Sets a local variable.
    debug.setupvalue(f, n, value)|Sets an upvalue.
    debug.traceback([thread,] [message [, level]])|The message and the functions that are active.
    io.close([file])|Closes a file, or the default output.
    io.flush()|Writes out what the default output has kept back.
    io.input([file])|The default input; sets it.
    io.lines([file, ...])|Iterates over the lines of a file, which is closed at its end.
    io.open(file [, mode])|Opens a file: "r", "w", "a", "r+", "w+", "a+", with "b" for bytes; nil, a message and a number if it cannot.
    io.output([file])|The default output; sets it.
    io.popen(command [, mode])|Starts a program and reads from it or writes to it.
    io.read(...)|Reads from the default input: "n" a number, "l" a line, "L" with its end, "a" all, or a number of bytes.
    io.tmpfile()|A temporary file, removed when the program ends.
    io.type(v)|"file", "closed file" or nil.
    io.write(...)|Writes texts and numbers to the default output.
    math.abs(x)|The absolute value.
    math.acos(x)|The arc cosine, in radians.
    math.asin(x)|The arc sine, in radians.
    math.atan(y [, x])|The arc tangent of y/x, in radians, in the right quadrant.
    math.ceil(x)|The smallest integer that is not less.
    math.cos(x)|The cosine of radians.
    math.deg(x)|Degrees from radians.
    math.exp(x)|e to the power x.
    math.floor(x)|The largest integer that is not greater.
    math.fmod(x, y)|The remainder, with the sign of x.
    math.log(x [, base])|The logarithm, natural by default.
    math.max(x, ...)|The greatest argument.
    math.min(x, ...)|The least argument.
    math.modf(x)|The integral part and the rest.
    math.rad(x)|Radians from degrees.
    math.random([m [, n]])|A float in [0, 1), an integer from 1 to m, or from m to n; random(0): all bits.
    math.randomseed([x [, y]])|Seeds the generator of random numbers.
    math.sin(x)|The sine of radians.
    math.sqrt(x)|The square root.
    math.tan(x)|The tangent of radians.
    math.tointeger(x)|The integer of the same value, or nil.
    math.type(x)|"integer", "float", or nil for what is no number.
    math.ult(m, n)|Whether m is less than n as unsigned integers.
    math.atan2(y, x)|Of Lua 5.2; write math.atan(y, x).
    math.cosh(x)|Of Lua 5.2: the hyperbolic cosine.
    math.frexp(x)|Of Lua 5.2: m and e with x = m * 2^e.
    math.ldexp(m, e)|Of Lua 5.2; write m * 2.0^e.
    math.log10(x)|Of Lua 5.2; write math.log(x, 10).
    math.pow(x, y)|Of Lua 5.2; write x^y.
    math.sinh(x)|Of Lua 5.2: the hyperbolic sine.
    math.tanh(x)|Of Lua 5.2: the hyperbolic tangent.
    os.clock()|Seconds of processor time that the program has used.
    os.date([format [, time]])|A date as text, or with "*t" as a table; "!" for UTC.
    os.difftime(later, earlier)|Seconds between two times.
    os.execute([command])|Runs a command of the shell; true or nil, "exit" or "signal", and the number.
    os.exit([code [, close]])|Ends the program.
    os.getenv(name)|A variable of the environment, or nil.
    os.remove(path)|Removes a file; true, or nil, a message and a number.
    os.rename(old, new)|Renames a file; true, or nil, a message and a number.
    os.setlocale(locale [, category])|Sets the locale; its name, or nil.
    os.time([t])|Seconds since 1970, of now or of a table with year, month, day.
    os.tmpname()|The name of a temporary file.
    package.loadlib(path, name)|Loads a C library, and a function in it.
    package.searchpath(name, path [, sep [, rep]])|The file that a template of path leads to, or nil and where it looked.
    string.byte(s [, i [, j]])|The bytes from i to j as numbers.
    string.char(...)|A string of these bytes.
    string.dump(f [, strip])|The bytecode of a function.
    string.find(s, pattern [, init [, plain]])|Where the pattern is: first, last, and its captures; nil if nowhere.
    string.format(format, ...)|Text by a format: %d %5.2f %g %s %q %x %c %i %%.
    string.gmatch(s, pattern [, init])|Iterates over the matches, or their captures.
    string.gsub(s, pattern, replacement [, n])|Replaces the first n matches by a text, a table's fields or a function's results; the text and how many.
    string.len(s)|Its bytes.
    string.lower(s)|In small letters.
    string.match(s, pattern [, init])|The captures of the first match, or the match.
    string.pack(format, ...)|Values as bytes: <>=! b B h H i4 I4 j n d f s z x.
    string.packsize(format)|How many bytes string.pack makes.
    string.rep(s, n [, separator])|n copies of s.
    string.reverse(s)|Its bytes backwards.
    string.sub(s, i [, j])|The bytes from i to j; negative ones count from the end.
    string.unpack(format, s [, position])|The values that string.pack has packed, and where they end.
    string.upper(s)|In capitals.
    table.concat(list [, separator [, i [, j]]])|The elements as one text.
    table.insert(list, [position,] value)|Puts a value at a position, by default at the end.
    table.move(a, f, e, t [, b])|Copies a[f..e] to b[t..], by default in a; gives b.
    table.pack(...)|A table of the arguments; `n` is how many.
    table.remove(list [, position])|Takes out an element, by default the last, and gives it.
    table.sort(list [, less])|Sorts in place; less(a, b) says whether a comes first.
    table.unpack(list [, i [, j]])|The elements from i to j.
    utf8.char(...)|A string of these code points.
    utf8.codepoint(s [, i [, j]])|The code points of the letters that begin from byte i to j.
    utf8.codes(s)|Iterates over position and code point of each letter.
    utf8.len(s [, i [, j]])|How many letters; nil and the place of the first byte that is wrong.
    utf8.offset(s, n [, i])|The byte where letter n begins.
    """
