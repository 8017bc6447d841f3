package generated

p := x if {
	json.is_valid(input.foo, x)
}
