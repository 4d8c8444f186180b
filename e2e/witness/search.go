package witness

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"io"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/klauspost/compress/zstd"
)

// maxUnpacked limits what is unpacked from one place, and unpackDepth how often what came out is unpacked again.
const (
	maxUnpacked = 4 << 20
	unpackDepth = 2
)

// Canary is a text that must not be found at rest.
type Canary struct{ Name, Text string }

// needle is a canary as it would look in an encoding.
type needle struct {
	name  string
	bytes []byte
	fold  bool // compare in lower case
}

// Search finds canaries in bytes: plain in any case, as UTF-16, hexadecimal and base64, and inside whatever can be unpacked.
type Search struct {
	needles []needle
	zstd    *zstd.Decoder
}

// NewSearch makes a Search. Canaries of less than 8 bytes are a mistake of the test: they would be found by chance.
func NewSearch(canaries ...Canary) *Search {
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(64<<20), zstd.WithDecoderConcurrency(1))
	if err != nil {
		panic(err) // the options above are valid
	}
	s := &Search{zstd: decoder}
	for _, c := range canaries {
		if len(c.Text) < 8 {
			panic("canary " + c.Name + " is too short")
		}
		s.add(c)
	}
	return s
}

func (s *Search) add(c Canary) {
	text := []byte(c.Text)
	s.needles = append(s.needles,
		needle{c.Name + " in plain", []byte(strings.ToLower(c.Text)), true},
		needle{c.Name + " as hexadecimal", []byte(hex.EncodeToString(text)), true},
		needle{c.Name + " as UTF-16LE", wide(c.Text, binary.LittleEndian), false},
		needle{c.Name + " as UTF-16BE", wide(c.Text, binary.BigEndian), false},
	)
	for shift := range 3 {
		// Within a longer text a base64 group starts at any of three bytes; only the characters that depend on the canary alone count.
		encoded := base64.StdEncoding.EncodeToString(append(make([]byte, shift), text...))
		middle := encoded[(shift*8+5)/6 : (shift+len(text))*8/6]
		s.needles = append(s.needles, needle{c.Name + " as base64", []byte(middle), false})
		if url := strings.NewReplacer("+", "-", "/", "_").Replace(middle); url != middle {
			s.needles = append(s.needles, needle{c.Name + " as base64 for URLs", []byte(url), false})
		}
	}
}

func wide(text string, order binary.AppendByteOrder) []byte {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return out
}

// Find names the canaries in content, and how they are hidden there.
func (s *Search) Find(content []byte) []string {
	var found []string
	s.find(content, "", 0, &found)
	slices.Sort(found)
	return slices.Compact(found)
}

func (s *Search) find(content []byte, where string, depth int, found *[]string) {
	lower := bytes.ToLower(content)
	for _, n := range s.needles {
		in := content
		if n.fold {
			in = lower
		}
		if bytes.Contains(in, n.bytes) {
			*found = append(*found, n.name+where)
		}
	}
	if depth == unpackDepth {
		return
	}
	for at := range content {
		name, plain := s.unpack(content[at:], at == 0)
		if len(plain) > 0 {
			s.find(plain, where+" inside "+name, depth+1, found)
		}
	}
}

// unpack unpacks what begins as packed data does; raw deflate data has no beginning of its own and is tried at the first byte only.
func (s *Search) unpack(from []byte, first bool) (name string, plain []byte) {
	switch {
	case len(from) < 4:
	case from[0] == 0x28 && from[1] == 0xb5 && from[2] == 0x2f && from[3] == 0xfd:
		if s.zstd.Reset(bytes.NewReader(from)) == nil {
			return "zstd", prefix(s.zstd)
		}
	case from[0] == 0x1f && from[1] == 0x8b && from[2] == 8:
		if r, err := gzip.NewReader(bytes.NewReader(from)); err == nil {
			return "gzip", prefix(r)
		}
	case from[0] == 'P' && from[1] == 'K' && from[2] == 3 && from[3] == 4 && len(from) > 30:
		start := 30 + int(binary.LittleEndian.Uint16(from[26:])) + int(binary.LittleEndian.Uint16(from[28:]))
		if start < len(from) {
			return "zip", prefix(flate.NewReader(bytes.NewReader(from[start:])))
		}
	case from[0]&0x0f == 8 && (int(from[0])<<8|int(from[1]))%31 == 0:
		if r, err := zlib.NewReader(bytes.NewReader(from)); err == nil {
			return "zlib", prefix(r)
		}
	case first:
		return "deflate", prefix(flate.NewReader(bytes.NewReader(from)))
	}
	return "", nil
}

// prefix returns what can be read until something breaks: damaged or cut data also tells secrets.
func prefix(r io.Reader) []byte {
	plain, _ := io.ReadAll(io.LimitReader(r, maxUnpacked))
	return plain
}
