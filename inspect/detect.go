package inspect

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"

	"kontor/finding"
	"kontor/xmlscan"
)

// Kind is the family of formats that one reader reads.
type Kind string

// The kinds. Other XML is KindUnknown, with its name as far as it has one.
const (
	KindPayment   Kind = "payment"   // pain.001 and pain.008 in all versions
	KindStatus    Kind = "status"    // pain.002
	KindStatement Kind = "statement" // camt.052, camt.053, camt.054
	KindSWIFT     Kind = "swift"     // MT940 and MT942
	KindDTAZV     Kind = "dtazv"
	KindXML       Kind = "xml" // another message of a known schema
	KindUnknown   Kind = ""
)

// Format is what a file is by its first bytes.
type Format struct {
	Kind      Kind
	Name      string // "pain.001.001.09", "MT940", "DTAZV"; of other XML the last part of its namespace
	Namespace string

	unknown UnknownError         // what a file of no known kind is instead
	broken  *xmlscan.SyntaxError // XML that breaks before its first element ends
	endless bool                 // the first element does not end within headMost
}

// HeadSize is how many bytes Detect wants to see, fewer only at the end of the file.
// XML that begins with more than that, a long comment, is told by Recognise.
const HeadSize = 16 << 10

// headMost is where Recognise ends looking for the first element.
const headMost = 1 << 20

// Recognise tells the format of what r reads, and returns a reader of the whole from its
// first byte. Errors are those of r.
func Recognise(r io.Reader) (Format, io.Reader, error) {
	for size := HeadSize; ; size *= 4 {
		buffered := bufio.NewReaderSize(r, size)
		head, err := buffered.Peek(size)
		if err != nil && !errors.Is(err, io.EOF) {
			return Format{}, buffered, err //nolint:wrapcheck // the caller names what is read
		}
		f := Detect(head)
		cut := f.broken != nil && (f.broken.Code == xmlscan.CodeTruncated || f.broken.Code == xmlscan.CodeEmpty) && len(head) == size
		switch {
		case !cut:
			return f, buffered, nil
		case size >= headMost:
			f.endless = true
			return f, buffered, nil
		}
		r = buffered
	}
}

// Detect tells the format of a file by its first bytes: never by its name. A file that
// is none of ours has KindUnknown.
func Detect(head []byte) Format {
	text := bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	trimmed := bytes.TrimLeft(text, " \t\r\n")
	switch {
	case bytes.HasPrefix(trimmed, []byte("<")) || bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")):
		return detectXML(head)
	case len(trimmed) > 4 && (trimmed[4] == 'Q' || trimmed[4] == 'T') && (bytes.HasPrefix(trimmed, []byte("0256")) || bytes.HasPrefix(trimmed, []byte("0768"))):
		return Format{Kind: KindDTAZV, Name: "DTAZV"}
	case len(trimmed) == 0 && len(head) < HeadSize:
		return Format{unknown: UnknownError{Case: "empty"}}
	case bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, []byte("\x1f\x8b")):
		return Format{unknown: UnknownError{Case: "nested"}}
	case bytes.HasPrefix(head, []byte("%PDF")):
		return Format{unknown: UnknownError{Case: "pdf"}}
	}
	return detectSWIFT(trimmed)
}

// detectXML reads the root element. What is wrong with the XML behind it is its reader's business.
func detectXML(head []byte) Format {
	scan := xmlscan.NewScanner(bytes.NewReader(head), xmlscan.Limits{})
	for {
		kind, err := scan.Next()
		if err != nil {
			f := Format{Kind: KindUnknown, Name: "XML"}
			if syntax, ok := errors.AsType[*xmlscan.SyntaxError](err); ok {
				f.broken = syntax
			}
			return f
		}
		if kind == xmlscan.StartElement {
			break
		}
	}
	space := string(scan.Space())
	name := strings.TrimSuffix(space[strings.LastIndexAny(space, ":/")+1:], ".xsd") // SIX names its schemas by addresses
	f := Format{Kind: KindUnknown, Name: name, Namespace: space, unknown: UnknownError{Case: "namespace", Args: []string{finding.Shorten(space)}}}
	if space == "" {
		f.unknown = UnknownError{Case: "root", Args: []string{finding.Shorten(string(scan.Local()))}}
	}
	for prefix, kind := range map[string]Kind{
		"pain.001.": KindPayment, "pain.008.": KindPayment, "pain.002.": KindStatus,
		"camt.052.": KindStatement, "camt.053.": KindStatement, "camt.054.": KindStatement, "camt.029.": KindXML, "camt.055.": KindXML,
	} {
		if strings.HasPrefix(name, prefix) {
			f.Kind = kind
		}
	}
	if f.Name == "" {
		f.Name = "XML"
	}
	return f
}

// detectSWIFT looks for the fields that every MT940 and MT942 has near its beginning,
// after whatever envelope: a statement has an opening balance, a report a floor limit.
func detectSWIFT(text []byte) Format {
	if !bytes.Contains(text, []byte(":20:")) && !bytes.Contains(text, []byte(":25:")) && !bytes.Contains(text, []byte("{1:")) {
		return Format{}
	}
	for _, marks := range []struct {
		name  string
		marks []string
	}{
		{"MT942", []string{":34F:", ":13D:", ":13:", "{2:O942", "{2:I942", ":90D:", ":90C:"}},
		{"MT940", []string{":60F:", ":60M:", "{2:O940", "{2:I940", ":940:", ":61:", ":28C:", ":28:"}},
	} {
		for _, mark := range marks.marks {
			if bytes.Contains(text, []byte(mark)) {
				return Format{Kind: KindSWIFT, Name: marks.name}
			}
		}
	}
	return Format{}
}
