package crypto

import (
	"encoding/base64"
	"errors"
)

// ErrBase64 says that text is not base64.
var ErrBase64 = errors.New("not base64")

var strict = base64.StdEncoding.Strict()

// SegmentDecoder joins the base64 text of consecutive segments. Senders differ:
// some encode everything and cut the text anywhere, some encode each binary
// piece for itself, so that padding stands at the end of a segment in the
// middle. Decoding group by group, with the open group carried into the next
// segment, reads both. White space is ignored; anything else, and padding
// inside a segment, is ErrBase64.
type SegmentDecoder struct {
	group [4]byte
	fill  int
}

// Append decodes one segment and appends the bytes to dst.
func (d *SegmentDecoder) Append(dst, text []byte) ([]byte, error) {
	padded := false
	for _, b := range text {
		switch b {
		case ' ', '\t', '\r', '\n':
			continue
		}
		if padded {
			return dst, ErrBase64
		}
		d.group[d.fill] = b
		if d.fill++; d.fill < len(d.group) {
			continue
		}
		d.fill = 0
		padded = d.group[3] == '='
		var out [3]byte
		n, err := strict.Decode(out[:], d.group[:])
		if err != nil {
			return dst, ErrBase64
		}
		dst = append(dst, out[:n]...)
	}
	return dst, nil
}

// Finish says whether the last group was complete.
func (d *SegmentDecoder) Finish() error {
	if d.fill != 0 {
		return ErrBase64
	}
	return nil
}

// DecodeBase64 decodes one text completely.
func DecodeBase64(text []byte) ([]byte, error) {
	var d SegmentDecoder
	out, err := d.Append(make([]byte, 0, len(text)/4*3), text)
	if err != nil {
		return nil, err
	}
	return out, d.Finish()
}
