# SPDX-License-Identifier: Apache-2.0
package cordon.net

import data.cordon.lib.findings
import data.cordon.lib.params

# METADATA
# title: Destinations
# description: |
#   Where connections may go, by name, port, protocol and method. A destination is "name" or "name:port", where the name
#   may have `*` for whole labels in front ("*.example.org" is every name below, not example.org itself) or be `*`
#   alone. An address stands for itself. Names are compared without regard to case and to a dot at the end. Without
#   parameters, only addresses of this machine and of its own network are found.
# custom:
#   module: destinations
#   findings:
#     denied:
#       verdict: deny
#       severity: high
#       what: "the destination is one of `deny`"
#       hint: the configuration has to allow it
#     asked:
#       verdict: ask
#       severity: medium
#       what: "the destination is one of `ask`"
#       hint: look at what is sent there
#     other:
#       verdict: deny
#       severity: medium
#       what: "the destination is in none of the lists, and `other` is false"
#       hint: "add it to `allow`"
#     inside:
#       verdict: deny
#       severity: critical
#       what: a name leads to this machine, to its network, or to the data that clouds give to their machines
#       hint: "use the name of a public host, or list the address in `inside`"
#     port:
#       verdict: ask
#       severity: medium
#       what: "the port is none of `ports`"
#       hint: "add the port to the destination, or to `ports`"
#     protocol:
#       verdict: deny
#       severity: medium
#       what: "the protocol is none of `protocols`"
#       hint: "add it to `protocols`"
#     method:
#       verdict: ask
#       severity: medium
#       what: "the method of a request is none of `methods`"
#       hint: look at what is sent there
#     bytes:
#       verdict: ask
#       severity: high
#       what: "more was sent over one connection than `sent`"
#       hint: look at what is sent there
#     unknown:
#       verdict: deny
#       severity: medium
#       what: the destination has no name
#       hint: name one
#   params:
#     deny:
#       stricter: superset
#       description: destinations that are never reached
#       default: []
#     allow:
#       stricter: subset
#       description: destinations that need no question
#       default: []
#     ask:
#       stricter: none
#       description: destinations that a person is asked about
#       default: []
#     other:
#       stricter: "false"
#       description: whether what is in none of the lists may be reached
#       default: true
#     inside:
#       stricter: subset
#       description: addresses and networks of this machine and its surroundings that may be reached
#       default: []
#     ports:
#       stricter: none
#       items: number
#       description: "ports that may be reached where the destination names none; none: all"
#       default: []
#     protocols:
#       stricter: none
#       description: "protocols, such as \"tls\" and \"https\"; none: all"
#       default: []
#     methods:
#       stricter: none
#       description: "methods of HTTP, such as \"GET\" and \"HEAD\"; none: all"
#       default: []
#     sent:
#       stricter: none
#       description: "bytes that one connection may send; 0: any number"
#       default: 0
destinations_about := rego.metadata.rule()

destinations_params := params.of(destinations_about)

destinations_name := lower(trim_right(input.net.name, "."))

destinations_said := sprintf("'%s' port %v", [input.net.name, object.get(input, ["net", "port"], "unknown")])

destinations_matches(list) if {
	some entry in list
	destinations_is(destinations_parts(entry))
}

destinations_parts(entry) := {"name": lower(trim_right(entry, "."))} if not regex.match(`^[^:]+:[0-9]+$|^\[.*\]:[0-9]+$`, entry)

destinations_parts(entry) := {"name": lower(trim(concat(":", array.slice(parts, 0, count(parts) - 1)), "[].")), "port": port} if {
	regex.match(`^[^:]+:[0-9]+$|^\[.*\]:[0-9]+$`, entry)
	parts := split(entry, ":")
	port := to_number(regex.replace(parts[count(parts) - 1], "^0+([0-9])", "$1"))
}

destinations_is(destination) if {
	destinations_is_name(destination.name)
	not destination.port
}

destinations_is(destination) if {
	destinations_is_name(destination.name)
	destination.port == input.net.port
}

destinations_is_name("*")

destinations_is_name(name) if name == destinations_name

destinations_is_name(name) if {
	startswith(name, "*.")
	endswith(destinations_name, trim_prefix(name, "*"))
}

destinations contains findings.of(destinations_about, "denied", msg, []) if {
	destinations_matches(destinations_params.deny)
	msg := sprintf("%s is one of the destinations that are not reached", [destinations_said])
}

destinations contains findings.of(destinations_about, "asked", msg, []) if {
	destinations_matches(destinations_params.ask)
	not destinations_matches(destinations_params.allow)
	msg := sprintf("%s is one of the destinations that a person is asked about", [destinations_said])
}

