package emit

import (
	"bytes"
	"encoding/xml"
	"errors"
	"strings"
	"testing"
)

// encoding/xml is the witness that what is written comes back character by character.
func TestTextComesBackThroughAnotherParser(t *testing.T) {
	for _, text := range []string{`a & b < c > d " e ' f`, "]]>", "tab\tline\nreturn\r", "Ümläut €", "\uFFFD", "𝄞", " spaces "} {
		var b bytes.Buffer
		e := New(&b, "pain.001.001.09")
		e.Open("A")
		e.Leaf("B", text)
		e.Amount("C", "1.00", text)
		e.Optional("D", "")
		if err := e.Finish(); err != nil {
			t.Fatal(err)
		}
		var got struct {
			A struct {
				B string
				C struct {
					Ccy string `xml:",attr"`
				}
				D *string
			}
		}
		if err := xml.Unmarshal(b.Bytes(), &got); err != nil || got.A.B != text || got.A.C.Ccy != text || got.A.D != nil {
			t.Errorf("%q came back as %+v: %v\n%s", text, got, err, b.String())
		}
	}
}

func TestWhatXMLCannotHoldIsRefused(t *testing.T) {
	for _, text := range []string{"\x00", "\a", "\x1b", "\uFFFE", "M\xfcller", "\xff"} {
		e := New(&bytes.Buffer{}, "m")
		e.Leaf("A", text)
		if err := e.Finish(); !errors.Is(err, ErrCharacter) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

type fullDisk struct{ room int }

var errFull = errors.New("disk full")

func (f *fullDisk) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestFirstErrorStays(t *testing.T) {
	for _, room := range []int{0, 5000} {
		e := New(&fullDisk{room}, "m")
		for range 1000 {
			e.Leaf("A", strings.Repeat("x", 10))
		}
		e.Fail(errors.New("later"))
		if err := e.Finish(); !errors.Is(err, errFull) {
			t.Errorf("room %d: %v", room, err)
		}
	}
}
