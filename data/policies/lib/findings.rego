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
of(about, what, msg, paths) := {
	"rule": concat("/", [about.custom.module, what]),
	"msg": msg,
	"severity": about.custom.findings[what].severity,
	"hint": about.custom.findings[what].hint,
	"paths": paths,
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

denied(about, found) := chosen(about, found, "deny")

asked(about, found) := chosen(about, found, "ask")

warned(about, found) := chosen(about, found, "warn")

chosen(about, found, verdict) := {finding | some finding in found; verdicts(about, found)[finding] == verdict}

# METADATA
# description: |
#   What each finding is for. The three questions above ask it one after the other, and the last call of a function is
#   not made again.
verdicts(about, found) := {finding: verdict_of(about, split(finding.rule, "/")[1]) | some finding in found}

# Whatever is not known denies.
default verdict_of(_, _) := "deny"

verdict_of(about, what) := params.verdicts(about)[what]

verdict_of(about, what) := about.custom.findings[what].verdict if not params.verdicts(about)[what]
