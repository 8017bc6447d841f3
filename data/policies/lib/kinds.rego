# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: What the end of a name says about a file
package cordon.lib.kinds

# METADATA
# description: Ends of names of what is compiled or interpreted.
code := {
	".ada", ".asm", ".awk", ".bash", ".bat", ".bzl", ".c", ".cc", ".cjs", ".cl", ".clj", ".cljs", ".cmake", ".cmd", ".coffee",
	".cpp", ".cr", ".cs", ".cts", ".cu", ".cxx", ".d", ".dart", ".el", ".elm", ".erl", ".ex", ".exs", ".f90", ".fish", ".fs",
	".fsx", ".gd", ".go", ".gradle", ".groovy", ".h", ".hcl", ".hh", ".hpp", ".hrl", ".hs", ".hxx", ".inl", ".ino", ".jl",
	".java", ".js", ".jsx", ".kt", ".kts", ".lisp", ".lua", ".m", ".mjs", ".mk", ".ml", ".mli", ".mm", ".mts", ".nim", ".nix",
	".pas", ".php", ".pl", ".pm", ".proto", ".ps1", ".psm1", ".py", ".pyi", ".pyx", ".r", ".rb", ".rego", ".rkt", ".rs", ".s",
	".sbt", ".scala", ".scm", ".sh", ".sol", ".sql", ".star", ".sv", ".svelte", ".swift", ".tcl", ".tf", ".ts", ".tsx", ".v",
	".vala", ".vb", ".vhd", ".vim", ".vue", ".zig", ".zsh",
}

# METADATA
# description: Names without an end that are code, folded.
code_names := {
	"build", "dockerfile", "containerfile", "gemfile", "jenkinsfile", "justfile", "makefile", "rakefile", "vagrantfile",
	"meson.build", "cmakelists.txt", "gnumakefile", "tiltfile", "snakefile", "procfile", "workspace", "podfile",
}

# METADATA
# description: Whether an item is code by its name, or a script by its content.
is_code(item) if item.entry.ext in code

is_code(item) if item.name in code_names

is_code(item) if item.entry.new.content.type == "script"

# METADATA
# description: Ends of names of text that is no code. Data may have any form of lines.
data := {
	".csv", ".css", ".geojson", ".htm", ".html", ".ini", ".ipynb", ".json", ".json5", ".jsonc", ".jsonl", ".less", ".lock",
	".map", ".ndjson", ".plist", ".properties", ".scss", ".snap", ".svg", ".toml", ".tsv", ".xml", ".yaml", ".yml",
}

prose := {".adoc", ".asciidoc", ".latex", ".log", ".markdown", ".md", ".mdx", ".org", ".rst", ".rtf", ".tex", ".text", ".txt"}

# METADATA
# description: Ends of names of pictures, sounds, films, fonts and documents, which are no text and which nobody runs.
media := {
	".aac", ".ai", ".avi", ".avif", ".bmp", ".cur", ".doc", ".docx", ".eot", ".epub", ".fig", ".flac", ".gif", ".glb", ".hdr", ".heic", ".icns",
	".ico", ".jpeg", ".jpg", ".m4a", ".m4v", ".mkv", ".mov", ".mp3", ".mp4", ".mpg", ".odp", ".ods", ".odt", ".oga", ".ogg",
	".ogv", ".opus", ".otf", ".pcf", ".pdf", ".png", ".ppt", ".pptx", ".ps", ".psd", ".sketch", ".tga", ".tif", ".tiff", ".ttc", ".ttf",
	".wav", ".weba", ".webm", ".webp", ".woff", ".woff2", ".xcf", ".xls", ".xlsx",
}

# METADATA
# description: Those of them whose first bytes are known, and what a file under such a name may be; a text is a pointer to it.
pictures := {".gif", ".jpeg", ".jpg", ".png", ".webp"}

pictured := {"empty", "gif", "jpeg", "png", "text", "webp"}

# METADATA
# description: Types of content (cordon.commit's `content.type`) that a processor or a virtual machine runs.
native := {"elf", "mach-o", "pe"}

bytecode := {"class", "jar", "pyc", "wasm"}

archives := {"7z", "ar", "bzip2", "gzip", "jar", "tar", "xz", "zip", "zstd"}

# METADATA
# description: Types that are text, or nothing.
texts := {"empty", "script", "text"}
