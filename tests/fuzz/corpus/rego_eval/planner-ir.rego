package test

p if {
	some foo
	foo == input.foos[foo]
}
