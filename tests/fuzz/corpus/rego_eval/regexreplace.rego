package test
p := regex.replace("foo", "(foo)", "$1$1")
