# SPDX-License-Identifier: BSD-3-Clause
"""Translates simple Python functions and code to Lua, for peer_suite.py --translate.

A function that a test sends to an engine is replaced by a reference to a global function of Lua. The
globals are defined on the engines beforehand: for each function and lambda of the suite's modules
whose code is simple enough. All others are sent as they are, and are refused.
"""
import ast
import functools
import hashlib
import inspect
import os
import types

#: Functions of Lua for those of Python's library.
PRELUDE = """
function py_sleep(n) require("parallel").channel(1):recv(n) return nil end
function py_getpid() return tonumber((io.open("/proc/self/stat"):read("n"))) end
function py_range(n) local list = {} for i = 1, n do list[i] = i - 1 end return list end
function py_each(list, f) local r = {} for i, x in ipairs(list) do r[i] = f(x) end return r end
function py_raise(name) error(name, 0) end
function py_div(a, b) if b == 0 then error("ZeroDivisionError", 0) end return a / b end
"""

LIBRARY = {
    "time.sleep": "py_sleep", "sleep": "py_sleep", "os.getpid": "py_getpid", "getpid": "py_getpid",
    "time.time": "vt.now", "random.random": "math.random", "str": "tostring", "print": "print",
    "range": "py_range", "abs": "math.abs", "os._exit": "os.exit",
}

OPERATORS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Mod: "%", ast.Pow: "^", ast.FloorDiv: "//",
    ast.Eq: "==", ast.NotEq: "~=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Is: "==", ast.IsNot: "~=", ast.And: "and", ast.Or: "or", ast.USub: "-", ast.Not: "not ",
}


class NotSimple(Exception):
    """The code has no translation."""


class Translation(ast.NodeVisitor):
    """The Lua text of a node. `module` has the functions of the module, by name."""

    def __init__(self, module=None):
        self.module = module or {}

    def generic_visit(self, node):
        raise NotSimple(type(node).__name__)

    def function(self, node):
        a = node.args
        if a.vararg or a.kwonlyargs or a.posonlyargs:
            raise NotSimple("arguments")
        names = [arg.arg for arg in a.args] + ([a.kwarg.arg] if a.kwarg else [])
        lines = []
        if a.kwarg:
            lines.append(f"{a.kwarg.arg} = {a.kwarg.arg} or {{}}")
        for name, value in zip([arg.arg for arg in a.args[len(a.args) - len(a.defaults):]],
                               a.defaults):
            if isinstance(value, ast.Name):
                raise NotSimple("default")
            lines.append(f"if {name} == nil then {name} = {self.visit(value)} end")
        if isinstance(node, ast.Lambda):
            lines.append("return " + self.visit(node.body))
        else:
            lines += [self.visit(statement) for statement in node.body]
        return f"function({', '.join(names)}) {' '.join(lines)} end"

    visit_Lambda = function

    # Statements.

    def visit_Return(self, node):
        return "do return " + (self.visit(node.value) if node.value else "nil") + " end"

    def visit_Expr(self, node):
        if isinstance(node.value, ast.Constant):
            return ""
        if not isinstance(node.value, ast.Call):
            return "local _ = " + self.visit(node.value)
        return self.visit(node.value)

    def visit_Assign(self, node):
        if len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
            raise NotSimple("assignment")
        return f"local {node.targets[0].id} = {self.visit(node.value)}"

    def visit_Import(self, node):
        if any(name.name not in ("time", "os", "random") for name in node.names):
            raise NotSimple("import")
        return ""

    def visit_Pass(self, node):
        return ""

    def visit_If(self, node):
        text = f"if {self.visit(node.test)} then {' '.join(map(self.visit, node.body))}"
        if node.orelse:
            text += f" else {' '.join(map(self.visit, node.orelse))}"
        return text + " end"

    def visit_For(self, node):
        body = " ".join(map(self.visit, node.body))
        return f"for _, {node.target.id} in ipairs({self.visit(node.iter)}) do {body} end"

    def visit_Raise(self, node):
        return 'py_raise("%s")' % ast.unparse(node.exc).split("(")[0]

    # Expressions.

    def visit_Constant(self, node):
        value = node.value
        if value is None:
            return "nil"
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, (int, float)):
            return repr(value)
        if isinstance(value, str):
            return '"' + "".join(f"\\x{byte:02x}" for byte in value.encode()) + '"'
        raise NotSimple("constant")

    def visit_Name(self, node):
        return LIBRARY.get(node.id, node.id)

    def visit_Attribute(self, node):
        name = ast.unparse(node)
        return LIBRARY.get(name) or f"{self.visit(node.value)}.{node.attr}"

    def visit_BinOp(self, node):
        left, right = self.visit(node.left), self.visit(node.right)
        if isinstance(node.op, ast.Div):
            return f"py_div({left}, {right})"
        power = isinstance(node.op, ast.Pow)
        text = f"({left} {OPERATORS[type(node.op)]} {right})"
        return f"(math.tointeger{text} or {text})" if power else text

    def visit_BoolOp(self, node):
        return "(" + f" {OPERATORS[type(node.op)]} ".join(map(self.visit, node.values)) + ")"

    def visit_UnaryOp(self, node):
        return f"({OPERATORS[type(node.op)]}{self.visit(node.operand)})"

    def visit_Compare(self, node):
        if len(node.ops) != 1 or type(node.ops[0]) not in OPERATORS:
            raise NotSimple("comparison")
        right = self.visit(node.comparators[0])
        return f"({self.visit(node.left)} {OPERATORS[type(node.ops[0])]} {right})"

    def visit_Call(self, node):
        if node.keywords:
            raise NotSimple("keywords")
        arguments = ", ".join(map(self.visit, node.args))
        if isinstance(node.func, ast.Name) and node.func.id == "len":
            return f"#{arguments}"
        if isinstance(node.func, ast.Attribute) and ast.unparse(node.func) not in LIBRARY:
            raise NotSimple("method")
        if isinstance(node.func, ast.Name) and node.func.id in ("open", "isinstance", "globals"):
            raise NotSimple(node.func.id)
        if isinstance(node.func, ast.Name) and node.func.id in self.module:
            callee = self.module[node.func.id]
            return f"{name_of(Translation().function(callee))}({arguments})"
        return f"{self.visit(node.func)}({arguments})"

    def visit_List(self, node):
        return "{" + ", ".join(map(self.visit, node.elts)) + "}"

    visit_Tuple = visit_List

    def visit_Dict(self, node):
        return "{" + ", ".join(
            f"[{self.visit(k)}] = {self.visit(v)}" for k, v in zip(node.keys, node.values)) + "}"

    def visit_ListComp(self, node):
        if len(node.generators) != 1 or node.generators[0].ifs:
            raise NotSimple("comprehension")
        loop = node.generators[0]
        return (f"py_each({self.visit(loop.iter)}, "
                f"function({loop.target.id}) return {self.visit(node.elt)} end)")


