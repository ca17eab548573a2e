#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Builds and runs the Swift code of docs/embedding.md and of the articles of the library's
documentation, as a package that depends on this one: articles.py [PAGE...]

A block ```lua whose first line is a comment with a file's name is a file for the programs of its page; those
of a module's overview are for its other articles too.
A block ```swift with an import begins a program, which the following blocks continue up to a heading
of the second level, or to a block that uses a Lua context `lua`. Other blocks of one section are one
snippet, with `lua` if they use it. The comment after a `print` is what it prints; or the last block
ends with `// Output:` and the lines.
"""
import pathlib, re, shutil, subprocess, sys, tempfile, textwrap

root = pathlib.Path(__file__).resolve().parent.parent.parent
scratch = root / ".build/host"
package = scratch / "articles"

# Programs that are built and not run.
NOT_RUN = {
    "VTNotebook.md": "Jupyter starts the kernel",
    "VTLocalCluster.md": "it starts a cluster",
    "UsingClusters.md": "it starts a cluster",
}
PRODUCTS = re.findall(r'\.library\(name: "(\w+)"', (root / "Package.swift").read_text())
SNIPPETS = ["VTArrays", "VTFoundation", "VTRuntime"]


def uses_lua(text):
    """True if the code uses a context that it does not name itself."""
    first = re.search(r"\blua\.|\{ lua in\b", text)
    return first is not None and first[0] == "lua."


class Code:
    """A program, or a snippet of one section."""

    def __init__(self, page, title, kind):
        self.page, self.title, self.kind = page, title, kind
        self.blocks, self.files = [], {}

    def add(self, line, text):
        self.blocks.append((line, text))

    @property
    def text(self):
        return "\n".join(text for _, text in self.blocks)

    @property
    def uses_lua(self):
        return uses_lua(self.text)

    def located(self):
        """The code, with the page's lines for the compiler's messages."""
        name = self.page.relative_to(root)
        return "\n".join(f'#sourceLocation(file: "{name}", line: {line})\n{text}'
                         for line, text in self.blocks) + "\n#sourceLocation()\n"

    def expected(self):
        if "// Output:" in self.text:
            lines = self.text.split("// Output:\n")[1].splitlines()
            return [line.removeprefix("//").removeprefix(" ") for line in lines]
        found = re.findall(r"^.*\bprint\(.*?\)[ }]*  // ?(.*)$", self.text, re.MULTILINE)
        return found

    def imports(self):
        return re.findall(r"^import (\w+)$", self.text, re.MULTILINE)


def lua_files(page):
    return {name: text for name, text in re.findall(
        r"^```lua\n(?=-- ([\w./-]+)\n)(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)}


def codes(page):
    """The programs and snippets of a page."""
    found, files, current, title = [], {}, None, page.stem
    overview = page.with_name(page.parent.stem + ".md")
    if overview != page and overview.exists():
        files |= lua_files(overview)
    lines = iter(enumerate(page.read_text().splitlines(), 1))
    for number, line in lines:
        if line.startswith("#"):
            title = line.lstrip("# ")
            if current and (current.kind == "snippet" or line.startswith("## ")):
                current = None
        if not line.startswith("```"):
            continue
        language, start, block = line[3:], number + 1, []
        for _, line in lines:
            if line.startswith("```"):
                break
            block.append(line)
        text = "\n".join(block)
        if language != "swift" or block[0] == "// Package.swift":
            continue
        imports = re.search(r"^import ", text, re.MULTILINE)
        if imports:
            current = Code(page, title, "program")
            found.append(current)
        elif current is None or current.kind == "program" and uses_lua(text):
            current = Code(page, title, "snippet")
            found.append(current)
        current.add(start, text)
        if imports and any(name in text for name in ("LuaState(", "Runtime(")):
            current = None  # what follows in the section has a state of its own
    for code in found:
        code.files = files | lua_files(page)
    return found


def write(codes):
    shutil.rmtree(package, ignore_errors=True)
    targets, names, calls = [], [], []
    for number, code in enumerate(codes):
        if code.kind == "program":
            name = f"article{number}"
            folder = package / "Sources" / name
            folder.mkdir(parents=True)
            (folder / "main.swift").write_text(code.located())
            products = [x for x in code.imports() if x in PRODUCTS]
            names.append((name, products))
            continue
        folder = package / "Sources/snippets"
        folder.mkdir(parents=True, exist_ok=True)
        body = code.located()
        if code.uses_lua:
            body = f"let runtime = try Runtime()\ntry runtime.run {{ lua in\n{body}\n}}\n"
        imports = "".join(f"import {name}\n" for name in SNIPPETS)
        (folder / f"snippet{number}.swift").write_text(
            f"{imports}\nfunc snippet{number}() async throws {{\n{body}}}\n")
        calls.append(f'case "{number}": try await snippet{number}()')
    (package / "Sources/snippets/main.swift").write_text(
        "switch CommandLine.arguments[1] {\n" + "\n".join(calls) + "\ndefault: break\n}\n")
    names.append(("snippets", SNIPPETS))
    for name, products in names:
        listed = ", ".join(f'.product(name: "{x}", package: "VTLua")' for x in products)
        targets.append(f'.executableTarget(name: "{name}", dependencies: [{listed}])')
    (package / "Package.swift").write_text(textwrap.dedent("""\
        // swift-tools-version: 6.2
        import PackageDescription

        let package = Package(
            name: "Articles",
            dependencies: [.package(name: "VTLua", path: "%s")],
            targets: [%s])
        """) % (root, ",\n".join(targets)))
    if (root / "Package.resolved").exists():
        shutil.copy(root / "Package.resolved", package)
    for clone in (root / ".build/repositories").glob("*"):
        if not (scratch / "build/repositories" / clone.name).exists():
            shutil.copytree(clone, scratch / "build/repositories" / clone.name, symlinks=True)


def build():
    done = subprocess.run(
        ["swift", "build", "--package-path", package, "--scratch-path", scratch / "build",
         "--skip-update"], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    found = re.findall(r"^\S+\d: (?:error|warning): .*$", done.stdout, re.MULTILINE)
    if done.returncode or found:
        sys.exit("\n".join(dict.fromkeys(found)) or done.stdout)


def run(number, code):
    """None, or what went wrong."""
    name = f"article{number}" if code.kind == "program" else "snippets"
    with tempfile.TemporaryDirectory() as folder:
        for file, text in code.files.items():
            (pathlib.Path(folder) / file).write_text(text)
        done = subprocess.run(
            [scratch / "build/debug" / name, str(number)], cwd=folder, text=True, timeout=120,
            stdin=subprocess.DEVNULL, capture_output=True)
    printed, expected = done.stdout.splitlines(), code.expected()
    if done.returncode or done.stderr or printed != expected:
        return (f"{code.page.relative_to(root)}, {code.title}: exit status {done.returncode}\n"
                f"  expected {expected}\n  printed  {printed}\n{done.stderr}")


pages = [pathlib.Path(x).resolve() for x in sys.argv[1:] if not x.startswith("-")] or [
    root / "README.md", root / "docs/embedding.md", *sorted(root.glob("Sources/*/*.docc/*.md"))]
found = [code for page in pages for code in codes(page)]
write(found)
build()
failures = []
for number, code in enumerate(found):
    if code.page.name in NOT_RUN:
        print(f"skip {code.page.name}: {NOT_RUN[code.page.name]}; it is built")
        continue
    if failure := run(number, code):
        failures.append(failure)
print("\n".join(failures))
print(f"{len(found)} programs and snippets, {len(failures)} wrong")
sys.exit(bool(failures))
