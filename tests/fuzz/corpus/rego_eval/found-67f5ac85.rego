package generated

p := x if {
	ceil(1.5, x)
}
