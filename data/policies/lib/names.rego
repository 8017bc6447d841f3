# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Names as the most forgiving file system and reader take them
# description: |
#   Without regard to case, dots and spaces at the end, what names a stream of NTFS, characters without width, and letters
#   that look like those of ASCII, or are the same on some file systems: ".ENV", ".env." and ".env" with a Cyrillic e are
#   all ".env".
package cordon.lib.names

# METADATA
# description: One component without surprises, as nearly all of them are.
plain(name) := lower(trim_right(name, " ."))

# METADATA
# description: Any component.
fold(name) := plain(ascii(split(name, "::$")[0]))

# METADATA
# description: A text with look-alikes replaced, and without what has no width.
ascii(text) := strings.replace_n(look_alikes, regex.replace(text, widthless, ""))

widthless := `[\p{Cf}\x{34f}\x{115f}\x{1160}\x{3164}\x{ffa0}\x{fe00}-\x{fe0f}]`

# METADATA
# description: What a folded name ends in from its last dot on, ".py"; nothing of ".profile".
default ending(_) := ""

ending(name) := concat("", [".", parts[count(parts) - 1]]) if {
	parts := split(trim_left(name, "."), ".")
	count(parts) > 1
}

# METADATA
# description: Whether a folded path is one of an installed package, which nobody wrote in this project.
installed(path) if regex.match(installed_pattern, path)

# One look at a path, instead of one for each directory.
installed_pattern := any_of(installed_directories)

any_of(directories) := concat("|", [replace(directory, ".", `\.`) | some directory in directories])

installed_directories := {
	"/.cargo/registry/", "/.pnpm/", "/bower_components/", "/dist-packages/", "/node_modules/", "/pkg/mod/",
	"/site-packages/", "/vendor/",
}

# METADATA
# description: Whether a folded path is what tools make out of sources, and people do not read.
built(path) if regex.match(built_pattern, path)

built_pattern := any_of(built_directories | installed_directories)

built_directories := {
	"/.cache/", "/.eggs/", "/.gradle/", "/.mypy_cache/", "/.next/", "/.nox/", "/.nuxt/", "/.parcel-cache/",
	"/.pytest_cache/", "/.ruff_cache/", "/.svelte-kit/", "/.tox/", "/.turbo/", "/.venv/", "/__pycache__/", "/_build/",
	"/build/", "/cmake-build-debug/", "/cmake-build-release/", "/coverage/", "/dist/", "/obj/", "/out/", "/target/",
	"/venv/",
}

# Letters of Cyrillic, Greek, Armenian and Latin itself that the usual fonts draw like those of ASCII, the Kelvin sign and
# the long s, which file systems without case take for k and s, and the full-width forms.
look_alikes := {
	"\u0130": "i", "\u0131": "i", "\u017f": "s", "\u0251": "a", "\u0257": "d", "\u0261": "g", "\u028f": "y",
	"\u0391": "a", "\u0392": "b", "\u0395": "e", "\u0396": "z", "\u0397": "h", "\u0399": "i", "\u039a": "k",
	"\u039c": "m", "\u039d": "n", "\u039f": "o", "\u03a1": "p", "\u03a4": "t", "\u03a5": "y", "\u03a7": "x",
	"\u03b1": "a", "\u03b3": "y", "\u03b9": "i", "\u03ba": "k", "\u03bd": "v", "\u03bf": "o", "\u03c1": "p",
	"\u03c4": "t", "\u03c5": "u", "\u03c7": "x", "\u03f2": "c", "\u03f9": "c", "\u0405": "s", "\u0406": "i",
	"\u0408": "j", "\u0410": "a", "\u0412": "b", "\u0415": "e", "\u041a": "k", "\u041c": "m", "\u041d": "h",
	"\u041e": "o", "\u041f": "n", "\u0420": "p", "\u0421": "c", "\u0422": "t", "\u0423": "y", "\u0425": "x",
	"\u042c": "b", "\u0430": "a", "\u0432": "b", "\u0433": "r", "\u0435": "e", "\u043a": "k", "\u043c": "m",
	"\u043e": "o", "\u0440": "p", "\u0441": "c", "\u0442": "t", "\u0443": "y", "\u0445": "x", "\u0455": "s",
	"\u0456": "i", "\u0458": "j", "\u0461": "w", "\u0475": "v", "\u04bb": "h", "\u04bd": "e", "\u04c0": "l",
	"\u04cf": "l", "\u0501": "d", "\u051b": "q", "\u051d": "w", "\u0578": "n", "\u057d": "u", "\u0581": "g",
	"\u0585": "o", "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2024": ".", "\u212a": "k",
	"\u217c": "l", "\u2212": "-", "\uff0d": "-", "\uff0e": ".", "\uff10": "0", "\uff11": "1", "\uff12": "2",
	"\uff13": "3", "\uff14": "4", "\uff15": "5", "\uff16": "6", "\uff17": "7", "\uff18": "8", "\uff19": "9",
	"\uff21": "a", "\uff22": "b", "\uff23": "c", "\uff24": "d", "\uff25": "e", "\uff26": "f", "\uff27": "g",
	"\uff28": "h", "\uff29": "i", "\uff2a": "j", "\uff2b": "k", "\uff2c": "l", "\uff2d": "m", "\uff2e": "n",
	"\uff2f": "o", "\uff30": "p", "\uff31": "q", "\uff32": "r", "\uff33": "s", "\uff34": "t", "\uff35": "u",
	"\uff36": "v", "\uff37": "w", "\uff38": "x", "\uff39": "y", "\uff3a": "z", "\uff3f": "_", "\uff41": "a",
	"\uff42": "b", "\uff43": "c", "\uff44": "d", "\uff45": "e", "\uff46": "f", "\uff47": "g", "\uff48": "h",
	"\uff49": "i", "\uff4a": "j", "\uff4b": "k", "\uff4c": "l", "\uff4d": "m", "\uff4e": "n", "\uff4f": "o",
	"\uff50": "p", "\uff51": "q", "\uff52": "r", "\uff53": "s", "\uff54": "t", "\uff55": "u", "\uff56": "v",
	"\uff57": "w", "\uff58": "x", "\uff59": "y", "\uff5a": "z",
}
