# SPDX-License-Identifier: Apache-2.0
package cordon.time_windows_test

import data.cordon.commit
import data.cordon.lib.testing

test_ordinary_work_is_no_finding if {
	testing.kinds(commit.time_windows, "time-windows") == set() with input as testing.ordinary
}

# 1970 began on a Thursday.
hour := 3600000000000

found(ns, given) := kinds if {
	kinds := testing.kinds(commit.time_windows, "time-windows") with input as testing.ordinary
		with time.now_ns as ns
		with data.cordon.params as {"time_windows": given}
}

test_hours if {
	found(9 * hour, {"from": "08:00", "to": "18:00"}) == set()
	found(8 * hour, {"from": "08:00", "to": "18:00"}) == set()
	found(18 * hour, {"from": "08:00", "to": "18:00"}) == {"outside"}
	found(7 * hour, {"from": "08:00", "to": "18:00"}) == {"outside"}
}

test_days if {
	found(9 * hour, {"days": ["Thursday"]}) == set()
	found(9 * hour, {"days": ["monday", "friday"]}) == {"outside"}
}

test_over_midnight if {
	night := {"from": "22:00", "to": "06:00", "days": ["Thursday"]}
	found(23 * hour, night) == set()
	found((24 + 5) * hour, night) == set()
	found(5 * hour, night) == {"outside"}
	found((24 + 6) * hour, night) == {"outside"}
	found((24 + 23) * hour, night) == {"outside"}
}

test_the_message_has_the_figures if {
	asked := commit.ask with input as testing.ordinary
		with time.now_ns as 7 * hour
		with data.cordon.params as {"time_windows": {"from": "08:30", "days": ["Monday"]}}
	some finding in asked
	finding.rule == "time-windows/outside"
	finding.msg == "it is Thursday, 07:00 in UTC, and changes are taken on Monday from 08:30 to 24:00"
}

test_what_nobody_understands_denies if {
	some given in [
		{"from": "8"}, {"to": "25:00"}, {"from": "08:60"}, {"days": ["Mon"]}, {"days": "Monday"}, {"from": 8},
		{"to": "24:01"}, {"from": ""},
	]
	denied := commit.deny with input as testing.ordinary with time.now_ns as 0
		with data.cordon.params as {"time_windows": given}
	some finding in denied
	startswith(finding.rule, "time-windows/")
}
