package strictyaml

import (
	"errors"
	"strings"
	"testing"
)

type sample struct {
	Name  string   `yaml:"name"`
	Size  int      `yaml:"size"`
	List  []string `yaml:"list"`
	Inner struct {
		Flag bool `yaml:"flag"`
	} `yaml:"inner"`
}

// Whoever edits such a file must be told the line, in words about the file.
func TestFaultsAreRefusedWithTheirLine(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":         {"name: a\nsise: 3\n", `f.yaml:2: unknown key "sise"`},
		"unknown inner key":   {"name: a\ninner:\n  flg: true\n", `f.yaml:3: unknown key "flg"`},
		"key twice":           {"name: a\nsize: 1\nname: b\n", `f.yaml:3: key "name" stands in line 1 already`},
		"wrong kind":          {"name: a\nsize: many\n", "f.yaml:2: this is no value of the kind that belongs here"},
		"anchor":              {"name: &a b\n", "f.yaml:1: anchors"},
		"alias":               {"list: [&a b, *a]\n", "f.yaml:1: anchors"},
		"merge":               {"inner:\n  <<: {flag: true}\n", "f.yaml:2: merge keys"},
		"tag":                 {"name: !!binary aGk=\n", "f.yaml:1: tags"},
		"a line end in a key": {"\"a\\nb\": c\n", `f.yaml:1: unknown key "a\nb"`},
		"not YAML":            {"name: [a\n", "f.yaml:"},
		"empty":               {"", "f.yaml: is empty"},
		"a second document":   {"name: a\n---\nname: b\n", "f.yaml: has more than one document"},
		"longer than limit":   {"# " + strings.Repeat("x", Limit), "f.yaml: is longer"},
		"a list at the root":  {"- name: a\n", "f.yaml:1: this is no value"},
	} {
		t.Run(name, func(t *testing.T) {
			var s sample
			_, err := Decode("f.yaml", []byte(c.text), &s)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if e := new(Error); !errors.As(err, &e) {
				t.Errorf("%T is no *Error", err)
			}
		})
	}
}

func TestErrorsOfTheReaderAreLocatedByPath(t *testing.T) {
	var s sample
	d, err := Decode("f.yaml", []byte("name: a\nlist:\n  - x\n  - y\n"), &s)
	if err != nil {
		t.Fatal(err)
	}
	for want, path := range map[string][]any{
		"f.yaml:1: no": {"name"},
		"f.yaml:4: no": {"list", 1},
		"f.yaml:3: no": {"list", 7, "absent"}, // the list begins in line 3
	} {
		if got := d.Errorf(path, "no").Error(); got != want {
			t.Errorf("%v: got %q, want %q", path, got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	seeds := []string{"name: a\nlist: [x, y]\n", "a: &b [*b]", "? {x: y}\n: z\n", "\t", "name: |\n  text\n", "\"a\\nb\": c\n"}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var s sample
		if d, err := Decode("f.yaml", data, &s); err == nil && d.Errorf([]any{"name"}, "x") == nil {
			t.Error("a document without a place")
		}
	})
}
