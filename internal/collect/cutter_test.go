package collect

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"
)

// naiveCut keeps byte by byte what stands before head, from tail on, or within a span.
func naiveCut(text []byte, c *cutter) []byte {
	out := []byte{}
	for i, b := range text {
		at := int64(i)
		keep := at < c.head || at >= c.tail
		for _, s := range c.spans {
			keep = keep || (s.from <= at && at < s.to)
		}
		if keep {
			out = append(out, b)
		}
	}
	return out
}

// cutterOf makes a cutter of at most 16 spans from steps: gap, length, gap, length … between head and tail.
func cutterOf(head uint8, steps []byte, size int) *cutter {
	c := &cutter{head: min(int64(head), int64(size))}
	at := c.head
	for i := 0; i+1 < len(steps) && i < 32; i += 2 {
		from := min(at+int64(steps[i]%40), int64(size))
		to := min(from+int64(steps[i+1]%40), int64(size))
		if to > from {
			c.spans = append(c.spans, span{from: from, to: to})
		}
		at = to
	}
	c.tail = min(at+3, int64(size))
	return c
}

// cutterSeeds are where fuzzing starts: text, head, steps.
var cutterSeeds = []struct {
	text  []byte
	head  uint8
	steps []byte
}{
	{nil, 0, nil},
	{[]byte("head<S>one</S> <S>two</S>tail"), 4, []byte{0, 10, 1, 10}},
	{[]byte("head<S>one</S> <S>two</S>tail"), 4, []byte{11, 10}},
	{bytes.Repeat([]byte("0123456789"), 100), 7, []byte{3, 30, 0, 30, 5, 1, 39, 39}},
	{bytes.Repeat([]byte("x"), 20), 200, []byte{1, 1}},
}

func FuzzCutterKeepsWhatItShould(f *testing.F) {
	if len(cutterSeeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range cutterSeeds {
		f.Add(s.text, s.head, s.steps)
	}
	f.Fuzz(func(t *testing.T, text []byte, head uint8, steps []byte) {
		c := cutterOf(head, steps, len(text))
		want := naiveCut(text, c)
		for name, r := range map[string]io.Reader{
			"whole": bytes.NewReader(text), "one byte": iotest.OneByteReader(bytes.NewReader(text)), "half": iotest.HalfReader(bytes.NewReader(text)),
			"error with data": iotest.DataErrReader(bytes.NewReader(text)),
		} {
			got, err := io.ReadAll(c.over(r))
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%s: got %q (%v), want %q; cutter %+v", name, got, err, want, c)
			}
			small, err := io.ReadAll(iotest.OneByteReader(c.over(bytes.NewReader(text))))
			if err != nil || !bytes.Equal(small, want) {
				t.Errorf("read byte by byte: got %q (%v), want %q", small, err, want)
			}
		}
	})
}

func TestNoCutterCutsNothing(t *testing.T) {
	var none *cutter
	got, err := io.ReadAll(none.over(bytes.NewReader([]byte("all"))))
	if err != nil || string(got) != "all" {
		t.Errorf("got %q (%v)", got, err)
	}
}

func TestCutterPassesOnTheSourcesFailure(t *testing.T) {
	c := &cutter{head: 2, tail: 8, spans: []span{{from: 4, to: 5}}}
	if _, err := io.ReadAll(c.over(iotest.TimeoutReader(iotest.OneByteReader(bytes.NewReader([]byte("0123456789")))))); err == nil {
		t.Error("the failure was swallowed")
	}
}
