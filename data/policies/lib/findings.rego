# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Findings of modules
# description: |
#   What a module can find stands in its METADATA (custom.findings): name, verdict, severity, what it is, and what to do.
#   The configuration may give another verdict, in the parameter `verdicts`.
package cordon.lib.findings

import data.cordon.lib.params

# METADATA
# description: One finding, named MODULE/WHAT.
of(about, what, msg, paths) := {"rule": same.rule, "msg": msg, "severity": same.severity, "hint": same.hint, "paths": paths} if {
	same := kind(about, what)
}

# METADATA
# description: |
#   What all findings of one kind have in common. It hangs on the module's description alone, as the verdict of a rule does,
#   so an engine may keep both.
kind(about, what) := {
	"rule": concat("/", [about.custom.module, what]),
	"severity": about.custom.findings[what].severity,
	"hint": about.custom.findings[what].hint,
}

# METADATA
# description: What is wrong with the module's parameters; always denied, since nobody knows what was meant.
about_params(about) := {finding |
	some mistake in params.mistakes(about)
	finding := {
		"rule": concat("/", [about.custom.module, "params"]),
		"msg": sprintf("the parameters of this module cannot be understood: %s", [mistake]),
		"severity": "high",
		"hint": "correct `params` in the section `policy` of the configuration",
		"paths": [],
	}
}

# METADATA
# description: What a finding is for, by its rule. Modules ask it of each of theirs, once for each verdict.
verdict(about, rule) := verdict_of(about, split(rule, "/")[1])

# Whatever is not known denies.
default verdict_of(_, _) := "deny"

verdict_of(about, what) := params.verdicts(about)[what]

verdict_of(about, what) := about.custom.findings[what].verdict if not params.verdicts(about)[what]
