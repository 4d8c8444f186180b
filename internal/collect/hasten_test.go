package collect

import (
	"testing"
	"time"

	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// Whoever wants a bank asked at once while it is being asked does not know what the answer under way will say: the bank is asked again.
// The end-to-end kill test found that the wish was lost until the next regular poll, hours later.
func TestWishMadeDuringAPollIsNotLost(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		h := newHouse(t, f)
		var wished time.Time
		h.mail.onAsk = func(orderType string) {
			if orderType != "C53" {
				return
			}
			f.Forward(time.Second)
			wished = f.Now()
			f.Write(func(tx *store.Tx) error { return tx.FinishPoll(t.Context(), h.contact.ID, "C53", "", wished) }) // poll now
		}
		f.Must(h.ask())
		if next := h.poll("C53").Next; !next.Equal(wished) {
			t.Errorf("statements are asked for at %s, want %s as wished", next, wished)
		}
		h.mail.onAsk = nil
		f.Must(h.ask())
		if next := h.poll("C53").Next; next.Before(f.Now().Add(time.Hour)) {
			t.Errorf("the wish was fulfilled, yet statements are asked for again at %s", next)
		}
	})
}

// A wish for later than the regular poll does not put it off.
func TestLaterWishDoesNotPutOffTheRegularPoll(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	h.mail.onAsk = func(orderType string) {
		if orderType == "C53" {
			h.Write(func(tx *store.Tx) error {
				return tx.FinishPoll(t.Context(), h.contact.ID, "C53", "", h.Now().Add(30*24*time.Hour))
			})
		}
	}
	h.Must(h.ask())
	if next, limit := h.poll("C53").Next, h.Now().Add(24*time.Hour); next.After(limit) {
		t.Errorf("statements are asked for at %s", next)
	}
}