destinations contains findings.of(destinations_about, "other", msg, []) if {
	not destinations_params.other
	not destinations_matches(destinations_params.allow)
	not destinations_matches(destinations_params.ask)
	msg := sprintf("%s is in no list of destinations that may be reached", [destinations_said])
}

# Loopback, private, link-local, shared, unspecified, multicast and reserved ones.
destinations_inside := {
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.168.0.0/16",
	"198.18.0.0/15", "224.0.0.0/3", "::/128", "::1/128", "64:ff9b::/96", "fc00::/7", "fe80::/10", "ff00::/8",
}

# An address that stands for itself in the name, and the one that a name was resolved to.
destinations_addresses contains input.net.address

destinations_addresses contains destinations_name if regex.match(`^[0-9.]+$|:`, destinations_name)

destinations_is_address(address) if net.cidr_is_valid(concat("", [address, "/32"]))

destinations_is_address(address) if net.cidr_is_valid(concat("", [address, "/128"]))

destinations contains findings.of(destinations_about, "inside", msg, []) if {
	some address in destinations_addresses
	destinations_is_address(address)
	count(net.cidr_contains_matches(destinations_inside, address)) > 0
	not destinations_let_in(address)
	msg := sprintf("%s leads to %s, an address of this machine, its network, or of nobody", [destinations_said, address])
}

destinations_let_in(address) if address in {entry | some entry in destinations_params.inside}

destinations_let_in(address) if {
	some network in destinations_params.inside
	contains(network, "/")
	net.cidr_contains(network, address)
}

# 0x7f.1, 2130706433 and their like are addresses for some programs.
destinations contains findings.of(destinations_about, "inside", msg, []) if {
	regex.match(`^(0x[0-9a-f]*|[0-9]+)([.](0x[0-9a-f]*|[0-9]+))*$`, destinations_name)
	not destinations_is_address(destinations_name)
	msg := sprintf("%s is an address that is written in a way to hide it", [destinations_said])
}

destinations contains findings.of(destinations_about, "inside", msg, []) if {
	strings.any_suffix_match(concat("", [".", destinations_name]), [
		".localhost", ".local", ".internal", ".home.arpa", ".lan", ".localdomain",
	])
	not destinations_name in {entry | some entry in destinations_params.inside}
	msg := sprintf("%s is a name of this machine or its network", [destinations_said])
}

destinations contains findings.of(destinations_about, "port", msg, []) if {
	count(destinations_params.ports) > 0
	not input.net.port in destinations_params.ports
	not destinations_matches([entry | some entry in destinations_params.allow; destinations_parts(entry).port])
	msg := sprintf("%s has a port that is none of those expected", [destinations_said])
}

destinations contains findings.of(destinations_about, "protocol", msg, []) if {
	count(destinations_params.protocols) > 0
	not lower(object.get(input, ["net", "protocol"], "unknown")) in {lower(name) | some name in destinations_params.protocols}
	msg := sprintf("%s is reached by the protocol %s, which is none of those expected", [
		destinations_said,
		object.get(input, ["net", "protocol"], "unknown"),
	])
}

destinations contains findings.of(destinations_about, "method", msg, []) if {
	count(destinations_params.methods) > 0
	not upper(object.get(input, ["net", "method"], "unknown")) in {upper(name) | some name in destinations_params.methods}
	msg := sprintf("%s is asked by the method %s, which is none of those expected", [
		destinations_said,
		object.get(input, ["net", "method"], "unknown"),
	])
}

destinations contains findings.of(destinations_about, "bytes", msg, []) if {
	destinations_params.sent > 0
	object.get(input, ["net", "sent_bytes"], destinations_params.sent + 1) > destinations_params.sent
	msg := sprintf("%s was sent %v bytes, more than the %d that were expected", [
		destinations_said,
		object.get(input, ["net", "sent_bytes"], "an unknown number of"), destinations_params.sent,
	])
}

destinations contains findings.of(destinations_about, "unknown", msg, []) if {
	object.get(input, ["net", "name"], "") == ""
	msg := "the connection names no destination"
}

destinations contains finding if some finding in findings.about_params(destinations_about)

deny contains finding if {
	some finding in destinations
	findings.verdict(destinations_about, finding.rule) == "deny"
}

ask contains finding if {
	some finding in destinations
	findings.verdict(destinations_about, finding.rule) == "ask"
}

warn contains finding if {
	some finding in destinations
	findings.verdict(destinations_about, finding.rule) == "warn"
}
