// Package banktest is a bank for tests of dispatch, with behaviours that are named for what they do to us. It keeps in memory what was
// transmitted to it and counts an order as delivered when, and each time that, all segments of a transaction have arrived.
package banktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"kontor/internal/hub"
)

// Step is what the bank is asked for.
type Step string

// The steps of an upload.
const (
	Prepare    Step = "prepare"
	Initialise Step = "initialise"
	Segment    Step = "segment" // any but the last
	Last       Step = "last"
)

// Call is one request.
type Call struct {
	Step    Step
	Number  int // of the segment, from 1
	Attempt int // how many times this very step and number was asked for, from 1
}

// Behaviour is how a bank treats us. Before runs before the bank does what it is asked for, After when it has done it; an error is what
// the caller gets instead of the answer.
type Behaviour interface {
	Before(ctx context.Context, c Call) error
	After(ctx context.Context, c Call) error
}

// Bank implements dispatch.Bank. It is safe for concurrent use.
type Bank struct {
	SegmentSize int // bytes of a segment
	Behaviour   Behaviour

	mu        sync.Mutex
	calls     []Call
	counts    map[Call]int
	serial    int
	open      map[string]*transaction
	delivered []Delivery
}

// Delivery is an order that arrived whole.
type Delivery struct {
	Transaction hub.Transaction
	Type        string
	Attribute   string
	Data        string
}

type transaction struct {
	order hub.UploadOrder
	n     int
	parts []string
}

type channel struct {
	Order hub.UploadOrder
	N     int
}

// New returns a bank that behaves.
func New(segmentSize int) *Bank {
	return &Bank{SegmentSize: segmentSize, Behaviour: Honest{}, counts: map[Call]int{}, open: map[string]*transaction{}}
}

// Delivered lists the orders that arrived whole.
func (b *Bank) Delivered() []Delivery {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]Delivery(nil), b.delivered...)
}

// Calls lists what the bank was asked for, for example "initialise" and "segment 2".
func (b *Bank) Calls() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := []string{}
	for _, c := range b.calls {
		text := string(c.Step)
		if c.Number > 0 {
			text = fmt.Sprintf("%s %d", c.Step, c.Number)
		}
		out = append(out, text)
	}
	return out
}

// Forget drops all open transactions, as a bank does after their time, and the list of calls.
func (b *Bank) Forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open, b.calls = map[string]*transaction{}, nil
}

// behave runs do between the two halves of the behaviour.
func (b *Bank) behave(ctx context.Context, step Step, number int, do func() error) error {
	b.mu.Lock()
	c := Call{Step: step, Number: number}
	b.counts[c]++
	c.Attempt = b.counts[Call{Step: step, Number: number}]
	b.calls = append(b.calls, c)
	behaviour := b.Behaviour
	b.mu.Unlock()
	if err := behaviour.Before(ctx, c); err != nil {
		return err
	}
	b.mu.Lock()
	err := do()
	b.mu.Unlock()
	if err != nil {
		return err
	}
	return behaviour.After(ctx, c)
}

// Prepare implements dispatch.Bank: segments of the data as they are, each byte turned over so that nobody takes them for the data.
func (b *Bank) Prepare(ctx context.Context, _ hub.Link, o hub.UploadOrder, data func() (io.ReadCloser, error), spool io.Writer) (hub.Prepared, error) {
	var out hub.Prepared
	err := b.behave(ctx, Prepare, 0, func() error {
		r, err := data()
		if err != nil {
			return err
		}
		raw, err := io.ReadAll(r)
		if err := errors.Join(err, r.Close()); err != nil {
			return err
		}
		if _, err := spool.Write(turn(raw)); err != nil {
			return err
		}
		n := max(1, (len(raw)+b.SegmentSize-1)/b.SegmentSize)
		text, err := json.Marshal(channel{o, n})
		out = hub.Prepared{Segments: n, SegmentSize: b.SegmentSize, Channel: text}
		return err
	})
	return out, err
}

func turn(p []byte) []byte {
	out := make([]byte, len(p))
	for i, c := range p {
		out[i] = ^c
	}
	return out
}

// Initialise implements dispatch.Bank.
func (b *Bank) Initialise(ctx context.Context, _ hub.Link, prepared []byte) (t hub.Transaction, evidence []byte, err error) {
	err = b.behave(ctx, Initialise, 0, func() error {
		var c channel
		if err := json.Unmarshal(prepared, &c); err != nil {
			return err
		}
		b.serial++
		t = hub.Transaction{ID: fmt.Sprintf("T%d", b.serial), OrderID: fmt.Sprintf("A%03d", b.serial)}
		b.open[t.ID] = &transaction{order: c.Order, n: c.N}
		return nil
	})
	return t, []byte("initialised"), err
}

// Transfer implements dispatch.Bank. Segments must come in order; the last may be repeated while it has not been taken. A transaction
// that is complete is forgotten, as EBICS servers do.
func (b *Bank) Transfer(ctx context.Context, _ hub.Link, t hub.Transaction, number int, last bool, segment []byte) ([]byte, error) {
	step := Segment
	if last {
		step = Last
	}
	err := b.behave(ctx, step, number, func() error {
		x, ok := b.open[t.ID]
		switch {
		case !ok:
			return &hub.BankError{Outcome: hub.BankUnknownTransaction, Code: "091101"}
		case number != len(x.parts)+1:
			return &hub.BankError{Outcome: hub.BankResume, Code: "061101", Segment: len(x.parts)}
		case last != (number == x.n), !last && len(segment) != b.SegmentSize:
			return &hub.BankError{Outcome: hub.BankMisconfigured, Code: "091104", Text: "segments do not fit the announcement"}
		}
		x.parts = append(x.parts, string(turn(segment)))
		if last {
			data := ""
			for _, p := range x.parts {
				data += p
			}
			delete(b.open, t.ID)
			b.delivered = append(b.delivered, Delivery{t, x.order.Type, x.order.Attribute, data})
		}
		return nil
	})
	return []byte(fmt.Sprintf("answer to %s %d", step, number)), err
}

// Rewind makes the bank lose the segments of every open transaction after the given number.
func (b *Bank) Rewind(number int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, x := range b.open {
		x.parts = x.parts[:min(number, len(x.parts))]
	}
}
