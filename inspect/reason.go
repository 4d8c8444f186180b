package inspect

import (
	"errors"

	"kontor/finding"
)

// reasons are the sentences about what is no document at all: they are no rule, since nobody judges such a file by one, but are said like those of one.
var reasons = finding.Rule{Cases: []finding.Case{
	{ID: "empty", Text: finding.Texts{EN: "it is empty", DE: "Sie ist leer", SV: "den är tom"}},
	{ID: "nested", Text: finding.Texts{EN: "it is a container in a container", DE: "Sie ist ein Container in einem Container", SV: "den är en behållare i en behållare"}},
	{ID: "pdf", Text: finding.Texts{EN: "it is a PDF", DE: "Sie ist ein PDF", SV: "den är en PDF"}},
	{ID: "namespace", Text: finding.Texts{EN: "it is XML in the namespace {0}", DE: "Sie ist XML im Namensraum {0}", SV: "den är XML i namnrymden {0}"}},
	{ID: "root", Text: finding.Texts{EN: "it is XML whose first element, {0}, has no namespace", DE: "Sie ist XML, dessen erstes Element {0} keinen Namensraum hat", SV: "den är XML vars första element, {0}, saknar namnrymd"}},
	{ID: "none", Text: finding.Texts{EN: "the file is in none of the formats that are read", DE: "Die Datei hat keines der Formate, die gelesen werden", SV: "filen har inget av de format som läses"}},
	{ID: "size", Text: finding.Texts{EN: "it has more than {0} bytes", DE: "sie hat mehr als {0} Byte", SV: "den har mer än {0} byte"}},
	{ID: "gzip", Text: finding.Texts{EN: "the gzip data is damaged", DE: "die gzip-Daten sind beschädigt", SV: "gzip-datan är skadad"}},
	{ID: "behind", Text: finding.Texts{
		EN: "other bytes stand behind the gzip data, and are not read", DE: "hinter den gzip-Daten stehen andere Bytes, die nicht gelesen werden", SV: "efter gzip-datan står andra byte, som inte läses",
	}},
	{ID: "zip", Text: finding.Texts{EN: "the zip container is damaged", DE: "der ZIP-Container ist beschädigt", SV: "zip-behållaren är skadad"}},
	{ID: "files", Text: finding.Texts{EN: "the zip container has more than {0} files", DE: "der ZIP-Container hat mehr als {0} Dateien", SV: "zip-behållaren har fler än {0} filer"}},
	{ID: "overlap", Text: finding.Texts{
		EN: "files of the zip container share bytes, as only bombs do", DE: "Dateien des ZIP-Containers teilen sich Bytes, was nur Bomben tun", SV: "filer i zip-behållaren delar byte, vilket bara bomber gör",
	}},
	{ID: "encrypted", Text: finding.Texts{EN: "it is encrypted", DE: "sie ist verschlüsselt", SV: "den är krypterad"}},
	{ID: "method", Text: finding.Texts{EN: "it cannot be unpacked", DE: "sie kann nicht entpackt werden", SV: "den kan inte packas upp"}},
	{ID: "damaged", Text: finding.Texts{EN: "it is damaged", DE: "sie ist beschädigt", SV: "den är skadad"}},
	{ID: "cut", Text: finding.Texts{EN: "it is damaged: it ends too early", DE: "sie ist beschädigt: sie endet zu früh", SV: "den är skadad: den slutar för tidigt"}},
	{ID: "unpacked", Text: finding.Texts{EN: "it unpacks to more than {0} bytes", DE: "sie ist entpackt größer als {0} Byte", SV: "den blir större än {0} byte när den packas upp"}},
	{ID: "total", Text: finding.Texts{EN: "the container unpacks to more than {0} bytes", DE: "der Container ist entpackt größer als {0} Byte", SV: "behållaren blir större än {0} byte när den packas upp"}},
	{ID: "ratio", Text: finding.Texts{
		EN: "it unpacks to more than {0} times its size", DE: "sie ist entpackt mehr als {0}-mal so groß", SV: "den blir mer än {0} gånger så stor när den packas upp",
	}},
}}

func say(id string, args []string, language string) string {
	return reasons.Sentence(finding.Finding{Case: id, Args: args}, language)
}

// ErrUnknown says that a file is in none of the formats that are read.
var ErrUnknown = errors.New("the file is in none of the formats that are read")

// UnknownError is ErrUnknown and says what the file is instead, as far as that shows.
type UnknownError struct {
	Case string // "empty", "nested", "pdf", "namespace", "root", "" = nothing is known
	Args []string
}

// Error implements error.
func (e *UnknownError) Error() string { return e.In("en") }

// Is says that every UnknownError is ErrUnknown.
func (e *UnknownError) Is(target error) bool { return target == ErrUnknown }

// In says it in "en", "de" or "sv".
func (e *UnknownError) In(language string) string {
	text := say("none", nil, language)
	if e.Case == "" {
		return text
	}
	joint := ": "
	if language == "de" {
		joint = ". "
	}
	return text + joint + say(e.Case, e.Args, language)
}

// ContainerError says why a container cannot be unpacked: damaged, of a kind that is
// not read, or a bomb.
type ContainerError struct {
	Name string // the member, "" for the container itself
	Case string // which sentence says it
	Args []string
	Err  error // the cause, if any
}

// Error implements error.
func (e *ContainerError) Error() string {
	text := e.In("en")
	if e.Name != "" {
		text = e.Name + ": " + text
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// In says it in "en", "de" or "sv", without the name and the cause.
func (e *ContainerError) In(language string) string { return say(e.Case, e.Args, language) }

// Unwrap returns the cause.
func (e *ContainerError) Unwrap() error { return e.Err }
