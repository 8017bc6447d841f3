package generated

fn(__local0__) := [__local0__]

p contains x if {
	data.generated.fn(1, __local1__)
	x = __local1__[0]
}
