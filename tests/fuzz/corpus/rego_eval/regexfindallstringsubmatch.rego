package generated

p contains x if {
	regex.find_all_string_submatch_n("a(x*)b", "-axxb-", -1, __local0__)
	x = __local0__
}
