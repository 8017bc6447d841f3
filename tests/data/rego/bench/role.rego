package app.role

default allow := false

allow if input.role == "admin"

allow if {
	input.role == "editor"
	input.action in {"read", "write"}
}
