package test

template_string := `{{range $i, $name := .hellonames}}{{if $i}},{{end}}hello {{$name}}{{end}}`

template_vars := {`hellonames`: [`rohan`, `john doe`]}

p := strings.render_template(template_string, template_vars)
