# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Parameters of modules
# description: |
#   Defaults stand in a module's METADATA (custom.params), what a configuration gives in data.cordon.params. A parameter
#   that nobody knows, or one of another type than its default, is a mistake that denies: `"limit": "5"` would be greater
#   than any number, and never be reached.
package cordon.lib.params

# METADATA
# description: The defaults, and over them what is given and fits.
of(about) := object.union(
	{name: param["default"] | some name, param in about.custom.params},
	{name: value | some name, value in members(given(about)); fits(about, name, value)},
)

# METADATA
# description: What is given of `verdicts`, if it fits.
default verdicts(_) := {}

verdicts(about) := value if {
	value := members(given(about)).verdicts
	fits(about, "verdicts", value)
}

# METADATA
# description: One sentence for each thing that is wrong with what is given.
mistakes(about) := wrong_members(about) | wrong_whole(about)

key(about) := replace(about.custom.module, "-", "_")

# What the configuration gives, whatever it is.
default given(_) := {}

given(about) := data.cordon.params[key(about)]

default members(_) := {}

members(value) := value if is_object(value)

fits(about, name, value) if {
	type_name(value) == type_name(about.custom.params[name]["default"])
	not odd_list(about.custom.params[name], value)
}

# One number among texts would make a built-in function fail that looks at the whole list, and so find nothing.
odd_list(param, value) if {
	is_array(value)
	some element in value
	type_name(element) != object.get(param, "items", "string")
}

fits(about, "verdicts", value) if {
	is_object(value)
	every what, verdict in value {
		about.custom.findings[what]
		verdict in {"deny", "ask", "warn", "off"}
	}
}

wrong_members(about) := {mistake(about, name) |
	some name, value in members(given(about))
	not fits(about, name, value)
}

wrong_whole(about) := {sentence |
	not is_object(given(about))
	sentence := sprintf("policy.params.%s is not an object", [key(about)])
}

mistake(about, "verdicts") := sprintf(
	`policy.params.%s.verdicts gives one of %s one of "deny", "ask", "warn", "off", and nothing else`,
	[key(about), concat(", ", object.keys(about.custom.findings))],
)

mistake(about, name) := sprintf("policy.params.%s.%s has to be of type %s", [
	key(about), name,
	wanted(about.custom.params[name]),
])

wanted(param) := type_name(param["default"]) if not is_array(param["default"])

wanted(param) := sprintf("array, each element a %s", [object.get(param, "items", "string")]) if is_array(param["default"])

mistake(about, name) := sprintf("policy.params.%s.%s: there is no such parameter, but %s and verdicts", [
	key(about), name,
	concat(", ", object.keys(object.get(about.custom, "params", {}))),
]) if {
	name != "verdicts"
	not about.custom.params[name]
}
