package collect

import (
	"testing"

	"kontor/internal/hub"
	"kontor/internal/store/storetest"
)

// A delivery that could not be read is listed, shown and tried again on a person's word; then it is split as if it had just come.
func TestDeliveryThatCouldNotBeReadIsTriedAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		h := newHouse(t, f)
		ctx := t.Context()
		text := camtText(statement{ibanA, "EUR", "S"})
		largest := h.o.MaxBytes
		h.o.MaxBytes = 100 // as a smaller version would have it
		if got := h.split(hub.PollStatement, text); got != hub.DownloadUndecoded {
			t.Fatalf("it is %s", got)
		}
		h.split(hub.PollStatement, "PK") // it is split: nothing of it waits
		all, err := Deliveries(ctx, h.Store)
		h.Must(err)
		if len(all) != 1 || all[0].State != hub.DownloadUndecoded || all[0].OrderType != "C53" || h.body(all[0].Owner, all[0].Body) != text {
			t.Fatalf("deliveries %+v", all)
		}
		h.Must(Retry(ctx, h.Store, h.o.Jobs, operator, all[0].ID))
		if got := Retry(ctx, h.Store, h.o.Jobs, operator, all[0].ID); hub.CodeOf(got) != hub.CodeConflict {
			t.Errorf("while it waits to be split it is tried again: %v", got)
		}
		h.splitStored() // nothing has changed
		again, err := Deliveries(ctx, h.Store)
		h.Must(err)
		if len(again) != 1 || again[0].State != hub.DownloadUndecoded {
			t.Fatalf("deliveries %+v", again)
		}
		h.o.MaxBytes = largest
		h.Must(Retry(ctx, h.Store, h.o.Jobs, operator, all[0].ID))
		h.splitStored()
		d := h.documents(h.a)
		if len(d) != 1 || h.body(h.a.Owner(), hub.BodyID(d[0].ID)) != text {
			t.Errorf("documents %+v", d)
		}
		if left, err := Deliveries(ctx, h.Store); len(left) != 0 || err != nil {
			t.Errorf("deliveries %+v, %v", left, err)
		}
		if got := Retry(ctx, h.Store, h.o.Jobs, operator, all[0].ID); hub.CodeOf(got) != hub.CodeNotFound {
			t.Errorf("what is split is tried again: %v", got)
		}
	})
}
