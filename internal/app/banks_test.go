package app

import (
	"context"
	"strings"
	"testing"
	"time"

	"kontor/account/directory"
	"kontor/calendar"
	"kontor/internal/hub"
	"kontor/internal/onboard"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// A list that an operator imports on one node is used by all.
func TestEveryNodeFollowsTheBankDirectory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		operator := onboard.New(f.Store, nil)
		node := &banks{store: f.Store}
		if f.Store.Engine() == store.Postgres {
			other, _ := f.Another()
			node.store = other
		}
		version := func() string {
			t.Helper()
			f.Must(node.follow(ctx))
			if node.table() == nil {
				return ""
			}
			return node.table().Version()
		}
		if got := version(); got != "" {
			t.Errorf("before any import: %q", got)
		}
		day := calendar.Date{Year: 2026, Month: 12, Day: 7}
		for _, v := range []string{"first", "second"} {
			_, _, err := operator.ImportBanks(ctx, "operator:eva", v, day, directory.Source{Name: "x", Banks: []directory.Bank{{Country: "DE", Code: "99900100", BIC: "PBNKDEFFXXX"}}})
			f.Must(err)
			if got := version(); got != v {
				t.Errorf("%q, want %q", got, v)
			}
		}
		same := node.table()
		if version(); node.table() != same {
			t.Error("read again without a change")
		}
		f.Must(operator.ClearBanks(ctx, "operator:eva"))
		if got := version(); got != "" {
			t.Errorf("after it was cleared: %q", got)
		}
	})
}

// What cannot be used is told once, and payments go on without it.
func TestAnUnusableBankDirectoryIsToldOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		node := &banks{store: f.Store}
		f.Write(func(tx *store.Tx) error {
			d := hub.BankDirectory{Version: "1", Date: calendar.Date{Year: 2026, Month: 12, Day: 7}}
			return tx.SetBankDirectory(t.Context(), "", &d, []byte("no list\n"))
		})
		if err := node.follow(t.Context()); err == nil || !strings.Contains(err.Error(), "without the bank directory") {
			t.Errorf("first look: %v", err)
		}
		if err := node.follow(t.Context()); err != nil || node.table() != nil {
			t.Errorf("second look: %v, %v", err, node.table())
		}
	})
}

// The sweep of a serving process follows.
func TestTheSweepFollowsTheBankDirectory(t *testing.T) {
	f := storetest.SQLite(t)
	b := newBroom(t, f)
	b.banks = &banks{store: f.Store}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.run(ctx, 5*time.Millisecond, func(err error) { t.Errorf("sweep: %v", err) })
	}()
	defer func() { stop(); <-done }()
	_, _, err := onboard.New(f.Store, nil).ImportBanks(t.Context(), "operator:eva", "1", calendar.Date{Year: 2026, Month: 12, Day: 7},
		directory.Source{Name: "x", Banks: []directory.Bank{{Country: "DE", Code: "99900100"}}})
	f.Must(err)
	tick, late := time.NewTicker(2*time.Millisecond), time.After(20*time.Second)
	defer tick.Stop()
	for b.banks.table() == nil {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("the sweep has not read it")
		}
	}
}
