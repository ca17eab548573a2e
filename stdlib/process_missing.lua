-- SPDX-License-Identifier: BSD-3-Clause
--- The message for a program that cannot be run. An internal part of the library `process`.

local option_names = require "option_names"

local process_missing = {}

-- The Debian packages of programs whose packages have other names, and of those that have the same.
local packages = {
  ["7z"] = "p7zip-full", ["ab"] = "apache2-utils", ["ag"] = "silversearcher-ag",
  ["animate"] = "imagemagick", ["awk"] = "gawk", ["blastn"] = "ncbi-blast+",
  ["blastp"] = "ncbi-blast+", ["cc"] = "gcc", ["cdo"] = "cdo", ["clang"] = "clang",
  ["column"] = "bsdextrautils", ["compare"] = "imagemagick", ["composite"] = "imagemagick",
  ["convert"] = "imagemagick", ["csvcut"] = "csvkit", ["csvsql"] = "csvkit",
  ["csvstat"] = "csvkit", ["dig"] = "dnsutils", ["dot"] = "graphviz", ["dvipng"] = "dvipng",
  ["exiftool"] = "libimage-exiftool-perl", ["fdfind"] = "fd-find", ["ffprobe"] = "ffmpeg",
  ["g++"] = "g++", ["gdal_translate"] = "gdal-bin", ["gdalwarp"] = "gdal-bin",
  ["gdalinfo"] = "gdal-bin", ["gs"] = "ghostscript", ["h5dump"] = "hdf5-tools",
  ["hexdump"] = "bsdextrautils", ["http"] = "httpie", ["identify"] = "imagemagick",
  ["inkscape"] = "inkscape", ["java"] = "default-jre", ["javac"] = "default-jdk",
  ["killall"] = "psmisc", ["latex"] = "texlive-latex-base", ["latexmk"] = "latexmk",
  ["lsof"] = "lsof", ["lualatex"] = "texlive-luatex", ["luarocks"] = "luarocks",
  ["magick"] = "imagemagick", ["mogrify"] = "imagemagick", ["montage"] = "imagemagick",
  ["mpirun"] = "openmpi-bin", ["muscle"] = "muscle", ["nc"] = "netcat-openbsd",
  ["ncdump"] = "netcdf-bin", ["ncgen"] = "netcdf-bin", ["nccopy"] = "netcdf-bin",
  ["ncks"] = "nco", ["netstat"] = "net-tools", ["node"] = "nodejs", ["npm"] = "npm",
  ["nslookup"] = "dnsutils", ["octave"] = "octave", ["ogr2ogr"] = "gdal-bin",
  ["pdflatex"] = "texlive-latex-base", ["pdftotext"] = "poppler-utils",
  ["pdftoppm"] = "poppler-utils", ["pdfunite"] = "poppler-utils", ["php"] = "php-cli",
  ["pip"] = "python3-pip", ["pip3"] = "python3-pip", ["psql"] = "postgresql-client",
  ["mysql"] = "default-mysql-client", ["python"] = "python-is-python3", ["python3"] = "python3",
  ["qemu-img"] = "qemu-utils", ["R"] = "r-base", ["Rscript"] = "r-base", ["rg"] = "ripgrep",
  ["rsvg-convert"] = "librsvg2-bin", ["sbatch"] = "slurm-client", ["squeue"] = "slurm-client",
  ["srun"] = "slurm-client", ["sqlite3"] = "sqlite3", ["ssh"] = "openssh-client",
  ["scp"] = "openssh-client", ["sshd"] = "openssh-server", ["svn"] = "subversion",
  ["tiffinfo"] = "libtiff-tools", ["time"] = "time", ["uuidgen"] = "uuid-runtime",
  ["wkhtmltopdf"] = "wkhtmltopdf", ["xmllint"] = "libxml2-utils", ["xsltproc"] = "xsltproc",
  ["xvfb-run"] = "xvfb", ["xxd"] = "xxd", ["yq"] = "yq", ["zstd"] = "zstd", ["zip"] = "zip",
  ["unzip"] = "unzip",
}

