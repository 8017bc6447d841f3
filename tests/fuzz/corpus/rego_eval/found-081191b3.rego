package ex

loopback := y if {
	true
	y = input
}
