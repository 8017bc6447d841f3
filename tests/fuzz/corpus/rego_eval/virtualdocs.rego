package generated

p contains x if {
	__local0__ = data.generated.q[2]
	x = {"b": [__local0__]}
}

q contains x if {
	data.a[i] = x
}
