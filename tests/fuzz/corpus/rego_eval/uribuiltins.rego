package test

p := uri.parse("https://example.com/path")
