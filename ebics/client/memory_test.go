package client_test

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"kontor/ebics"
	"kontor/ebics/client"
	"kontor/ebics/ebicstest/testkeys"
	"kontor/ebics/internal/crypto"
	"kontor/ebics/internal/envelope"
	"kontor/ebics/server"
)

// endless serves one download whose segments it makes on the way, so that the
// memory of the test is the client's.
type endless struct {
	t        *testing.T
	size     int64
	segment  int // bytes before base64
	segments int
	key      []byte
	source   *io.PipeReader
}

// stream encrypts the order data into w.
func (e *endless) stream(w io.Writer) error {
	encrypt, err := crypto.EncryptWriter(w, e.key)
	if err != nil {
		return err
	}
	if _, err := io.Copy(encrypt, io.LimitReader(mixed{noiseStream(), 4}, e.size)); err != nil {
		return err
	}
	return encrypt.Close()
}

// mixed is noise and zeros, so that order data is the given number of times what
// travels.
type mixed struct {
	noise io.Reader
	times int
}

func (m mixed) Read(p []byte) (int, error) {
	clear(p)
	if _, err := io.ReadFull(m.noise, p[:len(p)/m.times]); err != nil {
		return 0, err
	}
	return len(p), nil
}

type counter int64

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

func newEndless(t *testing.T, size int64) *endless {
	e := &endless{t: t, size: size, segment: 300_000, key: crypto.NewTransactionKey()}
	var length counter
	if err := e.stream(&length); err != nil {
		t.Fatal(err)
	}
	e.segments = (int(length) + e.segment - 1) / e.segment
	reader, writer := io.Pipe()
	e.source = reader
	go func() { writer.CloseWithError(e.stream(writer)) }()
	t.Cleanup(func() { _ = reader.Close() })
	return e
}

func (e *endless) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	doc, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	m, err := envelope.Read(doc)
	if err != nil {
		e.t.Error(err)
		return
	}
	request, err := m.VerifyRequest(testkeys.Subscriber().Authentication.Public())
	if err != nil {
		e.t.Error(err)
		return
	}
	answer := envelope.Response{
		Version: ebics.H004, TransactionID: "0123456789ABCDEF0123456789ABCDEF", Phase: request.Phase, Technical: ebics.OK, ReportText: "OK", Business: ebics.OK,
	}
	if request.Phase != envelope.Receipt {
		number := 1
		if request.Segment != nil {
			number = request.Segment.Number
		}
		data := make([]byte, e.segment)
		n, err := io.ReadFull(e.source, data)
		if err != nil && err != io.ErrUnexpectedEOF {
			e.t.Error(err)
		}
		answer.OrderData = base64.StdEncoding.AppendEncode(nil, data[:n])
		answer.Segment = &envelope.Segment{Number: number, Last: number == e.segments}
		if number == 1 {
			encryption := testkeys.Subscriber().Encryption.Public()
			digest := encryption.Digest()
			wrapped, err := crypto.WrapKey(encryption.Key, e.key)
			if err != nil {
				e.t.Error(err)
			}
			answer.Segments = e.segments
			answer.Encryption = &envelope.EncryptionInfo{KeyVersion: ebics.E002, KeyDigest: digest[:], TransactionKey: wrapped}
		}
	}
	signed, err := answer.Sign(testkeys.Bank().Authentication)
	if err != nil {
		e.t.Error(err)
	}
	_, _ = w.Write(signed)
}

// alive is the size of what is in use on the heap.
func alive() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A download of any size passes in constant memory: what is alive while it
// runs is far less than what has passed.
func TestDownloadKeepsMemoryConstant(t *testing.T) {
	const size = 100 << 20
	s := httptest.NewServer(newEndless(t, size))
	t.Cleanup(s.Close)
	keys := testkeys.Bank().Public()
	c, err := client.New(client.Config{
		URL: s.URL, HostID: "HOST1", Subscriber: subscriber, Keys: testkeys.Subscriber(), Bank: &keys, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	before, most, read := alive(), int64(0), int64(0)
	err = c.Download(t.Context(), ebics.C53, func(r io.Reader) error {
		for {
			n, err := io.CopyN(io.Discard, r, 4<<20)
			read += n
			most = max(most, alive()-before)
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if read != size {
		t.Errorf("%d bytes were read", read)
	}
	if most > 10<<20 {
		t.Errorf("%d bytes were alive for a download of %d", most, size)
	}
	t.Logf("%d bytes alive at most", most)
}

// An upload costs the server what travelled, which is compressed, and not what it
// holds: while the bank reads 100 MiB, less than a sixth of it is alive.
func TestServerKeepsOfAnUploadWhatTravelled(t *testing.T) {
	const size = 100 << 20
	i := install(t, server.Options{MaxOrderData: size})
	i.bank.Enrol(subscriber, testkeys.Subscriber())
	spool, err := os.Create(filepath.Join(t.TempDir(), "spool"))
	if err != nil {
		t.Fatal(err)
	}
	defer spool.Close() //nolint:errcheck // the test has read what it needs
	c := i.client(t)
	defer c.Close()
	p, err := c.Prepare(t.Context(), cct, func() (io.ReadCloser, error) {
		return io.NopCloser(io.LimitReader(mixed{noiseStream(), 20}, size)), nil
	}, spool)
	if err != nil {
		t.Fatal(err)
	}
	type reading struct {
		read, most int64
		err        error
	}
	before, readings := alive(), make(chan reading, 1)
	i.bank.OnFinish = func(u server.Upload) {
		var got reading
		for r := u.Open(); got.err == nil; {
			var n int64
			n, got.err = io.CopyN(io.Discard, r, 10<<20)
			got.read += n
			got.most = max(got.most, alive()-before)
		}
		readings <- got
	}
	transaction, err := c.Initialise(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= p.Segments; n++ {
		offset, length := p.Range(n)
		segment := make([]byte, length)
		if _, err := spool.ReadAt(segment, offset); err != nil {
			t.Fatal(err)
		}
		if err := c.Transfer(t.Context(), transaction, n, n == p.Segments, segment); err != nil {
			t.Fatal(err)
		}
	}
	got := <-readings
	if !errors.Is(got.err, io.EOF) || got.read != size {
		t.Errorf("the bank read %d bytes: %v", got.read, got.err)
	}
	if got.most > 2*p.SpoolSize {
		t.Errorf("%d bytes were alive for an upload of %d that travelled as %d", got.most, size, p.SpoolSize)
	}
	t.Logf("%d bytes alive at most, %d characters travelled", got.most, p.SpoolSize)
}
