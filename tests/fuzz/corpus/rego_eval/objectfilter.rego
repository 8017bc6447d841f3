package generated

p := __local0__ if {
	object.filter({"a": 1, "b": 2, "c": 3, "e": 9}, ["a", "e"], __local1__)
	__local0__ = __local1__
}
