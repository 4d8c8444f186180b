package dispatch_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"kontor/internal/dispatch/banktest"
	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

func TestQueuedFileIsSentOnce(t *testing.T) {
	for _, tc := range []struct {
		name string
		size int
		want []string
	}{
		{"one segment", 100, []string{"prepare", "initialise", "last 1"}},
		{"one full segment", len(content), []string{"prepare", "initialise", "last 1"}},
		{"three segments", 4, []string{"prepare", "initialise", "segment 1", "segment 2", "last 3"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
				w := newTower(t, f, tc.size, nil)
				f.Must(w.send(t.Context()))
				w.is(hub.StateSent, hub.StepDone, 1)
				if got := w.bank.Calls(); !slices.Equal(got, tc.want) {
					t.Errorf("the bank was asked for %v, want %v", got, tc.want)
				}
				got := w.record()
				if got.Detail.OrderID != "A001" || !got.Uploaded.Equal(f.Now()) {
					t.Errorf("order id %q, uploaded %v", got.Detail.OrderID, got.Uploaded)
				}
				if e := w.events(); e != "send deliver" {
					t.Errorf("events %q", e)
				}
				w.spoolGone(w.journal())
				if want := f.Now().Add(time.Minute); !w.nextProtocol().Equal(want) {
					t.Errorf("the protocol is asked at %v, want %v", w.nextProtocol(), want)
				}
				f.Must(w.send(t.Context())) // a late hint
				w.is(hub.StateSent, hub.StepDone, 1)
			})
		})
	}
}

func TestEvidenceOfTheDeliveryIsTheBanksAnswer(t *testing.T) {
	w := newTower(t, storetest.SQLite(t), 4, nil)
	w.Must(w.send(t.Context()))
	var all []hub.Event
	w.Read(func(tx *store.Tx) (err error) {
		all, err = tx.Events(t.Context(), w.tenant, string(w.file))
		return err
	})
	raw, err := w.Store.ReadBody(t.Context(), w.tenant.Owner(), all[len(all)-1].Evidence, 1000)
	if err != nil || string(raw) != "answer to last 3" {
		t.Errorf("evidence %q (%v)", raw, err)
	}
}

func TestRefusalEndsTheFile(t *testing.T) {
	for _, tc := range []struct {
		name   string
		bank   banktest.Refuses
		events string
	}{
		{"at the beginning", banktest.Refuses{Step: banktest.Initialise, Code: "091005"}, "send fail"},
		{"at a segment", banktest.Refuses{Step: banktest.Segment, Number: 2, Code: "090004"}, "send fail"},
		{"at the last segment", banktest.Refuses{Step: banktest.Last, Code: "091301"}, "send fail"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newTower(t, storetest.SQLite(t), 4, tc.bank)
			w.Must(w.send(t.Context()))
			w.is(hub.StateFailed, hub.StepRefused, 0)
			if got := w.record().Detail; got.ReasonCode != tc.bank.Code || got.Reason != "the bank's reason" {
				t.Errorf("reason %q %q, want the bank's", got.ReasonCode, got.Reason)
			}
			if e := w.events(); e != tc.events {
				t.Errorf("events %q, want %q", e, tc.events)
			}
			w.spoolGone(w.journal())
			w.Must(w.send(t.Context()))
			w.is(hub.StateFailed, hub.StepRefused, 0)
		})
	}
}

// A failure before the last segment was announced proves absence, whatever the bank did or said: the file starts anew, later each time.
func TestFailureBeforeTheLastSegmentStartsAnew(t *testing.T) {
	steps := []banktest.Fails{
		{Step: banktest.Prepare}, {Step: banktest.Initialise}, {Step: banktest.Segment, Number: 1}, {Step: banktest.Segment, Number: 2},
	}
	outcomes := []hub.BankOutcome{
		hub.BankUnreachable, hub.BankSilent, hub.BankBusy, hub.BankMisconfigured, hub.BankKeyChanged, hub.BankUnknownTransaction, hub.BankResume,
	}
	for _, step := range steps {
		for _, outcome := range outcomes {
			t.Run(fmt.Sprintf("%s %d %s", step.Step, step.Number, outcome), func(t *testing.T) {
				step.Times, step.Outcome = 2, outcome
				w := newTower(t, storetest.SQLite(t), 4, step)
				for wait := 30 * time.Second; wait <= time.Minute; wait *= 2 {
					if err := w.send(t.Context()); err == nil {
						t.Fatal("the failure was swallowed")
					}
					if got := w.record().State; got != hub.StateQueued {
						t.Fatalf("file is %s, want queued", got)
					}
					w.Forward(wait - time.Second)
					if got := w.postponed(); got != string(outcome) {
						t.Errorf("back-off of %v is %q, want %s", wait, got, outcome)
					}
					w.Forward(2 * time.Second)
					if got := w.postponed(); got != "" {
						t.Errorf("back-off still runs after %v", wait)
					}
				}
				w.Must(w.send(t.Context()))
				w.is(hub.StateSent, hub.StepDone, 1)
				if e := w.events(); e != "send requeue send requeue send deliver" {
					t.Errorf("events %q", e)
				}
				if got := w.journal().Attempt; step.Step != banktest.Prepare && got != 3 {
					t.Errorf("delivered by attempt %d, want 3", got)
				}
				w.spoolGone(w.journal())
			})
		}
	}
}

