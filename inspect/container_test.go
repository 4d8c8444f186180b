package inspect_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"testing"

	"kontor/inspect"
)

func zipped(t *testing.T, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, files[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// unpacked returns "name=content" of every member.
func unpacked(content []byte, name string, l inspect.Limits) (out []string, err error) {
	err = inspect.Unpack(bytes.NewReader(content), name, l, func(m inspect.Member) error {
		text, err := io.ReadAll(m)
		if err != nil {
			return err
		}
		out = append(out, m.Name+"="+string(text))
		return nil
	})
	return out, err
}

func TestUnpackHandsOutEveryFile(t *testing.T) {
	for _, row := range []struct {
		name, file string
		content    []byte
		want       string
	}{
		{"plain", "folder/a.xml", []byte("<a/>"), "a.xml=<a/>"},
		{"empty", "a.xml", nil, "a.xml="},
		{"gzip", "a.xml.gz", gzipped(t, "<a/>"), "a.xml=<a/>"},
		{"zip", "a.zip", zipped(t, "one.xml", "1", "../x/two.xml", "2", "dir/", "", `c:\three.xml`, "3"), "one.xml=1 two.xml=2 three.xml=3"},
		{"zip of nothing", "a.zip", zipped(t), ""},
		{"a zip in a zip stays packed", "a.zip", zipped(t, "b.zip", string(zipped(t))), "b.zip=" + string(zipped(t))},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := unpacked(row.content, row.file, inspect.Limits{})
			if err != nil || strings.Join(got, " ") != row.want {
				t.Errorf("%q, error %v, want %q", got, err, row.want)
			}
		})
	}
}

func TestBombsAndDamageAreRefused(t *testing.T) {
	large := strings.Repeat("0", 3<<20)
	whole := zipped(t, "a", "contents that are long enough to be cut")
	for _, row := range []struct {
		name    string
		content []byte
		limits  inspect.Limits
		want    string
	}{
		{"a gzip bomb", gzipped(t, large), inspect.Limits{}, "times its size"},
		{"a zip bomb", zipped(t, "bomb", large), inspect.Limits{}, "times its size"},
		{"a member over the limit", zipped(t, "a", large), inspect.Limits{Bytes: 1 << 20, Ratio: 1 << 30}, "more than 1048576 bytes"},
		{"a file over the limit", []byte(large), inspect.Limits{Bytes: 1 << 20}, "more than 1048576 bytes"},
		{"members over the limit together", zipped(t, "a", large[:1<<19], "b", large), inspect.Limits{Total: 1 << 20, Ratio: 1 << 30}, "the container unpacks to more"},
		{"too many members", zipped(t, "a", "", "b", ""), inspect.Limits{Members: 1}, "more than 1 files"},
		{"a cut zip", whole[:len(whole)-10], inspect.Limits{}, "damaged"},
		{"a cut gzip", gzipped(t, large)[:1000], inspect.Limits{Ratio: 1 << 30}, "damaged"},
		{"a gzip head only", []byte("\x1f\x8b"), inspect.Limits{}, "damaged"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := unpacked(row.content, "x", row.limits)
			if _, ok := errors.AsType[*inspect.ContainerError](err); !ok || !strings.Contains(err.Error(), row.want) {
				t.Errorf("error %v, want one with %q", err, row.want)
			}
		})
	}
}

// Two entries of the directory that point at the same packed bytes are how small bombs become large.
func TestOverlappingMembersAreRefused(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	packed := bytes.Repeat([]byte("x"), 1000)
	for _, name := range []string{"a", "b"} {
		f, err := w.CreateRaw(&zip.FileHeader{Name: name, CompressedSize64: 1000, UncompressedSize64: 1000})
		if err != nil {
			t.Fatal(err)
		}
		if name == "a" {
			if _, err := f.Write(packed); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := unpacked(b.Bytes(), "x.zip", inspect.Limits{}); err == nil || !strings.Contains(err.Error(), "share bytes") {
		t.Errorf("error %v", err)
	}
}

// Every byte of a container may be wrong: an answer or an error, never a panic.
func TestEveryChangedByteOfAContainerIsSurvived(t *testing.T) {
	for _, content := range [][]byte{zipped(t, "a.xml", "<a/>", "b.xml", "<b/>"), gzipped(t, "<a/>")} {
		for i := range content {
			for _, flip := range []byte{1, 0x80, 0xff} {
				changed := bytes.Clone(content)
				changed[i] ^= flip
				if out, err := unpacked(changed, "x", inspect.Limits{Bytes: 1 << 20}); err == nil && len(out) > 2 {
					t.Errorf("byte %d: %q", i, out)
				}
			}
			_, _ = unpacked(content[:i], "x", inspect.Limits{}) // must return
		}
	}
}

func TestDetectTellsFormatsByTheirFirstBytes(t *testing.T) {
	for _, row := range []struct {
		name, head string
		kind       inspect.Kind
		format     string
	}{
		{"pain", `<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">`, inspect.KindPayment, "pain.001.001.09"},
		{"pain with a prefix, comment and mark", "\xef\xbb\xbf<!-- c -->\n" + `<n:Document xmlns:n="urn:swift:xsd:$pain.008.002.02"`, inspect.KindUnknown, "XML"},
		{"direct debit of DK", `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.008.003.02">`, inspect.KindPayment, "pain.008.003.02"},
		{"Swiss direct debit", `<Document xmlns="http://www.six-interbank-clearing.com/de/pain.008.001.02.chsdd.02.xsd">`, inspect.KindPayment, "pain.008.001.02.chsdd.02"},
		{"status report", `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10">`, inspect.KindStatus, "pain.002.001.10"},
		{"statement", `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">`, inspect.KindStatement, "camt.053.001.02"},
		{"cancellation", `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.055.001.09">`, inspect.KindXML, "camt.055.001.09"},
		{"other XML", `<a xmlns="urn:x:something"/>`, inspect.KindUnknown, "something"},
		{"XML of no namespace", `<a/>`, inspect.KindUnknown, "XML"},
		{"MT940", ":20:START\r\n:25:1/2\r\n:28C:1/1\r\n:60F:C260101EUR1,\r\n", inspect.KindSWIFT, "MT940"},
		{"MT940 in an envelope", "{1:F01X}{2:O9400000}{4:\r\n:20:A\r\n", inspect.KindSWIFT, "MT940"},
		{"MT942", ":20:A\r\n:25:1\r\n:28C:1\r\n:34F:EURD0,\r\n:13D:2601011200+0100\r\n", inspect.KindSWIFT, "MT942"},
		{"DTAZV", "0256Q99999999", inspect.KindDTAZV, "DTAZV"},
		{"a PDF", "%PDF-1.7", inspect.KindUnknown, ""},
		{"nothing", "", inspect.KindUnknown, ""},
		{"text", "hello :20: world", inspect.KindUnknown, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := inspect.Detect([]byte(row.head)); got.Kind != row.kind || got.Name != row.format {
				t.Errorf("%+v", got)
			}
		})
	}
}
