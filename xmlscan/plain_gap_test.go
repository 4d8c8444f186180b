package xmlscan

import (
	"regexp"
	"strings"
	"testing"
)

var (
	gapTags = regexp.MustCompile(`^([ \t\r\n]*</[a-zA-Z_][-a-zA-Z0-9._:]*>){0,3}([ \t\r\n]*<[a-zA-Z_][-a-zA-Z0-9._:]*>){0,3}`)
	oneTag  = regexp.MustCompile(`<(/?)([^>]*)>`)
)

// skipStep makes a gap of what comes next and takes it at once.
func (d *told) skipStep(s *Scanner) bool {
	raw := gapTags.Find(s.w.view())
	tags := oneTag.FindAllSubmatch(raw, -1)
	if len(tags) == 0 {
		return false
	}
	var ends, starts []*Tag
	var names []string
	for _, m := range tags {
		names = append(names, string(m[2]))
		prefix, local, found := strings.Cut(names[len(names)-1], ":")
		if !found {
			prefix, local = "", prefix
		}
		t := NewTag(prefix, local)
		if len(m[1]) > 0 {
			ends = append(ends, &t)
		} else {
			starts = append(starts, &t)
		}
	}
	g, ok := NewGap(raw, ends, starts)
	if !ok {
		return false
	}
	space := string(s.Lookup([]byte(firstPrefix(names[len(ends):]))))
	at, ok := s.Skip(g)
	if !ok {
		return false
	}
	for i := range ends {
		d.end(names[i], at+g.End(i))
	}
	for i := range starts {
		d.start(s, "start {"+space+"}"+names[len(ends)+i], at+g.Start(i))
	}
	return true
}

// firstPrefix returns the prefix of the first name.
func firstPrefix(names []string) string {
	if len(names) == 0 {
		return ""
	}
	prefix, _, found := strings.Cut(names[0], ":")
	if !found {
		return ""
	}
	return prefix
}

// A gap is what NewGap is told, byte for byte, and Skip takes it only where the elements
// that end are open.
func TestGapsAreExact(t *testing.T) {
	a, b, p := NewTag("", "a"), NewTag("", "b"), NewTag("p", "b")
	tags := func(t ...*Tag) []*Tag { return t }
	for _, row := range []struct {
		name         string
		raw          string
		ends, starts []*Tag
		want         bool
	}{
		{"one of each", "</a> <b>", tags(&a), tags(&b), true},
		{"white space before the end tag", "\r\n\t </a>", tags(&a), nil, true},
		{"white space behind", "</a> ", tags(&a), nil, false},
		{"something behind", "</a>x", tags(&a), nil, false},
		{"text within", "</a>x<b>", tags(&a), tags(&b), false},
		{"other tag", "</a><a>", tags(&a), tags(&b), false},
		{"start tag first", "<b></a>", tags(&a), tags(&b), false},
		{"cut", "</a><b", tags(&a), tags(&b), false},
		{"white space in the tag", "</a ><b>", tags(&a), tags(&b), false},
		{"two prefixes", "</a><p:b>", tags(&a), tags(&p), false},
		{"nothing", "", nil, nil, false},
		{"too many", "</a></a></a></a></a>", tags(&a, &a, &a, &a, &a), nil, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			if _, ok := NewGap([]byte(row.raw), row.ends, row.starts); ok != row.want {
				t.Errorf("made: %v", ok)
			}
		})
	}
	g, _ := NewGap([]byte("</a><b>"), tags(&a), tags(&b))
	for doc, want := range map[string]bool{"<r><a></a><b>": true, "<r><b></a><b>": false, "<a></a><b>": false} {
		s := NewScanner(strings.NewReader(doc+strings.Repeat(" ", 100)), Limits{})
		for range strings.Count(doc, "<") - 2 {
			if _, err := s.Next(); err != nil {
				t.Fatal(err)
			}
		}
		if _, ok := s.Skip(g); ok {
			t.Error("taken without Plain")
		}
		s.Plain("")
		if _, ok := s.Skip(g); ok != want {
			t.Errorf("%s: taken: %v", doc, ok)
		}
	}
}