func TestContactThatIsNotReadyMakesTheFileWait(t *testing.T) {
	w := newTower(t, storetest.SQLite(t), 4, nil)
	w.NewBank("bank-b")
	fresh := hub.Contact{ID: hub.ContactID(store.NewID()), Owner: hub.Operator, Bank: "bank-b", PartnerID: "P", UserID: "U", State: hub.ContactNew}
	w.Write(func(tx *store.Tx) error { return tx.InsertContact(t.Context(), fresh) })
	w.file = w.NewFile(w.tenant, fresh.ID, hub.StateQueued, 1).ID
	if err := w.send(t.Context()); hub.CodeOf(err) != hub.CodeUnavailable {
		t.Errorf("error %v, want unavailable", err)
	}
	w.is(hub.StateQueued, "", 0)
	if got := w.postponed(); got != string(hub.CodeUnavailable) {
		t.Errorf("back-off %q", got)
	}
	fresh.State = hub.ContactReady
	w.Write(func(tx *store.Tx) error { return tx.AdvanceContact(t.Context(), fresh, hub.ContactNew) })
	w.Must(w.send(t.Context()))
	w.is(hub.StateSent, hub.StepDone, 1)
}

// Whether an order waits for signatures at the bank or is released outside EBICS is agreed for each order type.
func TestTheBanksAttributeOfTheOrderTypeIsSent(t *testing.T) {
	some := hub.Attributes{"CCT": "DZHNN", "CDB": "OZHNN"}
	for _, tc := range []struct {
		orderType, want string
		agreed          hub.Attributes
	}{
		{"CCT", "OZHNN", nil}, {"CDD", "OZHNN", nil}, {"CDB", "OZHNN", nil},
		{"CCT", "DZHNN", some}, {"CDD", "OZHNN", some}, {"CDB", "OZHNN", some},
		{"CDD", "DZHNN", hub.Attributes{"CDD": "DZHNN"}}, {"CDB", "DZHNN", hub.Attributes{"CDB": "DZHNN"}},
	} {
		t.Run(fmt.Sprint(tc.orderType, " where ", tc.agreed), func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
				w := newTower(t, f, 100, nil)
				b := hub.Bank{ID: "bank-b", URL: "https://localhost:1", HostID: "H", Profile: hub.BankProfile{UploadAttributes: tc.agreed}}
				w.Write(func(tx *store.Tx) error { return tx.InsertBank(t.Context(), b) })
				w.file = w.fileOf(tc.orderType, w.NewContact(hub.Operator, "bank-b").ID)
				w.Must(w.send(t.Context()))
				if d := w.bank.Delivered(); len(d) != 1 || d[0].Attribute != tc.want || d[0].Type != tc.orderType {
					t.Errorf("delivered %+v, want %s with %s", d, tc.orderType, tc.want)
				}
				// Without a VEU the bank's next word is its last: nothing but signatures lies between sent and accepted.
				w.transit(hub.Accept())
				if got := w.record().State; got != hub.StateAccepted {
					t.Errorf("file is %s, want accepted", got)
				}
			})
		})
	}
}

// fileOf adds a queued file of an order type.
func (w *tower) fileOf(orderType string, contact hub.ContactID) hub.FileID {
	w.t.Helper()
	ctx := w.t.Context()
	staging, err := w.Store.Stage(ctx, w.tenant.Owner(), store.BodyPaymentFile)
	w.Must(err)
	w.Must(staging.Write(ctx, []byte(content)))
	w.Must(staging.AddPayment(ctx, storetest.Payment(0)))
	w.Must(staging.Close(ctx))
	file := hub.PaymentFile{
		ID: hub.FileID(staging.ID()), Tenant: w.tenant, Contact: contact, Key: "key", State: hub.StateQueued, Format: "pain", OrderType: orderType,
		Count: 1, Currency: "EUR", Created: w.Now(), Updated: w.Now(),
	}
	w.Write(func(tx *store.Tx) error {
		if _, err := staging.Publish(ctx, tx); err != nil {
			return err
		}
		return tx.InsertFile(ctx, file)
	})
	return file.ID
}

func TestFilesThatAreNotToBeSentAreLeftAlone(t *testing.T) {
	for _, state := range hub.States() {
		if state == hub.StateQueued || state == hub.StateSending || state == hub.StateUnclear {
			continue
		}
		t.Run(string(state), func(t *testing.T) {
			w := newTower(t, storetest.SQLite(t), 4, nil)
			w.file = w.NewFile(w.tenant, w.contact.ID, state, 1).ID
			w.Must(w.send(t.Context()))
			w.is(state, "", 0)
			if calls := w.bank.Calls(); len(calls) != 0 {
				t.Errorf("the bank was asked for %v", calls)
			}
		})
	}
}