for name in ([[
aria2 bc bcftools bedtools bowtie2 brotli bsdtar busybox bwa bzip2 clustalw cmake cowsay
cowthink csvkit curl diffstat docker.io doxygen entr fastqc ffmpeg figlet file fish flex bison
gawk gcc gdb gfortran git gnuplot gnupg golang graphviz groff hmmer htop imagemagick inotify-
tools jq julia less lynx lzip lz4 m4 mafft make maven mawk meson minimap2 moreutils ncftp ninja-
build nmap nodejs octave openssl pandoc parallel patch perl pigz pixz plotutils potrace pv pwgen
qpdf rar rclone rename rsync ruby samtools screen sed seqtk sox strace tar task-spooler
tesseract-ocr tmux tree unrar units valgrind vim w3m wget xz-utils zsh
]]):gmatch("%S+") do
  packages[name] = packages[name] or name
end
packages.docker, packages.go, packages.gpg = "docker.io", "golang", "gnupg"
packages.ninja, packages.tesseract, packages.xz = "ninja-build", "tesseract-ocr", "xz-utils"
packages.mvn, packages.sponge, packages.ts = "maven", "moreutils", "moreutils"

--- The advice about a missing program.
local function advice(name, search, system)
  local package = packages[name]
  if package and system.status("/etc/debian_version", true) then
    return ("install the package `%s`: apt install %s"):format(package, package)
  elseif name:find(" ", 1, true) then
    local words = {}
    for word in name:gmatch("%S+") do
      words[#words + 1] = ("%q"):format(word)
    end
    return ("write { %s }, or use process.shell"):format(table.concat(words, ", "))
  end
  local names, seen = {}, {}
  for directory in search:gmatch("[^:]+") do
    directory = directory:gsub("[%*%?%[%]{}\\]", "\\%0")
    for _, path in ipairs(system.glob(directory .. "/*", 0, true) or {}) do
      local file = path:match("[^/]*$")
      if not seen[file] then
        seen[file] = true
        names[#names + 1] = file
      end
    end
  end
  for known in pairs(packages) do
    if not seen[known] then
      names[#names + 1] = known
    end
  end
  system.sort(names)
  local nearest = option_names.nearest(name, names)
  return nearest and ("did you mean `%s`?"):format(nearest) or "install it, or give its path"
end

--- The message for a program that was not found.
--- @param name string
--- @param problem string|nil the system's reason, where a file of the name is there
--- @param search string the directories that were searched
--- @param system table
--- @return string
function process_missing.message(name, problem, search, system)
  if problem == "Permission denied" then
    return ("`%s` cannot be run: it is not executable; chmod +x makes it so"):format(name)
  elseif problem == "Is a directory" and name:find("/", 1, true) then
    return ("`%s` cannot be run: it is a directory"):format(name)
  elseif name:find("/", 1, true) then
    return ("there is no program '%s'"):format(name)
  end
  return ("there is no program `%s`; %s PATH is %s"):format(name,
    advice(name, search, system):gsub("[^?]$", "%0."), search)
end

--- The message for a program that was found and cannot be started.
--- @param name string
--- @param path string
--- @param problem string
--- @param bytes integer the length of all arguments
--- @return string
function process_missing.cannot_start(name, path, problem, bytes)
  local file <close> = io.open(path, "rb")
  local line = file and file:read(256) or ""
  local interpreter = line:match("^#![ \t]*([^\n]*)")
  if problem == "No such file or directory" and interpreter then
    return ("'%s' cannot be run: its first line names the program `%s`, which does not exist%s")
      :format(path, (interpreter:gsub("\r", "\\r")),
        interpreter:find("\r", 1, true) and "; its lines end with CR LF" or "")
  elseif problem == "Exec format error" then
    return ("'%s' cannot be run: it is no program for this machine, and its first line is not "
      .. "`#!` with an interpreter"):format(path)
  elseif problem == "Argument list too long" then
    return ("`%s` cannot be run: its arguments take %d bytes, more than the system allows; pass "
      .. "them in a file or by `input`, such as with xargs -0"):format(name, bytes)
  end
  return ("`%s` cannot be run: %s"):format(name, problem)
end

return process_missing
