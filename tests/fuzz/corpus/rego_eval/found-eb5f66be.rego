package test

p := uri.parse("")
