package xmlscan

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// A document in parts, cut between tokens, tells the tokens of the whole; offsets are
// those that Resume was told, lines and columns begin again in each part.
func TestPartsTellTheWholeDocument(t *testing.T) {
	parts := []string{"<?xml version='1.0'?>\n<a xmlns='urn:x'>\n<b>1</b>", "\n<b>2</b>", "<c><b>3</b>\n", " <b>4</b></c>\n</a>\n"}
	want := judgeText(t, strings.Join(parts, "")).tokens
	s := NewScanner(strings.NewReader(parts[0]), Limits{})
	s.AllowParts()
	var got []string
	offset, part, text := int64(len(parts[0])), 0, ""
	var places []Position
	for {
		kind, err := s.Next()
		if errors.Is(err, ErrPart) {
			if s.Plain("") {
				t.Fatal("the fast path is open at the end of a part")
			}
			part++
			if part == len(parts)-1 {
				s.FinishParts(strings.NewReader(parts[part]), offset)
			} else {
				s.Resume(strings.NewReader(parts[part]), offset)
			}
			offset += int64(len(parts[part]))
			continue
		}
		if err != nil {
			if err != io.EOF {
				t.Fatal(err)
			}
			break
		}
		if kind == Text {
			text += string(s.Text())
			continue
		}
		if text != "" {
			got, text = append(got, "text "+text), ""
		}
		got = append(got, describe(s, kind))
		if kind == StartElement {
			places = append(places, s.Position())
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q, want %q", got, want)
	}
	if last := places[len(places)-1]; last.Line != 1 || last.Column != 2 || last.Offset != offset-int64(len(parts[3]))+1 {
		t.Errorf("the last start tag is at %+v", last)
	}
	if got := s.PositionAt(22); got != (Position{Offset: 22}) {
		t.Errorf("a place in the first part is known as %+v", got)
	}
}

// A part must end between two tokens, and the last one with the document.
func TestPartsEndBetweenTokens(t *testing.T) {
	for _, row := range []struct {
		name, doc string
		part      bool
	}{
		{"between tags", "<a><b></b>", true},
		{"behind text", "<a><b>x", true},
		{"in a tag", "<a><b", false},
		{"in an end tag", "<a></", false},
		{"in a reference", "<a>&am", false},
		{"in CDATA", "<a><![CDATA[x", false},
		{"at the start of CDATA", "<a><![CDATA[", false},
		{"in a comment", "<a><!-- ", false},
		{"before the root", "<?xml version='1.0'?>", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := NewScanner(strings.NewReader(row.doc), Limits{})
			s.AllowParts()
			if _, err := drain(s); errors.Is(err, ErrPart) != row.part {
				t.Errorf("%v", err)
			}
		})
	}
	s := NewScanner(strings.NewReader("<a>"), Limits{Bytes: 10})
	s.AllowParts()
	if _, err := drain(s); !errors.Is(err, ErrPart) {
		t.Fatal(err)
	}
	s.FinishParts(strings.NewReader("12345678"), 3)
	var syntax *SyntaxError
	if _, err := drain(s); !errors.As(err, &syntax) || syntax.Code != CodeLimit || syntax.Position.Offset != 10 {
		t.Errorf("the limit of bytes in the second part: %v", err)
	}
}

// A scanner that is used again judges as a new one.
func TestResetForgetsTheDocumentBefore(t *testing.T) {
	s := newScanner(strings.NewReader(""), Limits{}, 64)
	for i, before := range rows {
		s.Reset(strings.NewReader(before.doc), Limits{})
		for range i % 7 { // leave it anywhere
			if _, err := s.Next(); err != nil {
				break
			}
		}
		doc := rows[(i*31+7)%len(rows)].doc
		s.Reset(strings.NewReader(doc), Limits{})
		if diff := diffVerdict(judgeText(t, doc), judge(t, s)); diff != "" {
			t.Errorf("%q after %q: %s", doc, before.doc, diff)
		}
	}
}
