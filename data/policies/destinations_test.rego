# SPDX-License-Identifier: Apache-2.0
package cordon.destinations_test

import data.cordon.lib.testing
import data.cordon.net

to(name, port) := {"version": 1, "question": "net", "net": {"name": name, "port": port, "protocol": "tls"}}

found(document, given) := kinds if {
	kinds := testing.kinds(net.destinations, "destinations") with input as document
		with data.cordon.params as {"destinations": given}
}

test_without_parameters_public_hosts_are_no_finding if {
	found(to("registry.packages.example", 443), {}) == set()
	found(object.union(to("example.org", 443), {"net": {"address": "93.184.216.34"}}), {}) == set()
}

test_lists if {
	given := {"deny": ["paste.example.org"], "ask": ["*.example.org"], "allow": ["api.example.org:443", "*.packages.example"], "other": false}
	found(to("paste.example.org", 443), given) == {"denied", "asked"}
	found(to("api.example.org", 443), given) == set()
	found(to("api.example.org", 22), given) == {"asked"}
	found(to("REGISTRY.packages.EXAMPLE.", 443), given) == set()
	found(to("packages.example", 443), given) == {"other"}
	found(to("packages.example.evil.example", 443), given) == {"other"}
	found(to("evilpackages.example", 443), given) == {"other"}
}

test_inside if {
	every address in [
		"127.0.0.1", "10.1.2.3", "169.254.169.254", "192.168.0.1", "172.20.1.1", "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.1",
		"0.0.0.0", "100.64.0.1", "255.255.255.255",
	] {
		found(object.union(to("example.org", 443), {"net": {"address": address}}), {}) == {"inside"}
		found(to(address, 443), {}) == {"inside"}
	}
	every name in ["localhost", "LOCALHOST.", "metadata.google.internal", "printer.local", "2130706433", "0x7f.1", "127.1"] {
		found(to(name, 80), {}) == {"inside"}
	}
	found(to("8.8.8.8", 53), {}) == set()
	found(to("2606:4700::1111", 53), {}) == set()
}

test_inside_that_is_let_in if {
	found(to("127.0.0.1", 80), {"inside": ["127.0.0.0/8"]}) == set()
	found(to("localhost", 80), {"inside": ["localhost"]}) == set()
}

test_ports_protocols_methods_bytes if {
	found(to("a.example", 22), {"ports": [443]}) == {"port"}
	found(to("a.example", 22), {"ports": [443], "allow": ["a.example:22"]}) == set()
	found(to("a.example", 443), {"protocols": ["https"]}) == {"protocol"}
	found(to("a.example", 443), {"protocols": ["TLS"]}) == set()
	found(to("a.example", 443), {"methods": ["GET"]}) == {"method"}
	found(object.union(to("a.example", 443), {"net": {"method": "get"}}), {"methods": ["GET"]}) == set()
	found(object.union(to("a.example", 443), {"net": {"sent_bytes": 11}}), {"sent": 10}) == {"bytes"}
	found(to("a.example", 443), {"sent": 10}) == {"bytes"}
}

test_no_name_is_denied if {
	denied := net.deny with input as {"version": 1, "net": {}}
	testing.kinds(denied, "destinations") == {"unknown"}
}
