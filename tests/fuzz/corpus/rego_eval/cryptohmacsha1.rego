package test

p contains mac if {
	mac := crypto.hmac.sha1(input.message, input.key)
}