class Script(Translation):
    """Code that is executed: what it assigns are globals."""

    def visit_Assign(self, node):
        if len(node.targets) != 1 or not isinstance(node.targets[0], ast.Name):
            raise NotSimple("assignment")
        return f"{node.targets[0].id} = {self.visit(node.value)}"

    def visit_AugAssign(self, node):
        value = ast.BinOp(ast.Name(node.target.id), node.op, node.value)
        return f"{node.target.id} = {self.visit(value)}"

    def visit_FunctionDef(self, node):
        return f"{node.name} = {Translation().function(node)}"


def script(code):
    """The code in Lua, or None."""
    try:
        body = ast.parse(code).body
        if len(body) == 1 and isinstance(body[0], ast.Expr):
            return "return " + Script().visit(body[0].value)
        return "\n".join(map(Script().visit, body))
    except (NotSimple, SyntaxError):
        return None


@functools.cache
def functions_of(file):
    """The translations in a file, by the line and the name of the function."""
    with open(file) as source:
        tree = ast.parse(source.read())
    module = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Lambda, ast.FunctionDef)):
            name = "<lambda>" if isinstance(node, ast.Lambda) else node.name
            decorators = [d.lineno for d in getattr(node, "decorator_list", [])]
            try:
                lua = Translation(module).function(node)
            except NotSimple:
                continue
            found[min([node.lineno] + decorators), name] = lua
    return found


def name_of(lua):
    return "py_" + hashlib.sha1(lua.encode()).hexdigest()[:12]


def definitions(folder):
    """The code that defines the functions of all modules in a folder."""
    lines = {PRELUDE}
    for name in sorted(os.listdir(folder)):
        if name.endswith(".py"):
            for lua in functions_of(os.path.join(folder, name)).values():
                lines.add(f"{name_of(lua)} = {lua}\n")
    return "".join(sorted(lines, key=lambda line: line != PRELUDE))


def lua_name(f):
    """The name of the global for a function, or None."""
    if isinstance(f, types.BuiltinFunctionType):
        return LIBRARY.get(f"{f.__module__}.{f.__name__}".replace("posix.", "os."))
    if not isinstance(f, types.FunctionType) or f.__closure__:
        return None
    lua = functions_of(inspect.getsourcefile(f)).get((f.__code__.co_firstlineno, f.__name__))
    return lua and name_of(lua)


def positional(f, arguments, keywords):
    """The arguments of a call without keywords; keywords that the function collects are the last."""
    names = list(inspect.signature(f).parameters.values())
    # A broadcast view has serialized them.
    result, rest = list(arguments), {k: getattr(v, "obj", v) for k, v in keywords.items()}
    for parameter in names[len(arguments):]:
        if parameter.kind == parameter.VAR_KEYWORD:
            result.append(rest)
            rest = {}
        else:
            result.append(rest.pop(parameter.name, None))
    return result, rest
