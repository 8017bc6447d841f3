# SPDX-License-Identifier: Apache-2.0
package cordon.commit

import data.cordon.lib.findings
import data.cordon.lib.params

# METADATA
# title: Time windows
# description: |
#   When changes may be taken over: outside of the days and hours given, a person is asked. Without parameters it finds
#   nothing. Hours are those of the zone; a window that ends before it begins goes over midnight, and belongs to the day
#   on which it begins.
# custom:
#   module: time-windows
#   findings:
#     outside:
#       verdict: ask
#       severity: medium
#       what: the decision is taken outside of the days and hours given
#       hint: commit it within the window, or accept it
#     unclear:
#       verdict: deny
#       severity: high
#       what: a day or an hour that is none is given
#       hint: correct the parameters of this module
#   params:
#     days:
#       stricter: none
#       description: "days of the week on which changes are taken, such as [\"Monday\", \"Friday\"]; none: every day"
#       default: []
#     from:
#       stricter: none
#       description: "when a window begins, \"HH:MM\""
#       default: "00:00"
#     to:
#       stricter: none
#       description: "when it ends, \"HH:MM\", up to \"24:00\""
#       default: "24:00"
#     zone:
#       stricter: none
#       description: "the time zone of days and hours, such as \"Europe/Berlin\""
#       default: "UTC"
time_windows_about := rego.metadata.rule()

time_windows_params := params.of(time_windows_about)

time_windows_form := `^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$`

time_windows_minutes(clock) := (((600 * d[0]) + (60 * d[1])) + (10 * d[2])) + d[3] if {
	regex.match(time_windows_form, clock)
	d := [to_number(digit) | some digit in regex.find_n("[0-9]", clock, 4)]
}

time_windows_days := {lower(day) | some day in time_windows_params.days}

time_windows_week := ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

time_windows_today := lower(time.weekday([time.now_ns(), time_windows_params.zone]))

time_windows_now := (60 * clock[0]) + clock[1] if clock := time.clock([time.now_ns(), time_windows_params.zone])

time_windows_yesterday := time_windows_week[(i + 6) % 7] if {
	some i, day in time_windows_week
	day == time_windows_today
}

time_windows_on(_) if count(time_windows_days) == 0

time_windows_on(day) if day in time_windows_days

time_windows_from := time_windows_minutes(time_windows_params.from)

time_windows_to := time_windows_minutes(time_windows_params.to)

time_windows_inside if {
	time_windows_from < time_windows_to
	time_windows_from <= time_windows_now
	time_windows_now < time_windows_to
	time_windows_on(time_windows_today)
}

time_windows_inside if {
	time_windows_from > time_windows_to
	time_windows_from <= time_windows_now
	time_windows_on(time_windows_today)
}

time_windows_inside if {
	time_windows_from > time_windows_to
	time_windows_now < time_windows_to
	time_windows_on(time_windows_yesterday)
}

time_windows_always if {
	count(time_windows_days) == 0
	time_windows_params.from == "00:00"
	time_windows_params.to == "24:00"
}

time_windows contains findings.of(time_windows_about, "outside", msg, []) if {
	not time_windows_always
	not time_windows_inside
	clock := time.clock([time.now_ns(), time_windows_params.zone])
	msg := sprintf("it is %s, %02d:%02d in %s, and changes are taken %s from %s to %s", [
		time.weekday([time.now_ns(), time_windows_params.zone]), clock[0], clock[1], time_windows_params.zone,
		time_windows_said_days, time_windows_params.from, time_windows_params.to,
	])
}

time_windows_said_days := "every day" if count(time_windows_params.days) == 0

time_windows_said_days := concat("", ["on ", concat(", ", time_windows_params.days)]) if {
	count(time_windows_params.days) > 0
}

time_windows contains findings.of(time_windows_about, "unclear", msg, []) if {
	some name in ["from", "to"]
	not regex.match(time_windows_form, time_windows_params[name])
	msg := sprintf("policy.params.time_windows.%s is no time of day such as 08:30", [name])
}

time_windows contains findings.of(time_windows_about, "unclear", msg, []) if {
	some day in time_windows_days
	not day in time_windows_week
	msg := "policy.params.time_windows.days has a day that is none of Monday to Sunday"
}

time_windows contains finding if some finding in findings.about_params(time_windows_about)

deny contains finding if {
	some finding in time_windows
	findings.verdict(time_windows_about, finding.rule) == "deny"
}

ask contains finding if {
	some finding in time_windows
	findings.verdict(time_windows_about, finding.rule) == "ask"
}

warn contains finding if {
	some finding in time_windows
	findings.verdict(time_windows_about, finding.rule) == "warn"
}
