package main

import (
	"reflect"
	"strings"
	"unicode"

	"kontor/internal/config"
)

// narrow returns the part of the command line that args need: the flags that every command has, and the one command that they begin
// with. The parser is built by reflection over everything it is given, which for the whole of cli takes longer than to judge a payment
// file of ten thousand payments. Args that begin with no command, and settings from a file, whose keys are checked against all commands,
// need the whole. What narrow returns is a pointer to a struct; the second result reads whether --verbose was given.
func narrow(args []string, getenv func(string) string) (any, func() bool) {
	whole := &cli{}
	if len(args) == 0 || getenv("KONTOR_CONFIG") != "" {
		return whole, func() bool { return whole.Verbose }
	}
	for _, a := range args {
		if strings.HasPrefix(a, "--config") {
			return whole, func() bool { return whole.Verbose }
		}
	}
	var fields []reflect.StructField
	found := false
	for field := range reflect.TypeFor[cli]().Fields() {
		_, command := field.Tag.Lookup("cmd")
		chosen := command && flagName(field) == args[0]
		found = found || chosen
		if !command || chosen {
			fields = append(fields, reflect.StructField{Name: field.Name, Type: field.Type, Tag: field.Tag})
		}
	}
	if !found {
		return whole, func() bool { return whole.Verbose }
	}
	part := reflect.New(reflect.StructOf(fields))
	return part.Interface(), func() bool { return part.Elem().FieldByName("Verbose").Bool() }
}

// flagName is the name that the parser gives to a field: that of its tag, or its own in lower case with dashes between the words.
func flagName(field reflect.StructField) string {
	if name := field.Tag.Get("name"); name != "" {
		return name
	}
	var b strings.Builder
	before := ' '
	for _, r := range field.Name {
		if unicode.IsUpper(r) && unicode.IsLower(before) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
		before = r
	}
	return b.String()
}

// settingNames returns the names of the flags of `kontor serve`.
func settingNames() map[string]bool {
	names := map[string]bool{}
	var collect func(t reflect.Type)
	collect = func(t reflect.Type) {
		for field := range t.Fields() {
			switch {
			case field.Anonymous:
				collect(field.Type)
			case field.Tag.Get("kong") != "-":
				names[flagName(field)] = true
			}
		}
	}
	collect(reflect.TypeFor[config.Serve]())
	return names
}
