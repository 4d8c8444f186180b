package xmlscan

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
)

// repeat is an endless or long document that never lies in memory.
type repeat struct {
	head, body string
	times      int // of body
	read       int // bytes delivered
	rest       string
}

func (r *repeat) Read(b []byte) (int, error) {
	if r.head != "" {
		r.rest, r.head = r.head, ""
	}
	n := 0
	for n < len(b) {
		if r.rest == "" {
			if r.times == 0 {
				break
			}
			r.times--
			r.rest = r.body
		}
		k := copy(b[n:], r.rest)
		r.rest = r.rest[k:]
		n += k
	}
	r.read += n
	if n == 0 && len(b) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// Hostile documents are refused early: after few bytes and with little memory.
func TestAttacks(t *testing.T) {
	const million = 1_000_000
	laughs := `<!DOCTYPE a [<!ENTITY a0 "ha">`
	for i := 1; i < 10; i++ {
		laughs += fmt.Sprintf(`<!ENTITY a%d "%s">`, i, strings.Repeat(fmt.Sprintf("&a%d;", i-1), 10))
	}
	laughs += `]><a>&a9;</a>`
	small := 256 << 10
	tests := []struct {
		name   string
		doc    repeat
		limits Limits
		code   Code
		read   int // most bytes that may be read
		memory int // most bytes that may be allocated
	}{
		{"billion laughs", repeat{head: laughs}, Limits{}, CodeDoctype, small, small},
		{"laughs without DTD", repeat{head: "<a>", body: "&a9;", times: million}, Limits{}, CodeMalformed, small, small},
		{"a million elements deep", repeat{body: "<a>", times: million}, Limits{}, CodeLimit, small, small},
		{"a million attributes", repeat{head: "<a", body: " b='1'", times: million}, Limits{}, CodeLimit, 9 << 20, 24 << 20},
		{"a million attributes, closed tag", repeat{head: "<a" + strings.Repeat(" b='1'", 100_000) + ">"}, Limits{}, CodeLimit, 1 << 20, 4 << 20},
		{"a giant attribute", repeat{head: "<a b='", body: "0123456789abcdef", times: 100 * million}, Limits{}, CodeLimit, 9 << 20, 24 << 20},
		{"a giant name", repeat{head: "<", body: "abcdefgh", times: 100 * million}, Limits{}, CodeLimit, 9 << 20, 24 << 20},
		{"a giant comment", repeat{head: "<!--", body: "abcdefgh", times: 100 * million}, Limits{}, CodeLimit, 9 << 20, 24 << 20},
		{"a giant instruction", repeat{head: "<?p ", body: "abcdefgh", times: 100 * million}, Limits{}, CodeLimit, 9 << 20, 24 << 20},
		{"a giant end tag", repeat{head: "<a></a", body: "        ", times: 100 * million}, Limits{}, CodeLimit, 9 << 20, 24 << 20},
		{"a giant XML declaration", repeat{head: "<?xml ", body: "        ", times: 100 * million}, Limits{}, CodeLimit, 9 << 20, 24 << 20},
		{"a giant tag, small limit", repeat{head: "<a b='", body: "01234567", times: 100 * million}, Limits{Token: 1000}, CodeLimit, small, small},
		{"a giant reference", repeat{head: "<a>&#", body: "00000000", times: million}, Limits{}, CodeLimit, small, small},
		{"endless white space before the root", repeat{body: " \n", times: 10 * million}, Limits{Bytes: 5_000_000}, CodeLimit, 5_000_000 + 2*windowMost, 2 * windowMost},
		{"endless text", repeat{head: "<a>", body: "text text ", times: 10 * million}, Limits{Bytes: 5_000_000}, CodeLimit, 5_000_000 + 2*windowMost, 2 * windowMost},
		{"endless CDATA", repeat{head: "<a><![CDATA[", body: "]]]]]]]]]]", times: 10 * million}, Limits{Bytes: 5_000_000}, CodeLimit, 5_000_000 + 2*windowMost, 2 * windowMost},
		{"endless brackets", repeat{head: "<a>", body: "]]]]]]]]]]", times: 10 * million}, Limits{Bytes: 5_000_000}, CodeLimit, 5_000_000 + 2*windowMost, 2 * windowMost},
		{"endless namespaces", repeat{head: "<a>", body: "<b xmlns:p='urn:p' xmlns:q='urn:q' xmlns:r='urn:r'>", times: million}, Limits{Depth: 1000}, CodeLimit, small, small},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := drain(NewScanner(&tt.doc, tt.limits))
			runtime.ReadMemStats(&after)
			var syntax *SyntaxError
			if !errors.As(err, &syntax) || syntax.Code != tt.code {
				t.Errorf("%v, want code %s", err, tt.code)
			}
			if tt.doc.read > tt.read {
				t.Errorf("%d bytes read, at most %d expected", tt.doc.read, tt.read)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > uint64(tt.memory) {
				t.Errorf("%d bytes allocated, at most %d expected", used, tt.memory)
			}
		})
	}
}

