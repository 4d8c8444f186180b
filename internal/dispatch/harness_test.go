package dispatch_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"kontor/internal/dispatch"
	"kontor/internal/dispatch/banktest"
	"kontor/internal/hub"
	"kontor/internal/pgtest"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// content is the body of storetest's files: 11 bytes, three segments of 4.
const content = "<Document/>"

// tower is a dispatch over a real store and a bank in memory, with one queued file.
type tower struct {
	*storetest.Fixture
	t       *testing.T
	bank    *banktest.Bank
	tenant  hub.TenantID
	contact hub.Contact
	file    hub.FileID
	sender  *dispatch.Dispatch
}

func newTower(t *testing.T, f *storetest.Fixture, segmentSize int, b banktest.Behaviour) *tower {
	t.Helper()
	w := &tower{Fixture: f, t: t, bank: banktest.New(segmentSize), tenant: f.NewTenant("invented").ID}
	if b != nil {
		w.bank.Behaviour = b
	}
	f.NewBank("bank-a")
	w.contact = f.NewContact(hub.Operator, "bank-a")
	f.Write(func(tx *store.Tx) error {
		return tx.InsertPoll(t.Context(), hub.Poll{Contact: w.contact.ID, OrderType: "HAC", Kind: hub.PollProtocol, Next: f.Now().Add(2 * time.Hour)})
	})
	w.file = f.NewFile(w.tenant, w.contact.ID, hub.StateQueued, 2).ID
	w.sender = w.node("node-1")
	return w
}

func (w *tower) node(name string) *dispatch.Dispatch {
	return dispatch.New(dispatch.Options{Store: w.Store, Bank: w.bank, Node: name})
}

func (w *tower) send(ctx context.Context) error {
	return w.sender.Send(ctx, hub.SendJob{Tenant: w.tenant, File: w.file})
}

func (w *tower) record() hub.PaymentFile {
	w.t.Helper()
	var out hub.PaymentFile
	w.Read(func(tx *store.Tx) (err error) { out, err = tx.File(context.Background(), w.tenant, w.file); return err })
	return out
}

func (w *tower) journal() hub.Sending {
	w.t.Helper()
	var out hub.Sending
	w.Read(func(tx *store.Tx) (err error) {
		out, _, err = tx.LastSending(context.Background(), w.tenant, w.file)
		return err
	})
	return out
}

func (w *tower) events() string {
	w.t.Helper()
	var out []string
	w.Read(func(tx *store.Tx) error {
		all, err := tx.Events(context.Background(), w.tenant, string(w.file))
		for _, e := range all {
			out = append(out, e.Name)
		}
		return err
	})
	return strings.Join(out, " ")
}

// postponed is the code of the file's back-off that still runs, "" if there is none.
func (w *tower) postponed() string {
	w.t.Helper()
	var out string
	w.Read(func(tx *store.Tx) error {
		all, err := tx.Postponed(context.Background())
		out = all[store.FileResource(w.tenant, w.file)].Code
		return err
	})
	return out
}

func (w *tower) nextProtocol() time.Time {
	w.t.Helper()
	var out time.Time
	w.Read(func(tx *store.Tx) error {
		polls, err := tx.Polls(context.Background(), w.contact.ID)
		out = polls[0].Next
		return err
	})
	return out
}

func (w *tower) spoolGone(j hub.Sending) {
	w.t.Helper()
	if _, err := w.Store.OpenBody(context.Background(), w.tenant.Owner(), j.Spool); hub.CodeOf(err) != hub.CodeNotFound {
		w.t.Errorf("the spool of a settled order is still there (%v)", err)
	}
}

// is asserts state, journal step and number of deliveries.
func (w *tower) is(state hub.State, step hub.SendStep, delivered int) {
	w.t.Helper()
	if got := w.record().State; got != state {
		w.t.Errorf("file is %s, want %s", got, state)
	}
	if got := w.journal().Step; got != step {
		w.t.Errorf("journal stands at %q, want %q", got, step)
	}
	all := w.bank.Delivered()
	if len(all) != delivered {
		w.t.Errorf("the bank has the order %d times, want %d", len(all), delivered)
	}
	for _, d := range all {
		if d.Data != content || d.Type != "CCT" || d.Attribute != "OZHNN" {
			w.t.Errorf("delivered %+v", d)
		}
	}
}

// killedAt stops a sender before the given request: what it has in hand then stays as the journal has it.
func (w *tower) killedAt(step banktest.Step, number int) {
	w.t.Helper()
	ctx, kill := context.WithCancel(w.t.Context())
	defer kill()
	before := w.bank.Behaviour
	w.bank.Behaviour = banktest.Calls{Func: func(ctx context.Context, c banktest.Call) error {
		if c.Step == step && (number == 0 || c.Number == number) {
			kill()
		}
		return ctx.Err()
	}}
	if err := w.send(ctx); err == nil {
		w.t.Fatalf("the sender survived %s %d", step, number)
	}
	w.bank.Behaviour = before
}

func (w *tower) transit(t hub.Transition) {
	w.t.Helper()
	w.Write(func(tx *store.Tx) error {
		return tx.Transit(w.t.Context(), w.tenant, w.file, t, store.Change{Actor: "test"})
	})
}
