package generated

p contains x if {
	net.cidr_contains("172.17.0.0/24", "172.17.0.0/16", x)
}
