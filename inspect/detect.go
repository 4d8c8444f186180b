package inspect

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

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
}

// HeadSize is how many bytes Detect wants to see, fewer only at the end of the file.
const HeadSize = 16 << 10

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
	}
	return detectSWIFT(trimmed)
}

// detectXML reads the root element. What is wrong with the XML is its reader's business.
func detectXML(head []byte) Format {
	scan := xmlscan.NewScanner(bytes.NewReader(head), xmlscan.Limits{})
	for {
		kind, err := scan.Next()
		if err != nil {
			return Format{Kind: KindUnknown, Name: "XML"}
		}
		if kind == xmlscan.StartElement {
			break
		}
	}
	space := string(scan.Space())
	name := strings.TrimSuffix(space[strings.LastIndexAny(space, ":/")+1:], ".xsd") // SIX names its schemas by addresses
	f := Format{Kind: KindUnknown, Name: name, Namespace: space}
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

// ErrUnknown says that a file is in none of the formats that are read.
var ErrUnknown = errors.New("the file is in none of the formats that are read")

// unknown says what a file is instead.
func unknown(f Format, head []byte) error {
	switch {
	case len(head) == 0:
		return fmt.Errorf("%w: it is empty", ErrUnknown)
	case f.Namespace != "":
		return fmt.Errorf("%w: it is XML in the namespace %q", ErrUnknown, f.Namespace)
	case f.Name != "":
		return fmt.Errorf("%w: it is XML that begins with no element of a namespace", ErrUnknown)
	case bytes.HasPrefix(head, []byte("%PDF")):
		return fmt.Errorf("%w: it is a PDF", ErrUnknown)
	}
	return ErrUnknown
}