// Each limit allows exactly what it says.
func TestLimitsAreExact(t *testing.T) {
	tests := []struct {
		name   string
		doc    string
		limits Limits
		code   Code
	}{
		{"bytes just enough", "<a>12</a>", Limits{Bytes: 9}, ""},
		{"bytes one too few", "<a>12</a>", Limits{Bytes: 8}, CodeLimit},
		{"bytes too few for white space at the end", "<a>12</a>\n", Limits{Bytes: 9}, CodeLimit},
		{"depth just enough", "<a><b/></a>", Limits{Depth: 2}, ""},
		{"depth one too little", "<a><b/></a>", Limits{Depth: 1}, CodeLimit},
		{"depth is not a count", "<a><b/><b/><b/></a>", Limits{Depth: 2}, ""},
		{"attributes just enough", "<a b='1' xmlns='urn:x'/>", Limits{Attributes: 2}, ""},
		{"attributes one too few", "<a b='1' xmlns='urn:x'/>", Limits{Attributes: 1}, CodeLimit},
		{"namespaces just enough", "<a xmlns='u:x'><b xmlns:p='u:p'/><b xmlns:p='u:p'/></a>", Limits{Namespaces: 2}, ""},
		{"namespaces one too few", "<a xmlns='u:x'><b xmlns:p='u:p'/></a>", Limits{Namespaces: 1}, CodeLimit},
		{"token just enough", "<a b='1'/>", Limits{Token: 10}, ""},
		{"token one too short", "<a b='1'/>", Limits{Token: 9}, CodeLimit},
		{"comment just enough", "<a/><!--1-->", Limits{Token: 8}, ""},
		{"comment one too long", "<a/><!--1-->", Limits{Token: 7}, CodeLimit},
		{"instruction just enough", "<a/><?p q?>", Limits{Token: 7}, ""},
		{"instruction one too long", "<a/><?p q?>", Limits{Token: 6}, CodeLimit},
		{"text is no token", "<a>1234567890</a>", Limits{Token: 4}, ""},
		{"CDATA is no token", "<a><![CDATA[1234567890]]></a>", Limits{Token: 4}, ""},
		{"reference of 33 bytes", "<a>&#000000000000000000000000000065;</a>", Limits{}, CodeLimit},
		{"reference of 32 bytes", "<a>&#00000000000000000000000000065;</a>", Limits{}, ""},
		{"negative is default", "<a b='1'/>", Limits{-1, -1, -1, -1, -1}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			whole := judge(t, NewScanner(strings.NewReader(tt.doc), tt.limits))
			if whole.code != tt.code {
				t.Errorf("code %q, want %q", whole.code, tt.code)
			}
			byByte := judge(t, newScanner(oneByte{strings.NewReader(tt.doc)}, tt.limits, 1))
			if diff := diffVerdict(whole, byByte); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// oneByte delivers single bytes.
type oneByte struct{ r io.Reader }

func (o oneByte) Read(b []byte) (int, error) { return o.r.Read(b[:min(1, len(b))]) }

// payments is a document of about ten thousand elements as payment files have them.
func payments() string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09" xmlns:x="urn:x">`)
	for i := range 1250 {
		fmt.Fprintf(&b, "<CdtTrfTxInf>\n <PmtId><EndToEndId>E%d</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"EUR\" x:n='a&amp;b'>%d.00</InstdAmt></Amt>"+
			"<Cdtr><Nm>Müller &amp; Söhne</Nm></Cdtr><RmtInf/></CdtTrfTxInf>\r\n", i, i)
	}
	b.WriteString(`</Document>`)
	return b.String()
}

// Nothing is allocated per element: a scanner costs its buffers, however long the document.
func TestNoAllocationPerElement(t *testing.T) {
	for _, encoding := range []string{"UTF-8", "ISO-8859-1"} {
		t.Run(encoding, func(t *testing.T) {
			doc := strings.Replace(payments(), "UTF-8", encoding, 1)
			r := strings.NewReader(doc)
			tokens := 0
			allocs := testing.AllocsPerRun(5, func() {
				r.Reset(doc)
				var err error
				s := NewScanner(r, Limits{})
				for tokens = 0; err == nil; tokens++ {
					_, err = s.Next()
					_ = s.Position()
				}
				if err != io.EOF {
					t.Fatal(err)
				}
			})
			if tokens < 20_000 {
				t.Fatalf("only %d tokens", tokens)
			}
			if allocs > 60 {
				t.Errorf("%.0f allocations for %d tokens", allocs, tokens)
			}
		})
	}
}

func BenchmarkScanner(b *testing.B) {
	doc := payments()
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := drain(NewScanner(strings.NewReader(doc), Limits{})); err != nil {
			b.Fatal(err)
		}
	}
}
