package demo

import (
	"regexp"
	"slices"
	"testing"
)

var verb = regexp.MustCompile(`%(?:\[(\d+)\])?[a-z%]`)

// verbs lists what a text fills in, in the order of the values.
func verbs(text string) []string {
	var found []string
	for i, match := range verb.FindAllStringSubmatch(text, -1) {
		number := match[1]
		if number == "" {
			number = string(rune('1' + i))
		}
		found = append(found, number+match[0][len(match[0])-1:])
	}
	slices.Sort(found)
	return found
}

// Each language is as good as the others.
func TestEveryLanguageHasEveryText(t *testing.T) {
	if keyCount < 50 {
		t.Fatalf("only %d texts", keyCount)
	}
	reference := english
	for _, language := range []string{"en", "de", "sv"} {
		c, err := texts(language)
		if err != nil {
			t.Fatal(err)
		}
		same := 0
		for k, text := range c {
			if text == "" {
				t.Errorf("%s lacks text %d, in English %q", language, k, reference[k])
			}
			if got, want := verbs(text), verbs(reference[k]); !slices.Equal(got, want) {
				t.Errorf("%s, text %q fills in %v, not %v", language, text, got, want)
			}
			if text == reference[k] {
				same++
			}
		}
		if language != "en" && same > int(keyCount)/10 {
			t.Errorf("%d texts of %s are English", same, language)
		}
	}
	if _, err := texts("fr"); err == nil {
		t.Error("a language that is not there was accepted")
	}
}

func TestLanguageComesFromTheEnvironment(t *testing.T) {
	for _, row := range []struct {
		name string
		env  map[string]string
		want string
	}{
		{"nothing", nil, "en"},
		{"C", map[string]string{"LANG": "C.UTF-8"}, "en"},
		{"German", map[string]string{"LANG": "de_DE.UTF-8"}, "de"},
		{"Austrian", map[string]string{"LANG": "de_AT"}, "de"},
		{"Swedish, short", map[string]string{"LANG": "sv"}, "sv"},
		{"Swedish, capitals", map[string]string{"LANG": "SV_SE"}, "sv"},
		{"LC_ALL wins", map[string]string{"LC_ALL": "sv_SE", "LANG": "de_DE"}, "sv"},
		{"LC_MESSAGES wins over LANG", map[string]string{"LC_MESSAGES": "C", "LANG": "de_DE"}, "en"},
		{"a language that begins alike", map[string]string{"LANG": "den_CA"}, "en"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := languageOf(func(name string) string { return row.env[name] }); got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
		})
	}
}

// Statuses with which the story cannot go on have no text; all others have one.
func TestStatusTexts(t *testing.T) {
	told := 0
	for _, s := range statuses() {
		if k, ok := statusText(s); ok && english[k] != "" {
			told++
		}
	}
	if told != 7 {
		t.Errorf("%d statuses are explained", told)
	}
}
