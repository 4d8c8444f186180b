package collect

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"kontor/internal/hub"
	"kontor/internal/store/storetest"
)

// whatever is a delivery of this many bytes that look like nothing.
func (h *house) whatever(size int) (hub.Download, string) {
	h.t.Helper()
	text := make([]byte, size)
	source := rand.New(rand.NewPCG(1, uint64(size)))
	for i := range text {
		text[i] = byte(source.Uint32())
	}
	return h.download(h.arrive(hub.PollStatement, string(text))), string(text)
}

// Places are read forwards and backwards, across blocks and up to the end, as a ZIP reader does.
func TestDeliveryIsReadAtAnyPlace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		h := newHouse(t, f)
		for _, size := range []int{1, block - 1, block, block + 1, 3*block + 17} {
			d, text := h.whatever(size)
			raw, err := h.delivery(t.Context(), d)
			f.Must(err)
			source := rand.New(rand.NewPCG(2, 3))
			for range 60 {
				from, length := source.IntN(size+2), source.IntN(block+200)
				p := make([]byte, length)
				n, err := raw.ReadAt(p, int64(from))
				want := text[min(from, size):min(from+length, size)]
				if string(p[:n]) != want || (n < length) != errors.Is(err, io.EOF) {
					t.Fatalf("%d bytes at %d of %d: got %d, error %v", length, from, size, n, err)
				}
			}
			if _, err := io.Copy(io.Discard, io.NewSectionReader(raw, 0, raw.size)); err != nil || len(raw.held) > block {
				t.Errorf("read whole: %v, %d bytes held", err, len(raw.held))
			}
			f.Must(raw.Close())
		}
	})
}

// That the store does not answer says nothing about a delivery: it is neither put aside for a person nor quarantined, but read again.
func TestStoreThatFailsDoesNotCondemnTheDelivery(t *testing.T) {
	long := strings.Replace(camtText(statement{ibanA, "EUR", "S"}), "<GrpHdr>", "<!--"+strings.Repeat("x", 2*block)+"--><GrpHdr>", 1)
	for _, kind := range []hub.PollKind{hub.PollStatement, hub.PollStatus} {
		t.Run(string(kind), func(t *testing.T) {
			h := newHouse(t, storetest.SQLite(t))
			j := h.arrive(kind, long)
			ctx, stop := context.WithCancel(t.Context())
			parts, err := h.parts(ctx, h.download(j))
			h.Must(err)
			stop() // the store answers no more, in the middle of the reading
			l := hub.Link{Contact: h.contact}
			if kind == hub.PollStatement {
				err = h.statementFile(t.Context(), l, h.download(j), parts[0])
			} else {
				err = h.statusFile(t.Context(), l, h.download(j), parts[0])
			}
			if !errors.Is(err, errStore) || errors.Is(err, errUndecodable) {
				t.Errorf("error %v, want a failure of the store", err)
			}
			if q := h.quarantine(); len(q) != 0 {
				t.Errorf("quarantine %+v", q)
			}
			want := hub.DownloadIndexed
			h.Must(h.Index(t.Context(), j))
			if d := h.download(j); d.State != want {
				t.Errorf("delivery is %s, want %s", d.State, want)
			}
		})
	}
}

// A delivery that is no container is one file, and is not held in memory whole.
func TestSingleFileIsADelivery(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	text := strings.Replace(camtText(statement{ibanA, "EUR", "S"}), "<GrpHdr>", "<!--"+strings.Repeat("x", 2*block)+"--><GrpHdr>", 1)
	h.split(hub.PollStatement, text)
	d := h.documents(h.a)
	if len(d) != 1 || !bytes.Equal([]byte(h.body(h.a.Owner(), hub.BodyID(d[0].ID))), []byte(text)) {
		t.Errorf("documents %+v", d)
	}
}
