package generated

p contains x if {
	glob.match("api.**.com", ["."], "api.github.com", x)
}
