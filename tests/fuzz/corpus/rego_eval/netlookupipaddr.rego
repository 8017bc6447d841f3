package test

# one of these should be the case on any system
p if {
	net.lookup_ip_addr("localhost") == {"127.0.0.1"}
}

p if {
	net.lookup_ip_addr("localhost") == {"127.0.0.1", "::1"}
}

p if {
	net.lookup_ip_addr("localhost") == {"::1"}
}
